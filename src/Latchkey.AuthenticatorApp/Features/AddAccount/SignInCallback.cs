using Latchkey.Api.OpenIdConnect;
using Latchkey.AuthenticatorApp.Device;
using Latchkey.AuthenticatorApp.Device.Platforms;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Latchkey.AuthenticatorApp.Features.AddAccount;

/// <summary>Where the system's browser comes back to after a sign-in: the one door that asks for no window's proof, but for the state.</summary>
internal static class SignInCallback
{
    public static void MapSignInCallback(this IEndpointRouteBuilder app) =>
        app.MapGet(OpenIdConnectContract.RedirectPath, (string? state, string? code, string? error, HttpContext http, AddAccountFlow flow, IDevicePlatform platform, AppWindow window, LoopbackGuard guard) =>
        {
            var expected = flow.Return(state, code, error);
            // On a phone the browser gives way to the app that sent it.
            if (expected && platform.HasSystemSettings)
            {
                window.Show();
            }

            return new RazorComponentResult<SignInCallbackPage>(new
            {
                Expected = expected,
                SignedIn = expected && code is not null,
                // Whoever knows the state was sent here by a window of this app, and is the same person.
                Back = expected && !platform.HasSystemSettings && guard.IsOurs(http.Connection) ? window.NewAddress("/add") : null,
            })
            {
                StatusCode = expected ? StatusCodes.Status200OK : StatusCodes.Status400BadRequest,
            };
        });
}
