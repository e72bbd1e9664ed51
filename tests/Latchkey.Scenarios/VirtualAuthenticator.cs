using Microsoft.Playwright;

namespace Latchkey.Scenarios;

/// <summary>
/// Chromium's virtual authenticator: a passkey provider inside the browser whose person says yes.
/// <see href="https://chromedevtools.github.io/devtools-protocol/tot/WebAuthn/"/>
/// </summary>
internal sealed class VirtualAuthenticator
{
    private readonly ICDPSession _session;
    private readonly string _id;

    private VirtualAuthenticator(ICDPSession session, string id) => (_session, _id) = (session, id);

    public static async Task<VirtualAuthenticator> AddAsync(IPage page, string transport = "internal", bool verifiesUser = true, bool personIsThere = true)
    {
        var session = await page.Context.NewCDPSessionAsync(page);
        await session.SendAsync("WebAuthn.enable");
        var added = await session.SendAsync("WebAuthn.addVirtualAuthenticator", new()
        {
            ["options"] = new Dictionary<string, object>(StringComparer.Ordinal)
            {
                ["protocol"] = "ctap2",
                ["transport"] = transport,
                ["hasResidentKey"] = true,
                ["hasUserVerification"] = true,
                ["isUserVerified"] = verifiesUser,
                ["automaticPresenceSimulation"] = personIsThere,
            },
        });
        return new(session, added!.Value.GetProperty("authenticatorId").GetString()!);
    }

    /// <summary>Gives another tab's authenticator what this one holds: Chromium has one for each tab, a device has one for all.</summary>
    public async Task CopyToAsync(VirtualAuthenticator other)
    {
        var answer = await _session.SendAsync("WebAuthn.getCredentials", new() { ["authenticatorId"] = _id });
        foreach (var credential in answer!.Value.GetProperty("credentials").EnumerateArray())
        {
            await other._session.SendAsync("WebAuthn.addCredential", new() { ["authenticatorId"] = other._id, ["credential"] = credential });
        }
    }

    /// <summary>The IDs of the passkeys it holds.</summary>
    public async Task<IReadOnlyList<string>> CredentialsAsync()
    {
        var answer = await _session.SendAsync("WebAuthn.getCredentials", new() { ["authenticatorId"] = _id });
        return [.. answer!.Value.GetProperty("credentials").EnumerateArray().Select(credential => credential.GetProperty("credentialId").GetString()!)];
    }
}
