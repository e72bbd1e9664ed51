using Latchkey.Api.OpenIdConnect;
using OpenIddict.Abstractions;
using static OpenIddict.Abstractions.OpenIddictConstants;

namespace Latchkey.Server.Features.OpenIdConnect;

/// <summary>The programs that come with the server. Both are public: they run on people's machines and can keep no secret.</summary>
public static class OpenIdClients
{
    public const string Authenticator = "latchkey-authenticator", CommandLine = "latchkey-cli";

    public static async Task RegisterAsync(IServiceProvider services)
    {
        var applications = services.GetRequiredService<IOpenIddictApplicationManager>();
        await RegisterAsync(applications, new OpenIddictApplicationDescriptor
        {
            ClientId = Authenticator,
            ClientType = ClientTypes.Public,
            ApplicationType = ApplicationTypes.Native,
            ConsentType = ConsentTypes.Explicit,
            DisplayName = "Latchkey Authenticator",
            // A native program's loopback redirect may come on any port (RFC 8252 §7.3).
            RedirectUris = { new Uri("http://127.0.0.1/callback") },
            Permissions =
            {
                Permissions.Endpoints.Authorization, Permissions.Endpoints.Token, Permissions.Endpoints.Revocation,
                Permissions.GrantTypes.AuthorizationCode, Permissions.GrantTypes.RefreshToken, Permissions.ResponseTypes.Code,
                Permissions.Scopes.Profile,
                Permissions.Prefixes.Scope + OpenIdConnectFeature.ReadMethods, Permissions.Prefixes.Scope + OpenIdConnectFeature.WriteMethods,
            },
            Requirements = { Requirements.Features.ProofKeyForCodeExchange },
        });
        await RegisterAsync(applications, new OpenIddictApplicationDescriptor
        {
            ClientId = CommandLine,
            ClientType = ClientTypes.Public,
            ApplicationType = ApplicationTypes.Native,
            ConsentType = ConsentTypes.Explicit,
            DisplayName = "Latchkey command line",
            Permissions =
            {
                Permissions.Endpoints.DeviceAuthorization, Permissions.Endpoints.Token, Permissions.Endpoints.Revocation,
                Permissions.GrantTypes.DeviceCode, Permissions.GrantTypes.RefreshToken,
                Permissions.Prefixes.GrantType + OpenIdConnectContract.PasskeyGrantType,
                Permissions.Scopes.Profile,
                Permissions.Prefixes.Scope + OpenIdConnectFeature.ReadMethods, Permissions.Prefixes.Scope + OpenIdConnectFeature.WriteMethods,
            },
        });
    }

    private static async Task RegisterAsync(IOpenIddictApplicationManager applications, OpenIddictApplicationDescriptor descriptor)
    {
        if (await applications.FindByClientIdAsync(descriptor.ClientId!) is { } existing)
        {
            await applications.UpdateAsync(existing, descriptor);
        }
        else
        {
            await applications.CreateAsync(descriptor);
        }
    }
}
