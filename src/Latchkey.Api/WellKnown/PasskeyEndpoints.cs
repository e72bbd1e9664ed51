namespace Latchkey.Api.WellKnown;

/// <summary>
/// Where a relying party's people manage passkeys: <c>GET /.well-known/passkey-endpoints</c>.
/// <see href="https://www.w3.org/TR/passkey-endpoints/"/>
/// </summary>
/// <param name="Enroll">Where to make a passkey.</param>
/// <param name="Manage">Where to see and delete passkeys.</param>
/// <param name="Latchkey">Ours: present when the relying party runs Latchkey.</param>
public sealed record PasskeyEndpoints(Uri Enroll, Uri Manage, LatchkeyEndpoints? Latchkey);

/// <summary>Where a Latchkey server's API stands.</summary>
/// <param name="Api">The server's root, on the RP ID's registrable domain.</param>
public sealed record LatchkeyEndpoints(Uri Api);

/// <summary>Reads a server's passkey endpoints.</summary>
/// <param name="http">Base address: the server's root; no authorization.</param>
public sealed class PasskeyEndpointsClient(HttpClient http)
{
    /// <summary>The route, below the server's root.</summary>
    public const string Path = ".well-known/passkey-endpoints";

    /// <summary>Reads them.</summary>
    /// <exception cref="ApiException">There are none, or no answer.</exception>
    public Task<PasskeyEndpoints> GetAsync(CancellationToken cancellationToken) =>
        ApiJson.SendAsync(http, new(HttpMethod.Get, Path), ApiJson.Default.PasskeyEndpoints, cancellationToken);
}
