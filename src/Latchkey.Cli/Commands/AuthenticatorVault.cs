using System.CommandLine;
using Latchkey.Accounts;
using Latchkey.Api;
using Latchkey.Api.OpenIdConnect;
using Latchkey.Authenticator;
using Latchkey.Authenticator.Vault;

namespace Latchkey.Cli.Commands;

/// <summary>What every <c>latchkey authenticator</c> command begins with: the vault, opened by its PIN, and in step with the servers.</summary>
internal sealed class AuthenticatorVault : IDisposable
{
    private AuthenticatorVault(FileCredentialStore store, CommandGesture gesture, CommandOutput output)
    {
        Output = output;
        Store = store;
        Gesture = gesture;
        Accounts = new(store, Connect, OpenIdConnectContract.CliClientId, TimeProvider.System);
        Keys = new(store, gesture, store, TimeProvider.System) { Transports = ["internal", "hybrid"], AttestationKeys = Accounts.Attestation };
        Remote = new(store, gesture, store, TimeProvider.System) { Transports = ["internal", "hybrid"], AttestationKeys = Accounts.Attestation, IsAttached = false };
        Registration = new(store, Keys, Accounts, TimeProvider.System);
        Deletion = new(store, Accounts, TimeProvider.System);
        Reconciliation = new(store, Keys, Accounts, Registration, Deletion, TimeProvider.System);
        Devices = new(Accounts, $"Command line on {Environment.MachineName}");
        Codes = new(store, Accounts, $"Codes of the command line on {Environment.MachineName}", TimeProvider.System);
        Setup = new(store, Accounts, Registration, Devices, Codes, TimeProvider.System);
        Approvals = new(store, gesture, Accounts);
        Delivery = new(store, Accounts, Reconciliation, TimeProvider.System);
    }

    public CommandOutput Output { get; }

    public FileCredentialStore Store { get; }

    public CommandGesture Gesture { get; }

    public CtapAuthenticator Keys { get; }

    /// <summary>The same keys, as another device sees them.</summary>
    public CtapAuthenticator Remote { get; }

    public AccountBook Accounts { get; }

    public PasskeyRegistration Registration { get; }

    public PasskeyDeletion Deletion { get; }

    public Reconciliation Reconciliation { get; }

    public PasskeyDelivery Delivery { get; }

    public CodeRegistration Codes { get; }

    public AccountSetup Setup { get; }

    public DeviceRegistration Devices { get; }

    public ApprovalAnswering Approvals { get; }

    /// <summary>Runs a command on the opened vault; refusals become one line on standard error and exit code 1.</summary>
    /// <param name="options">Where the vault is.</param>
    /// <param name="parsed">The command line.</param>
    /// <param name="create">Whether a vault is made where there is none.</param>
    /// <param name="command">What to do.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <param name="prepare">What has to be so before a vault is made or opened, for nothing otherwise; asked after the PIN. False, said on standard error, ends it.</param>
    /// <param name="patience">How long servers may take to answer before; null is as long as each of them may take.</param>
    public static async Task<int> RunAsync(
        VaultOptions options, ParseResult parsed, bool create, Func<AuthenticatorVault, Task<int>> command, CancellationToken cancellationToken,
        Func<Task<bool>>? prepare = null, TimeSpan? patience = null)
    {
        try
        {
            var directory = options.Directory(parsed);
            var isNew = create && !LockedVault.Exists(directory);
            if (!isNew && !LockedVault.Exists(directory)) throw new VaultNotFoundException();
            var pin = await PinInput.ReadAsync(parsed.GetValue(options.PinFile), isNew, cancellationToken);
            if (pin is null || (prepare is not null && !await prepare())) return ExitCode.Failed;

            using var vault = new AuthenticatorVault(await OpenAsync(directory, pin, isNew, cancellationToken), new(pin), new(parsed.GetValue(options.Json)));
            await vault.HealAsync(patience ?? Timeout.InfiniteTimeSpan, cancellationToken);
            return await command(vault);
        }
        catch (VaultNotFoundException)
        {
            return await CommandOutput.FailAsync("There is no vault here yet. Make one with `latchkey authenticator add --server URL`, or name another with --vault.");
        }
        catch (VaultException e)
        {
            return await CommandOutput.FailAsync(e.Message);
        }
        catch (ApiException e)
        {
            return await CommandOutput.FailAsync(CommandOutput.Describe(e));
        }
        catch (Exception e) when (e is NotDoneException or IOException or UnauthorizedAccessException)
        {
            return await CommandOutput.FailAsync(e.Message);
        }
        catch (OperationCanceledException)
        {
            return await CommandOutput.FailAsync("Stopped.");
        }
    }

    /// <summary>A client for a server's root.</summary>
    public static HttpClient Connect(Uri server) => new() { BaseAddress = server, Timeout = TimeSpan.FromSeconds(30) };

    /// <summary>The one passkey a person means by an ID, the beginning of one, its name, or a user name.</summary>
    /// <param name="which">What the person wrote; null when any will do.</param>
    /// <param name="isDeleting">Whether one that is being deleted is meant, instead of one that can be used.</param>
    /// <exception cref="NotDoneException">It is none, or several.</exception>
    public PublicKeyCredentialSource Find(string? which, bool isDeleting = false)
    {
        var all = Store.Credentials.Where(passkey => isDeleting ? passkey.State == CredentialState.Deleting : passkey.IsOffered).ToList();
        if (all.Count == 0) throw new NotDoneException(isDeleting ? "No passkey waits to be deleted." : "This vault holds no passkey yet.");
        if (which is null && all is not [_]) throw new NotDoneException("Several passkeys are meant. Name one by the beginning of its ID, as `latchkey authenticator list` shows it.");
        if (which is null) return all[0];
        if (all.Where(passkey => string.Equals(passkey.UserName, which, StringComparison.OrdinalIgnoreCase)).ToList() is [var owned]) return owned;
        return Named.Find(all, which, passkey => passkey.Id.ToString(), passkey => passkey.DisplayName, "passkey in this vault", "latchkey authenticator list");
    }

    public void Dispose()
    {
        Accounts.Dispose();
        Keys.Dispose();
        Remote.Dispose();
        Store.Dispose();
    }

    private static async Task<FileCredentialStore> OpenAsync(string directory, string pin, bool isNew, CancellationToken cancellationToken)
    {
        if (isNew) return await FileCredentialStore.CreateAsync(directory, pin, TimeProvider.System, cancellationToken);
        var locked = LockedVault.Open(directory);
        try
        {
            return await locked.UnlockAsync(pin, TimeProvider.System, cancellationToken);
        }
        catch
        {
            locked.Dispose();
            throw;
        }
    }

    /// <summary>Drops what never left, sends what is owed, asks after the passkeys. A server that does not answer keeps nobody from working.</summary>
    private async Task HealAsync(TimeSpan patience, CancellationToken cancellationToken)
    {
        await Reconciliation.DropStagedAsync(cancellationToken);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(patience);
        try
        {
            await AskServersAsync(limit.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            await Console.Error.WriteLineAsync($"Not every server has answered within {patience.TotalSeconds:0} seconds. What it keeps may have changed since it last did; this is asked again each time.");
        }
    }

    private async Task AskServersAsync(CancellationToken cancellationToken)
    {
        foreach (var account in Accounts.All.ToList())
        {
            var before = Store.Contents;
            if ((await Reconciliation.ReconcileAsync(account, cancellationToken) ?? await Codes.ReconcileAsync(account, cancellationToken)) is { } problem)
            {
                await Console.Error.WriteLineAsync($"{account}: not in step with the server yet; this is tried again each time. {CommandOutput.Describe(problem)}");
            }

            foreach (var gone in before.Credentials.Where(passkey => passkey.IsOffered && Store.Contents.Find(passkey.Id) is not { IsOffered: true }))
            {
                await Console.Error.WriteLineAsync($"{account}: the server no longer keeps the passkey {gone.Id}; it moved to Recently deleted for 30 days.");
            }
        }

        await Accounts.SignOutAsync(cancellationToken);
        await Delivery.SettleAllAsync(cancellationToken);
    }
}
