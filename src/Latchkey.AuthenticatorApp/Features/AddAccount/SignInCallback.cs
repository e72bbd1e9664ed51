using Latchkey.Api.OpenIdConnect;
using Latchkey.AuthenticatorApp.Device;
using Latchkey.AuthenticatorApp.Device.Platforms;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Latchkey.AuthenticatorApp.Features.AddAccount;

/// <summary>Where the system's browser comes back to after a sign-in: the one door without the cookie, proved by the state.</summary>
internal static class SignInCallback
{
    public static void MapSignInCallback(this IEndpointRouteBuilder app) =>
        app.MapGet(OpenIdConnectContract.RedirectPath, (string? state, string? code, string? error, AddAccountFlow flow, IDevicePlatform platform, AppWindow window) =>
        {
            var expected = flow.Return(state, code, error);
            // On a phone the browser gives way to the app that sent it.
            if (expected && platform.HasSystemSettings)
            {
                window.Show();
            }

            return new RazorComponentResult<SignInCallbackPage>(new { Expected = expected, SignedIn = expected && code is not null })
            {
                StatusCode = expected ? StatusCodes.Status200OK : StatusCodes.Status400BadRequest,
            };
        });
}
