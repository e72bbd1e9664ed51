using Latchkey.Api;
using Latchkey.Api.Approvals;
using Latchkey.Authenticator.Vault;

namespace Latchkey.Accounts;

/// <summary>
/// Registers this device at an account's server as an Authenticator that may answer sign-ins, and takes it away again. The key is on disk
/// before the server hears of it: killed at any step, registering again ends with the same key.
/// </summary>
/// <param name="accounts">The accounts.</param>
/// <param name="name">What the device is called on the server, shortened if it has to be; null leaves it to the server.</param>
public sealed class DeviceRegistration(AccountBook accounts, string? name)
{
    /// <summary>Registers this device; one that is registered is registered still.</summary>
    /// <exception cref="ApiException">The server refused (<c>step_up_required</c> among others), or did not answer: register again.</exception>
    public async Task<AuthenticatorAuthenticationMethod> RegisterAsync(VaultAccount account, CancellationToken cancellationToken)
    {
        using var http = await accounts.ConnectAsync(account, cancellationToken);
        var client = new AuthenticatorMethodsClient(http);
        if (accounts.Find(account.Id)?.Device?.Id is { } known && (await client.ListAsync(cancellationToken)).FirstOrDefault(method => method.Id == known) is { } registered)
        {
            return registered;
        }

        var challenge = await client.ChallengeAsync(cancellationToken);
        var device = VaultDevice.Create();
        await accounts.ChangeAsync(account.Id, kept => kept with { Device = device = kept.Device ?? device }, cancellationToken);
        var statement = DeviceStatement.Registration(account.Server, account.Subject, challenge.Challenge, device.PublicKey);
        var method = await client.RegisterAsync(
            new(device.PublicKey.ToBase64Url(), challenge.Challenge, device.Sign(statement).ToBase64Url(), MethodName.Fitting(name)), cancellationToken);
        await accounts.ChangeAsync(account.Id, kept => kept with { Device = device with { Id = method.Id } }, CancellationToken.None);
        return method;
    }

    /// <summary>What the server keeps of this device; null when it is not registered, or no longer.</summary>
    /// <exception cref="ApiException">The server refused, or did not answer.</exception>
    public async Task<AuthenticatorAuthenticationMethod?> FindAsync(VaultAccount account, CancellationToken cancellationToken)
    {
        if (accounts.Find(account.Id)?.Device?.Id is not { } id)
        {
            return null;
        }

        using var http = await accounts.ConnectAsync(account, cancellationToken);
        var method = (await new AuthenticatorMethodsClient(http).ListAsync(cancellationToken)).FirstOrDefault(method => method.Id == id);
        if (method is null)
        {
            await ForgetAsync(account, id);
        }

        return method;
    }

    /// <summary>Changes what this device may be used for.</summary>
    /// <exception cref="ApiException">The server refused (<c>step_up_required</c> when more is to be allowed), or did not answer.</exception>
    public async Task<AuthenticatorAuthenticationMethod> ChangeAsync(VaultAccount account, AuthenticatorMethodUpdate update, CancellationToken cancellationToken)
    {
        using var http = await accounts.ConnectAsync(account, cancellationToken);
        return await new AuthenticatorMethodsClient(http).UpdateAsync(accounts.Find(account.Id)?.Device?.Id ?? throw NotRegistered(), update, cancellationToken);
    }

    /// <summary>Takes this device away: on the server first, then here.</summary>
    /// <param name="account">Whose it is.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <param name="evenIfLast">The person was warned that it is their last way to sign in, and means it.</param>
    /// <exception cref="ApiException">The server did not; the device stays registered.</exception>
    public async Task RemoveAsync(VaultAccount account, CancellationToken cancellationToken, bool evenIfLast = false)
    {
        if (accounts.Find(account.Id)?.Device is not { } device)
        {
            return;
        }

        if (device.Id is { } id)
        {
            using var http = await accounts.ConnectAsync(account, cancellationToken);
            await RemoveAsync(http, account.Server, account.Subject, device, evenIfLast, cancellationToken);
        }

        await ForgetAsync(account, device.Id);
    }

    /// <summary>The device takes itself away: it signs for that, and so nobody has to sign in again for it.</summary>
    internal static Task RemoveAsync(HttpClient http, Uri server, string subject, VaultDevice device, bool evenIfLast, CancellationToken cancellationToken) => new AuthenticatorMethodsClient(http).DeleteAsync(
        device.Id!, cancellationToken, device.Sign(DeviceStatement.Removal(server, subject, device.Id!)).ToBase64Url(), evenIfLast);

    private Task ForgetAsync(VaultAccount account, string? id) =>
        accounts.ChangeAsync(account.Id, kept => kept.Device?.Id == id ? kept with { Device = null } : kept, CancellationToken.None);

    private static ApiException NotRegistered() =>
        new(System.Net.HttpStatusCode.NotFound, AuthenticatorMethodsClient.NotFound, "This device is not registered.");
}
