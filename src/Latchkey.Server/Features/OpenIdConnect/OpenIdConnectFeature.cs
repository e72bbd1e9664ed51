using Latchkey.Api.OpenIdConnect;
using Latchkey.Api.Passkeys;
using Latchkey.Server.Hosting;
using Latchkey.Server.Shell;
using Latchkey.Server.Storage;
using Microsoft.AspNetCore.Authorization;
using OpenIddict.Abstractions;
using OpenIddict.Validation.AspNetCore;
using static OpenIddict.Abstractions.OpenIddictConstants;

namespace Latchkey.Server.Features.OpenIdConnect;

/// <summary>Front door: OpenID Connect and OAuth for the Authenticator, the command line, and later other programs.</summary>
public static class OpenIdConnectFeature
{
    public const string ReadMethods = OpenIdConnectContract.ReadScope, WriteMethods = OpenIdConnectContract.ReadWriteScope;

    public static void MapOpenIdConnect(this IEndpointRouteBuilder app)
    {
        app.MapMethods("/connect/authorize", ["GET", "POST"], AuthorizeEndpoint.HandleAsync);
        app.MapPost("/connect/token", TokenEndpoint.HandleAsync);
        app.MapPost("/" + PasskeySignInClient.Path + "/options", PasskeyGrant.BeginAsync);
        app.MapGet("/connect/verify", DeviceEndpoint.ShowAsync);
        app.MapPost("/connect/verify", DeviceEndpoint.DecideAsync).RequireAuthorization().ValidateAntiforgery();
        app.MapMethods("/connect/userinfo", ["GET", "POST"], UserInfoEndpoint.HandleAsync).RequireAuthorization(Bearer());
        app.MapMethods("/connect/logout", ["GET", "POST"], EndSessionEndpoint.HandleAsync);
    }

    /// <summary>An access token of this server whose session has not ended, with all the given scopes.</summary>
    public static AuthorizationPolicy Bearer(params string[] anyOf) =>
        new AuthorizationPolicyBuilder(OpenIddictValidationAspNetCoreDefaults.AuthenticationScheme)
            .RequireAuthenticatedUser()
            .RequireAssertion(context => anyOf.Length == 0 || anyOf.Any(context.User.HasScope))
            .Build();

    public static void AddOpenIdConnect(this IServiceCollection services, ServerOptions options, ServerKeys keys) =>
        services.AddScoped<AuthorizeFlow>().AddScoped<PasskeyGrant>().AddOpenIddict()
            .AddCore(core => core.UseEntityFrameworkCore().UseDbContext<LatchkeyDb>())
            .AddServer(server =>
            {
                server.SetIssuer(options.Origin)
                    .SetAuthorizationEndpointUris("connect/authorize")
                    .SetTokenEndpointUris("connect/token")
                    .SetDeviceAuthorizationEndpointUris("connect/device")
                    .SetEndUserVerificationEndpointUris("connect/verify")
                    .SetUserInfoEndpointUris("connect/userinfo")
                    .SetRevocationEndpointUris("connect/revoke")
                    .SetEndSessionEndpointUris("connect/logout");
                server.AllowAuthorizationCodeFlow().RequireProofKeyForCodeExchange().AllowRefreshTokenFlow().AllowDeviceAuthorizationFlow()
                    .AllowCustomFlow(OpenIdConnectContract.PasskeyGrantType);
                // plain proves nothing to whoever reads the request (RFC 9700 §2.1.1).
                server.Configure(served => served.CodeChallengeMethods.Remove(CodeChallengeMethods.Plain));
                server.AddEventHandler(TokenInParameters.Descriptor);
                server.RegisterScopes(Scopes.OpenId, Scopes.Profile, Scopes.OfflineAccess, ReadMethods, WriteMethods);
                server.RegisterClaims(Claims.Subject, Claims.AuthenticationMethodReference, Claims.AuthenticationTime, Claims.Name, Claims.PreferredUsername);
                // The current ones come first and are used; the others check and open.
                foreach (var signing in keys.TokenSigning) server.AddSigningKey(signing);
                foreach (var encryption in keys.TokenEncryption) server.AddEncryptionKey(encryption);
                // An app killed between a refresh and writing down its answer tries once more with the old token.
                server.SetAccessTokenLifetime(TimeSpan.FromMinutes(30)).SetRefreshTokenLifetime(TimeSpan.FromDays(90)).SetRefreshTokenReuseLeeway(TimeSpan.FromSeconds(30));
                server.SetUserCodeCharset([.. "BCDFGHJKLMNPQRSTVWXZ".Select(letter => letter.ToString())]).SetUserCodeLength(8).SetUserCodeDisplayFormat("{0}{1}{2}{3}-{4}{5}{6}{7}");
                server.AddEventHandler(RevocationHandler.Descriptor);
                var host = server.UseAspNetCore()
                    .EnableAuthorizationEndpointPassthrough()
                    .EnableTokenEndpointPassthrough()
                    .EnableEndUserVerificationEndpointPassthrough()
                    .EnableUserInfoEndpointPassthrough()
                    .EnableEndSessionEndpointPassthrough();
                if (!options.IsHttps)
                {
                    host.DisableTransportSecurityRequirement(); // http://localhost: a secure context of its own
                }
            })
            .AddValidation(validation =>
            {
                validation.UseLocalServer();
                // Addresses stand in logs and histories: a token in one opens nothing, nor one in a form (RFC 9700 §4.3.2).
                validation.UseAspNetCore().DisableAccessTokenExtractionFromQueryString().DisableAccessTokenExtractionFromBodyForm();
                // A token that was revoked is over at once, not when it expires.
                validation.EnableTokenEntryValidation();
                validation.EnableAuthorizationEntryValidation();
                validation.AddEventHandler(LiveSessionHandler.Descriptor);
            });
}
