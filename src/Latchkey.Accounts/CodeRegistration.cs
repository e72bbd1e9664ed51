using System.Net;
using Latchkey.Api;
using Latchkey.Api.SoftwareOathMethods;
using Latchkey.Authenticator.Codes;
using Latchkey.Authenticator.Vault;

namespace Latchkey.Accounts;

/// <summary>
/// Registers codes for an account: the server makes the secret, and keeps it when a first code proves that it arrived. The secret is on disk
/// before that code leaves. Killed at any step, <see cref="ReconcileAsync"/> brings it to the same end: the server gives the same answer to what
/// it confirmed, and what it never heard of is confirmed then, or dropped when it is too late.
/// </summary>
/// <param name="vault">Where codes are kept.</param>
/// <param name="accounts">The accounts.</param>
/// <param name="name">What they are called on the server; null leaves it to the server.</param>
/// <param name="time">The clock.</param>
public sealed class CodeRegistration(FileCredentialStore vault, AccountBook accounts, string? name, TimeProvider time)
{
    private const string NotSupported = "codes_not_supported";

    /// <summary>The codes this vault shows for an account that it registered there itself.</summary>
    public VaultCode? Find(VaultAccount account) => vault.Contents.Codes.Find(code => code.AccountId == account.Id && code.MethodId is not null);

    /// <summary>Registers codes for an account.</summary>
    /// <exception cref="ApiException">The server refused, and nothing is left; or it did not answer (<see cref="ApiException.IsTransient"/>): what is pending is sent again.</exception>
    public async Task<VaultCode> RegisterAsync(VaultAccount account, CancellationToken cancellationToken)
    {
        if (PendingOf(account) is { } owed)
        {
            try
            {
                return await ConfirmAsync(account, owed, cancellationToken);
            }
            catch (ApiException e) when (!IsOpen(e))
            {
                // Too late for that one; it is gone, and another is begun.
            }
        }

        SoftwareOathBeginning begun;
        using (var http = await accounts.ConnectAsync(account, cancellationToken))
        {
            begun = await new SoftwareOathMethodsClient(http).BeginAsync(cancellationToken);
        }

        var pending = new VaultPendingCode(account.Id, begun.Id, begun.Pending, KeyOf(begun), time.GetUtcNow());
        await vault.UpdateAsync(contents => contents with { PendingCodes = contents.PendingCodes.Add(pending) }, cancellationToken);
        return await ConfirmAsync(account, pending, cancellationToken);
    }

    /// <summary>Deletes an account's codes: on the server first, then here.</summary>
    /// <param name="account">Whose they are.</param>
    /// <param name="code">The codes.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <param name="evenIfLast">The person was warned that they are the last way to sign in, and means it.</param>
    /// <exception cref="ApiException">The server did not; they stay.</exception>
    public async Task DeleteAsync(VaultAccount account, VaultCode code, CancellationToken cancellationToken, bool evenIfLast = false)
    {
        if (code.MethodId is { } method)
        {
            using var http = await accounts.ConnectAsync(account, cancellationToken);
            await new SoftwareOathMethodsClient(http).DeleteAsync(method, cancellationToken, evenIfLast);
        }

        await vault.UpdateAsync(contents => contents.RemovedCode(code.Id), CancellationToken.None);
    }

    /// <summary>Sends what is pending, and takes away the codes the server keeps no longer: they sign nobody in.</summary>
    /// <returns>What kept some of it, if anything did.</returns>
    public async Task<ApiException?> ReconcileAsync(VaultAccount account, CancellationToken cancellationToken)
    {
        try
        {
            if (PendingOf(account) is { } pending) await ConfirmAsync(account, pending, cancellationToken);
        }
        catch (ApiException e) when (IsOpen(e))
        {
            return e;
        }
        catch (ApiException)
        {
            // It was too late; nothing is left on either side.
        }

        // What is registered while the server is asked is not in its answer yet.
        var known = vault.Contents.Codes.FindAll(code => IsOf(code, account)).Select(code => code.MethodId!.Value).ToHashSet();
        if (known.Count == 0) return null;
        try
        {
            using var http = await accounts.ConnectAsync(account, cancellationToken);
            known.ExceptWith((await new SoftwareOathMethodsClient(http).ListAsync(cancellationToken)).Select(method => method.Id));
            await vault.UpdateAsync(
                contents => contents.Codes.Exists(IsGone) ? contents with { Codes = contents.Codes.RemoveAll(IsGone) } : contents,
                CancellationToken.None);
            return null;
        }
        catch (ApiException e)
        {
            return e;
        }

        bool IsGone(VaultCode code) => IsOf(code, account) && known.Contains(code.MethodId!.Value);
    }

    /// <summary>Sends a first code. The code of this moment each time: the server remembers what it confirmed by what is pending, not by the code.</summary>
    private async Task<VaultCode> ConfirmAsync(VaultAccount account, VaultPendingCode pending, CancellationToken cancellationToken)
    {
        try
        {
            using var http = await accounts.ConnectAsync(account, cancellationToken);
            await new SoftwareOathMethodsClient(http).ConfirmAsync(pending.MethodId, new(pending.Pending, pending.Key.CodeAt(time.GetUtcNow()), MethodName.Fitting(name)), cancellationToken);
        }
        catch (ApiException e) when (!IsOpen(e))
        {
            await vault.UpdateAsync(contents => contents.Without(pending), CancellationToken.None);
            throw;
        }

        await vault.UpdateAsync(contents => contents.Confirmed(pending, time.GetUtcNow()), CancellationToken.None);
        return Find(account)!;
    }

    private VaultPendingCode? PendingOf(VaultAccount account) => vault.Contents.PendingCodes.Find(pending => pending.AccountId == account.Id);

    private static bool IsOf(VaultCode code, VaultAccount account) => code.AccountId == account.Id && code.MethodId is not null;

    /// <summary>Whether the same bytes may get another answer later.</summary>
    private static bool IsOpen(ApiException problem) => problem.IsTransient || problem.Status == HttpStatusCode.Unauthorized;

    private static TotpKey KeyOf(SoftwareOathBeginning begun)
    {
        try
        {
            return Base32.TryDecode(begun.SecretKey, out var decoded) && decoded is { } secret
                ? new(begun.Issuer, begun.AccountName, secret) { Algorithm = AlgorithmOf(begun.Algorithm), Digits = begun.Digits, Period = begun.Period }
                : throw NotUnderstood();
        }
        catch (ArgumentException)
        {
            throw NotUnderstood();
        }
    }

    private static TotpAlgorithm AlgorithmOf(string name) => name switch
    {
        "SHA1" => TotpAlgorithm.Sha1,
        "SHA256" => TotpAlgorithm.Sha256,
        "SHA512" => TotpAlgorithm.Sha512,
        _ => throw NotUnderstood(),
    };

    private static ApiException NotUnderstood() => new(HttpStatusCode.OK, NotSupported, "This version can't show the codes the server wants.");
}
