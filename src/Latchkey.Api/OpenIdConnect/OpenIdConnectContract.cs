namespace Latchkey.Api.OpenIdConnect;

/// <summary>What the server and our own clients agree on: the clients' IDs, the scopes, the routes below the server's root.</summary>
public static class OpenIdConnectContract
{
    /// <summary>The Authenticator: public, authorization code with PKCE, redirected to a loopback address on any port.</summary>
    public const string AuthenticatorClientId = "latchkey-authenticator";

    /// <summary>The command line: public, device authorization.</summary>
    public const string CliClientId = "latchkey-cli";

    /// <summary>May read the person's sign-in methods.</summary>
    public const string ReadScope = "UserAuthenticationMethod.Read";

    /// <summary>May register, rename and delete them.</summary>
    public const string ReadWriteScope = "UserAuthenticationMethod.ReadWrite";

    /// <summary>What our clients ask for.</summary>
    public const string Scopes = $"openid profile offline_access {ReadScope} {ReadWriteScope}";

    /// <summary>Path of the loopback redirect.</summary>
    public const string RedirectPath = "/callback";

    /// <summary>The authorization endpoint.</summary>
    public const string AuthorizePath = "connect/authorize";

    /// <summary>The token endpoint.</summary>
    public const string TokenPath = "connect/token";

    /// <summary>The device authorization endpoint.</summary>
    public const string DevicePath = "connect/device";
}
