using Latchkey.Server.Hosting;
using Latchkey.Server.Storage;
using OpenIddict.Abstractions;
using OpenIddict.Validation;
using static OpenIddict.Validation.OpenIddictValidationEvents;

namespace Latchkey.Server.Features.OpenIdConnect;

/// <summary>An access token is worth what its session is: an ended session refuses it at once.</summary>
internal sealed class LiveSessionHandler(IHttpContextAccessor http, SessionStore sessions) : IOpenIddictValidationHandler<ProcessAuthenticationContext>
{
    public static OpenIddictValidationHandlerDescriptor Descriptor { get; } =
        OpenIddictValidationHandlerDescriptor.CreateBuilder<ProcessAuthenticationContext>()
            .UseScopedHandler<LiveSessionHandler>()
            .SetOrder(int.MaxValue - 1_000) // after every check of the token itself
            .SetType(OpenIddictValidationHandlerType.Custom)
            .Build();

    public async ValueTask HandleAsync(ProcessAuthenticationContext context)
    {
        if (context.AccessTokenPrincipal is not { } principal || http.HttpContext is not { } request)
        {
            return;
        }

        var signedIn = Guid.TryParse(principal.GetClaim(SessionCookie.SessionIdClaim), out var id) ? await sessions.FindAsync(id, request.RequestAborted) : null;
        if (signedIn is null)
        {
            context.Reject(OpenIddictConstants.Errors.InvalidToken, OpenIdConnectTexts.SessionEnded);
            return;
        }

        request.Features.Set(signedIn);
    }
}
