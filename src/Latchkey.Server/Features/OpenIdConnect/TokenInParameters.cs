using OpenIddict.Server;
using OpenIddict.Server.AspNetCore;
using static OpenIddict.Abstractions.OpenIddictConstants;
using static OpenIddict.Server.OpenIddictServerEvents;

namespace Latchkey.Server.Features.OpenIdConnect;

/// <summary>Refuses an access token that comes to the user info endpoint as a parameter, before the one in the header is looked at.</summary>
internal sealed class TokenInParameters : IOpenIddictServerHandler<ExtractUserInfoRequestContext>
{
    public static OpenIddictServerHandlerDescriptor Descriptor { get; } = OpenIddictServerHandlerDescriptor.CreateBuilder<ExtractUserInfoRequestContext>()
        .UseSingletonHandler<TokenInParameters>()
        .SetOrder(OpenIddictServerAspNetCoreHandlers.ExtractAccessToken<ExtractUserInfoRequestContext>.Descriptor.Order - 500)
        .SetType(OpenIddictServerHandlerType.Custom)
        .Build();

    public ValueTask HandleAsync(ExtractUserInfoRequestContext context)
    {
        if (context.Request?.AccessToken is not null)
        {
            context.Reject(Errors.InvalidRequest, "The access token belongs in the Authorization header.");
        }

        return ValueTask.CompletedTask;
    }
}
