using System.Net;
using Latchkey.Api;
using Latchkey.Api.WellKnown;
using Latchkey.Authenticator;
using Latchkey.Authenticator.Vault;
using Latchkey.Client;
using Latchkey.Protocol.Ctap;
using Latchkey.Protocol.WebAuthn;
using Latchkey.Protocol;

namespace Latchkey.Accounts;

/// <summary>Where a passkey stands that a client other than ours asked for; one of the types below.</summary>
public abstract record DeliveryOutcome
{
    private DeliveryOutcome()
    {
    }

    /// <summary>Its relying party is none of ours: that the answer was delivered is all that will ever be known.</summary>
    public sealed record Foreign : DeliveryOutcome;

    /// <summary>A server of ours keeps it.</summary>
    /// <param name="Server">Which one.</param>
    public sealed record Registered(Uri Server) : DeliveryOutcome;

    /// <summary>It can be used, and nobody has said yet that it is kept: asked again at each start.</summary>
    public sealed record Open : DeliveryOutcome;
}

/// <summary>
/// What becomes of a passkey made for a client that is not ours: a browser on another machine, or on this one. A foreign relying party's
/// passkey is confirmed by its delivery; a server of ours is asked, by the passkey itself, until it says that it keeps it.
/// </summary>
/// <param name="vault">Where the key is kept.</param>
/// <param name="accounts">The accounts: their servers are ours.</param>
/// <param name="reconciliation">Asks.</param>
/// <param name="time">The clock.</param>
public sealed class PasskeyDelivery(FileCredentialStore vault, AccountBook accounts, Reconciliation reconciliation, TimeProvider time)
{
    /// <summary>How long after the delivery a server is asked: soon enough to be seen, late enough for a slow page.</summary>
    public static readonly IReadOnlyList<TimeSpan> AskedAfter = [TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(60)];

    // A stranger's server: it gets little time and little room.
    private static readonly TimeSpan StrangersTime = TimeSpan.FromSeconds(5);
    private const int StrangersBytes = 16 * 1024;

    /// <summary>The answer left this device, or could not.</summary>
    /// <param name="created">The answer.</param>
    /// <param name="written">Whether the client has it.</param>
    public Task WrittenAsync(MakeCredentialResponse created, bool written) => WrittenAsync(IdOf(created), written);

    /// <summary>The answer left this device, or could not.</summary>
    /// <param name="id">The passkey it brings.</param>
    /// <param name="written">Whether the client has it.</param>
    public Task WrittenAsync(CredentialId id, bool written) =>
        written ? vault.DeliverAsync(id, CancellationToken.None) : vault.RollBackAsync(id, CancellationToken.None);

    /// <summary>The passkey an answer brings.</summary>
    public static CredentialId IdOf(MakeCredentialResponse created) =>
        AuthenticatorData.Parse(created.AuthData).AttestedCredentialData?.CredentialId ?? throw new ArgumentException("The answer brings no passkey.", nameof(created));

    /// <summary>Called after a delivery: finds out whose the passkey is and, if it is ours, whether the server keeps it; 2, 10 and 60 seconds later, until one says so.</summary>
    /// <param name="id">The passkey.</param>
    /// <param name="cancellationToken">Stops asking; the next start goes on.</param>
    public async Task<DeliveryOutcome> SettleAsync(CredentialId id, CancellationToken cancellationToken)
    {
        var delivered = time.GetTimestamp();
        foreach (var after in AskedAfter)
        {
            var rest = after - time.GetElapsedTime(delivered);
            if (rest > TimeSpan.Zero) await Task.Delay(rest, time, cancellationToken);
            if (await SettleOnceAsync(id, cancellationToken) is not DeliveryOutcome.Open and var settled) return settled;
        }

        return new DeliveryOutcome.Open();
    }

    /// <summary>At each start: asks about every passkey that no account answers for and that is only delivered, or that a server of ours said it keeps.</summary>
    public async Task SettleAllAsync(CancellationToken cancellationToken)
    {
        foreach (var credential in vault.Credentials.Where(credential => credential is { State: CredentialState.Delivered, AccountId: null }).ToList())
        {
            await SettleOnceAsync(credential.Id, cancellationToken);
        }

        foreach (var credential in vault.Credentials.Where(credential => credential is { State: CredentialState.Confirmed, AccountId: null, Server: not null }).ToList())
        {
            await reconciliation.AskAboutAsync(credential.Server!, credential, cancellationToken);
        }
    }

    private async Task<DeliveryOutcome> SettleOnceAsync(CredentialId id, CancellationToken cancellationToken)
    {
        if (vault.Contents.Find(id) is not { State: CredentialState.Delivered } credential) return new DeliveryOutcome.Open();

        // Ours are the servers we are signed in to …
        foreach (var server in accounts.All.Select(account => account.Server).Distinct().Where(server => IsAt(credential.RpId, server)).ToList())
        {
            if (await AskAsync(server, credential, cancellationToken) is { } outcome) return outcome;
        }

        // … and whoever says so of itself, on the RP ID's own host.
        var (heard, api) = await SelfDescribedAsync(credential.RpId, cancellationToken);
        if (!heard) return new DeliveryOutcome.Open();
        if (api is not null && await AskAsync(api, credential, cancellationToken) is { } theirs) return theirs;

        await vault.ConfirmAsync(id, CancellationToken.None);
        return new DeliveryOutcome.Foreign();
    }

    /// <summary>Null when the server has no word in it.</summary>
    private async Task<DeliveryOutcome?> AskAsync(Uri server, PublicKeyCredentialSource credential, CancellationToken cancellationToken) =>
        await reconciliation.AskAboutAsync(server, credential, cancellationToken) switch
        {
            PasskeyAnswer.Known => new DeliveryOutcome.Registered(server),
            PasskeyAnswer.NotItsOwn => null,
            _ => new DeliveryOutcome.Open(),
        };

    /// <summary>The API of a relying party that runs Latchkey and says so; whether anything at all could be heard.</summary>
    private async Task<(bool Heard, Uri? Api)> SelfDescribedAsync(string rpId, CancellationToken cancellationToken)
    {
        if (!IsPublicName(rpId)) return (true, null);
        try
        {
            using var http = accounts.ConnectAnonymously(new($"https://{rpId}/"));
            http.Timeout = StrangersTime;
            http.MaxResponseContentBufferSize = StrangersBytes;
            var endpoints = await new PasskeyEndpointsClient(http).GetAsync(cancellationToken);
            return (true, endpoints.Latchkey?.Api is { IsAbsoluteUri: true } api && api.Scheme == Uri.UriSchemeHttps && IsAt(rpId, api)
                ? new(api.GetLeftPart(UriPartial.Authority) + "/")
                : null);
        }
        catch (ApiException e)
        {
            // Any answer but a busy or a broken server's says that there is nothing of ours; so does one that is far too long.
            var busy = e.Status is { } status ? (int)status >= 500 || status is HttpStatusCode.RequestTimeout or HttpStatusCode.TooManyRequests
                : e.InnerException is not HttpRequestException { HttpRequestError: HttpRequestError.ConfigurationLimitExceeded };
            return (!busy, null);
        }
    }

    private static bool IsAt(string rpId, Uri server) => RpIdValidation.IsRegistrableDomainSuffixOfOrEqualTo(rpId, server.AsciiHost());

    /// <summary>A name of the public net: no address, nothing of this machine.</summary>
    private static bool IsPublicName(string rpId) =>
        Uri.CheckHostName(rpId) == UriHostNameType.Dns && rpId.Contains('.', StringComparison.Ordinal)
        && !IPAddress.TryParse(rpId, out _) && !rpId.EndsWith(".localhost", StringComparison.Ordinal);
}
