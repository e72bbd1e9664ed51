using Latchkey.Server.Hosting;
using Latchkey.Server.Storage;
using OpenIddict.Abstractions;
using OpenIddict.Server;
using static OpenIddict.Server.OpenIddictServerEvents;

namespace Latchkey.Server.Features.OpenIdConnect;

/// <summary>
/// A program gives its refresh token back: it signs out. Its session ends, and with it the access tokens.
/// <see href="https://www.rfc-editor.org/rfc/rfc7009#section-2.1"/>
/// </summary>
internal sealed class RevocationHandler(SessionStore sessions, LatchkeyDb db, AuditLog audit) : IOpenIddictServerHandler<HandleRevocationRequestContext>
{
    public static OpenIddictServerHandlerDescriptor Descriptor { get; } =
        OpenIddictServerHandlerDescriptor.CreateBuilder<HandleRevocationRequestContext>()
            .UseScopedHandler<RevocationHandler>()
            .SetOrder(OpenIddictServerHandlers.Revocation.RevokeToken.Descriptor.Order - 1) // its principal is known, its own row not changed yet
            .SetType(OpenIddictServerHandlerType.Custom)
            .Build();

    public async ValueTask HandleAsync(HandleRevocationRequestContext context)
    {
        if (context.GenericTokenPrincipal is not { } principal || !principal.HasTokenType(OpenIddictConstants.TokenTypeIdentifiers.RefreshToken)
            || !Guid.TryParse(principal.GetClaim(SessionCookie.SessionIdClaim), out var id)
            || await sessions.FindAsync(id, context.CancellationToken) is not { } signedIn)
        {
            return;
        }

        await sessions.EndAsync(id, context.CancellationToken);
        audit.Add("session.ended", signedIn.User.Id);
        await db.SaveChangesAsync(context.CancellationToken);
    }
}
