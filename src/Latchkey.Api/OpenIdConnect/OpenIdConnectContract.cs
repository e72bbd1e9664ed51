namespace Latchkey.Api.OpenIdConnect;

/// <summary>What the server and our own clients agree on: the clients' IDs, the scopes, the routes below the server's root.</summary>
public static class OpenIdConnectContract
{
    /// <summary>The Authenticator: public, authorization code with PKCE, redirected to a loopback address on any port.</summary>
    public const string AuthenticatorClientId = "latchkey-authenticator";

    /// <summary>The command line: public, device authorization or a passkey.</summary>
    public const string CliClientId = "latchkey-cli";

    /// <summary>
    /// The grant that trades a passkey's answer for tokens, without a browser (RFC 6749 §4.5); for <see cref="CliClientId"/> alone. The answer, in WebAuthn's
    /// JSON, is the parameter <c>assertion</c>.
    /// </summary>
    public const string PasskeyGrantType = "urn:latchkey:params:oauth:grant-type:passkey";

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

    /// <summary>Parameter of an authorization request: what the program calls its device, for the person's list of sessions.</summary>
    public const string DeviceNameParameter = "device_name";

    /// <summary>The token revocation endpoint (RFC 7009): a refresh token's end is its session's.</summary>
    public const string RevocationPath = "connect/revoke";

    /// <summary>The token endpoint.</summary>
    public const string TokenPath = "connect/token";

    /// <summary>The device authorization endpoint.</summary>
    public const string DevicePath = "connect/device";
}
