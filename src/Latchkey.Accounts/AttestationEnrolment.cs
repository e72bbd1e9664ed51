using System.Collections.Concurrent;
using Latchkey.Api;
using Latchkey.Api.AttestationCertificates;
using Latchkey.Authenticator;
using Latchkey.Authenticator.Vault;
using Latchkey.Client;
using Latchkey.Protocol;
using Latchkey.Protocol.WebAuthn;

namespace Latchkey.Accounts;

/// <summary>
/// Has the accounts' servers vouch for this Authenticator: an attestation key for each account, certified by its server's authority. Looked
/// after at sign-in and right before a passkey is made, whoever asks for it. Whatever keeps a server from it keeps nobody from a passkey: the
/// server says itself whether it takes one without.
/// </summary>
/// <param name="accounts">The accounts, each with its certificate.</param>
/// <param name="model">The model this Authenticator says it is of.</param>
/// <param name="time">The clock.</param>
public sealed class AttestationEnrolment(AccountBook accounts, Aaguid model, TimeProvider time) : IAttestationKeys, IDisposable
{
    /// <summary>How long before its end a certificate is renewed.</summary>
    public static readonly TimeSpan RenewedBefore = TimeSpan.FromDays(30);

    /// <summary>How long a passkey waits for it; what comes later is there for the next one.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private readonly AccountTurns _enrolling = new();
    private readonly ConcurrentDictionary<string, ApiException> _problems = new(StringComparer.Ordinal);

    /// <summary>What kept an account's server from vouching for this Authenticator, the last time it was asked; null when it did.</summary>
    public ApiException? ProblemOf(VaultAccount account) => _problems.GetValueOrDefault(account.Id);

    /// <inheritdoc/>
    public async Task<AttestationKey?> FindAsync(string rpId, UserHandle user, CancellationToken cancellationToken)
    {
        foreach (var account in accounts.All.Where(account => IsAt(rpId, account.Server) && (account.Attestation is not { } known || (known.RpId == rpId && known.User == user))).ToList())
        {
            await EnsureAsync(account, cancellationToken);
            if (accounts.Find(account.Id)?.Attestation is { } key && key.RpId == rpId && key.User == user && key.NotAfter > time.GetUtcNow())
            {
                return key;
            }
        }

        return null;
    }

    /// <summary>Sees that an account has a certificate its server stands for, if the server can be asked in time.</summary>
    public async Task EnsureAsync(VaultAccount account, CancellationToken cancellationToken)
    {
        try
        {
            // Not cancelled with the one who waits: a refresh token on its way would be lost.
            await EnrolAsync(account.Id).WaitAsync(Patience, time, cancellationToken);
        }
        catch (TimeoutException e)
        {
            _problems[account.Id] = new("The server did not answer in time.", e);
        }
    }

    /// <summary>At a start: renews a certificate that ends soon, while its key can still ask for it.</summary>
    public Task RenewAsync(VaultAccount account, CancellationToken cancellationToken) =>
        account.Attestation is { } key && IsDue(key) ? EnsureAsync(account, cancellationToken) : Task.CompletedTask;

    /// <summary>Frees the guards.</summary>
    public void Dispose() => _enrolling.Dispose();

    private async Task EnrolAsync(string id)
    {
        try
        {
            await _enrolling.TakeAsync(id, async () =>
            {
                if (accounts.Find(id) is { } account) await EnrolAsync(account);
                return _problems.TryRemove(id, out _);
            });
        }
        catch (ApiException e)
        {
            _problems[id] = e;
        }
        catch (ObjectDisposedException)
        {
            // The vault was locked meanwhile.
        }
    }

    private async Task EnrolAsync(VaultAccount account)
    {
        using var http = await accounts.ConnectAsync(account, CancellationToken.None);
        var client = new AttestationCertificatesClient(http);
        var known = account.Attestation;
        if (known is not null && !await client.IsValidAsync(known.Id, CancellationToken.None))
        {
            await KeepAsync(account, null);
            known = null;
        }

        if (known is not null && !IsDue(known)) return;
        var request = known is null ? AttestationKeyRequest.ForNewKey() : AttestationKeyRequest.ForKeyOf(known);
        var issued = await client.EnrolAsync(new(model.ToString(), request.CertificationRequest.ToBase64Url()), CancellationToken.None);
        AttestationKey key;
        try
        {
            key = request.Certified(
                issued.Id, issued.RpId, UserHandle.Parse(issued.UserHandle), issued.Certificates.Select(certificate => ByteString.FromBase64Url(certificate)), issued.ExpirationDateTime);
        }
        catch (WireFormatException e)
        {
            throw new ApiException(System.Net.HttpStatusCode.OK, "answer_not_understood", e.Message);
        }

        // A server speaks for its own name, and for no neighbour's.
        if (!IsAt(key.RpId, account.Server)) throw new ApiException(System.Net.HttpStatusCode.OK, "answer_not_understood", $"{account.Server.Host} is not {key.RpId}.");
        await KeepAsync(account, key);
    }

    private Task KeepAsync(VaultAccount account, AttestationKey? key) =>
        accounts.ChangeAsync(account.Id, kept => kept with { Attestation = key }, CancellationToken.None);

    private bool IsDue(AttestationKey key) => key.NotAfter - time.GetUtcNow() <= RenewedBefore;

    private static bool IsAt(string rpId, Uri server) => RpIdValidation.IsRegistrableDomainSuffixOfOrEqualTo(rpId, server.AsciiHost());
}
