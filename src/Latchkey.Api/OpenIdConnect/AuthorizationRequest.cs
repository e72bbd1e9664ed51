using System.Security.Cryptography;
using System.Text;
using Latchkey.Protocol;

namespace Latchkey.Api.OpenIdConnect;

/// <summary>
/// One try to sign in through the system's browser: authorization code with PKCE, redirected to a loopback address.
/// <see href="https://www.rfc-editor.org/rfc/rfc8252"/>
/// </summary>
public sealed class AuthorizationRequest
{
    private AuthorizationRequest(Uri address, Uri redirect, string state, string verifier)
    {
        Address = address;
        Redirect = redirect;
        State = state;
        Verifier = verifier;
    }

    /// <summary>What the browser opens.</summary>
    public Uri Address { get; }

    /// <summary>Where the browser comes back to.</summary>
    public Uri Redirect { get; }

    /// <summary>What comes back unchanged; an answer without it belongs to somebody else.</summary>
    public string State { get; }

    internal string Verifier { get; }

    /// <summary>Makes a request with a fresh state and verifier.</summary>
    /// <param name="server">The server's root.</param>
    /// <param name="redirect">A loopback address whose path is <see cref="OpenIdConnectContract.RedirectPath"/>.</param>
    /// <param name="loginHint">The name to fill in, if it is known.</param>
    /// <param name="maxAge">How fresh the second factor must be; null leaves it to the server.</param>
    /// <param name="device">What this device is called; null leaves it to the server.</param>
    public static AuthorizationRequest Create(Uri server, Uri redirect, string? loginHint = null, TimeSpan? maxAge = null, string? device = null)
    {
        var state = ByteString.Random(16).ToBase64Url();
        var verifier = ByteString.Random(32).ToBase64Url();
        var query = new StringBuilder();
        Append("client_id", OpenIdConnectContract.AuthenticatorClientId);
        Append("response_type", "code");
        Append("redirect_uri", redirect.AbsoluteUri);
        Append("scope", OpenIdConnectContract.Scopes);
        Append("state", state);
        Append("code_challenge", Base64Url.Encode(SHA256.HashData(Encoding.ASCII.GetBytes(verifier))));
        Append("code_challenge_method", "S256");
        Append("login_hint", loginHint);
        Append(OpenIdConnectContract.DeviceNameParameter, device);
        Append("max_age", maxAge is { } age ? ((int)age.TotalSeconds).ToString(System.Globalization.CultureInfo.InvariantCulture) : null);
        return new(new Uri(server, $"{OpenIdConnectContract.AuthorizePath}?{query}"), redirect, state, verifier);

        void Append(string name, string? value)
        {
            if (value is not null)
            {
                query.Append(query.Length == 0 ? "" : "&").Append(name).Append('=').Append(Uri.EscapeDataString(value));
            }
        }
    }
}
