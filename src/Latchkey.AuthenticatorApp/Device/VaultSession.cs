using Latchkey.Accounts;
using Latchkey.Api.OpenIdConnect;
using Latchkey.Authenticator;
using Latchkey.Authenticator.Vault;
using Latchkey.AuthenticatorApp.Device.Platforms;
using Latchkey.Client;
using Latchkey.Protocol.WebAuthn;

namespace Latchkey.AuthenticatorApp.Device;

/// <summary>The vault, open, and everything that works on it.</summary>
internal sealed class OpenVault : IDisposable
{
    // How a browser can come to these keys: on this device, and from another one by QR code.
    private static readonly string[] Reach = ["internal", "hybrid"];
    private readonly PinWindow _gesture;
    private readonly Aaguid _aaguid;
    private readonly TimeProvider _time;

    public OpenVault(FileCredentialStore store, PinWindow gesture, Aaguid aaguid, Func<Uri, HttpClient> connect, TimeProvider time)
    {
        (Store, _gesture, _aaguid, _time) = (store, gesture, aaguid, time);
        Accounts = new(store, connect, OpenIdConnectContract.AuthenticatorClientId, time) { Model = aaguid };
        Authenticator = new(store, gesture, store, time) { Aaguid = aaguid, Transports = Reach, AttestationKeys = Accounts.Attestation };
        Remote = new(store, gesture, store, time) { Aaguid = aaguid, Transports = Reach, IsAttached = false, AttestationKeys = Accounts.Attestation };
        Registration = new(store, Authenticator, Accounts, time);
        Deletion = new(store, Accounts, time);
        Test = new(Authenticator, Accounts, time);
        Reconciliation = new(store, Authenticator, Accounts, Registration, Deletion, time);
        Delivery = new(store, Accounts, Reconciliation, time);
        Signals = new(store, Accounts, Reconciliation, time);
        var name = string.Format(System.Globalization.CultureInfo.CurrentCulture, Shell.ShellTexts.DeviceName, Environment.MachineName);
        Devices = new(Accounts, name);
        Codes = new(store, Accounts, string.Format(System.Globalization.CultureInfo.CurrentCulture, Shell.ShellTexts.CodesName, Environment.MachineName), time);
        Setup = new(store, Accounts, Registration, Devices, Codes, time);
        Approvals = new(store, gesture, Accounts);
    }

    public FileCredentialStore Store { get; }

    public CtapAuthenticator Authenticator { get; }

    /// <summary>The same keys, as another device sees them.</summary>
    public CtapAuthenticator Remote { get; }

    /// <summary>
    /// The same keys for one ceremony of a page on this computer, whose question says which page asks. It waits for nobody else's ceremony, only
    /// for its turn in the PIN window.
    /// </summary>
    /// <param name="page">Who asks.</param>
    /// <param name="proof">The PIN that was given for this ceremony already, if it was.</param>
    public CtapAuthenticator AuthenticatorFor(Caller page, PinProof? proof) =>
        new(Store, _gesture.For(page), Store, _time) { Aaguid = _aaguid, Transports = Reach, AttestationKeys = Accounts.Attestation, Proof = proof };

    public AccountBook Accounts { get; }

    public PasskeyRegistration Registration { get; }

    public PasskeyDeletion Deletion { get; }

    public PasskeyTest Test { get; }

    public Reconciliation Reconciliation { get; }

    public PasskeyDelivery Delivery { get; }

    public PasskeySignals Signals { get; }

    public DeviceRegistration Devices { get; }

    public CodeRegistration Codes { get; }

    public AccountSetup Setup { get; }

    /// <summary>Brings a recently deleted passkey back, and asks its server whether it still knows it: if not, it goes again.</summary>
    public async Task<PasskeyAnswer> RestoreAsync(CredentialId id, CancellationToken cancellationToken)
    {
        await Store.RestoreAsync(id, cancellationToken);
        return Store.Contents.Find(id) is { AccountId: { } account } passkey && Accounts.Find(account) is { } known
            ? await Reconciliation.AskAboutAsync(known.Server, passkey, cancellationToken)
            : new PasskeyAnswer.NotItsOwn();
    }

    public ApprovalAnswering Approvals { get; }

    /// <summary>Ends all that works on the vault; the vault itself stays, locked.</summary>
    public LockedVault Lock()
    {
        Authenticator.Dispose();
        Remote.Dispose();
        Accounts.Dispose();
        return Store.Lock();
    }

    public void Dispose() => Lock().Dispose();
}

/// <summary>The life of the vault in this program: none yet, locked, open.</summary>
internal sealed class VaultSession(AppOptions options, IDevicePlatform platform, PinWindow gesture, IHttpClientFactory http, TimeProvider time) : IDisposable
{
    /// <summary>The name of the client that speaks to servers.</summary>
    public const string ServerHttp = "server";

    // Two windows can send a PIN in the same moment.
    private readonly SemaphoreSlim _oneUnlock = new(1);

    // Kept across wrong PINs and across locking: it counts the three in a row that need a restart.
    private LockedVault? _locked;

    // The request the person unlocks for.
    private TaskCompletionSource<PinProof?>? _waiting;

    /// <summary>The vault was opened, locked or changed.</summary>
    public event Action? Changed;

    /// <summary>The vault, when it is open.</summary>
    public OpenVault? Open { get; private set; }

    /// <summary>Wrong PINs that may still follow before the vault refuses for good; null when it is not known, or open.</summary>
    public int? PinAttemptsLeft => _locked?.PinAttemptsLeft;

    /// <summary>Three wrong PINs in a row: <see cref="StartAgainAsync"/> comes before the next.</summary>
    public bool NeedsNewStart => _locked?.NeedsNewStart is true;

    /// <summary>Whether there is a vault at all; before that, a PIN has to be set.</summary>
    public bool Exists => LockedVault.Exists(options.DataDirectory);

    /// <summary>First start: makes the vault.</summary>
    /// <exception cref="VaultException">It cannot be made here.</exception>
    public async Task CreateAsync(string pin, CancellationToken cancellationToken) =>
        Use(await FileCredentialStore.CreateAsync(options.DataDirectory, pin, time, cancellationToken));

    /// <summary>Opens the vault, drops what an earlier run left half-made, and brings the servers in step.</summary>
    /// <exception cref="VaultException">Wrong PIN, damaged, in use, from a newer version.</exception>
    public async Task UnlockAsync(string pin, CancellationToken cancellationToken)
    {
        // The one that waits now, as the PIN is given; not one that comes while it is checked.
        var waiting = _waiting;
        await _oneUnlock.WaitAsync(cancellationToken);
        try
        {
            if (Open is not null) return;
            _locked ??= LockedVault.Open(options.DataDirectory);
            var store = await UnlockAsync(_locked, pin, cancellationToken);
            _locked = null;
            waiting?.TrySetResult(store.Opening);
            Use(store);
        }
        finally
        {
            _oneUnlock.Release();
        }

        await Open!.Reconciliation.DropStagedAsync(cancellationToken);
        foreach (var account in Open.Accounts.All.ToList())
        {
            _ = ReconcileAsync(account);
        }

        _ = SettleAllAsync(Open);
        _ = SignOutAsync(Open);
    }

    /// <summary>
    /// Waits, for one request, until the vault is open. The person who unlocks it while the request waits has given the PIN for it: they are
    /// asked for a yes, with the site and the account in front of them, and not for the PIN once more.
    /// </summary>
    /// <returns>The vault; and the proof of the PIN, for this request and no other.</returns>
    public async Task<(OpenVault Vault, PinProof? Proof)> OpenedAsync(CancellationToken cancellationToken)
    {
        var mine = new TaskCompletionSource<PinProof?>(TaskCreationOptions.RunContinuationsAsynchronously);
        var opened = new TaskCompletionSource<OpenVault>(TaskCreationOptions.RunContinuationsAsynchronously);
        void Look()
        {
            if (Open is { } vault) opened.TrySetResult(vault);
        }

        Changed += Look;
        if (Open is null) _waiting = mine;
        try
        {
            Look();
            var vault = await opened.Task.WaitAsync(cancellationToken);
            return (vault, mine.Task.IsCompletedSuccessfully ? await mine.Task : null);
        }
        finally
        {
            Changed -= Look;
            Interlocked.CompareExchange(ref _waiting, null, mine);
        }
    }

    /// <summary>After three wrong PINs in a row: somebody at the window has it start again. The eight in all go on being counted.</summary>
    public async Task StartAgainAsync()
    {
        Lock();
        await _oneUnlock.WaitAsync();
        try
        {
            _locked?.Dispose();
            _locked = null;
        }
        finally
        {
            _oneUnlock.Release();
        }

        Changed?.Invoke();
    }

    /// <summary>The PIN is forgotten: does away with the vault and all that is in it; a PIN is set next, as at the first start.</summary>
    /// <exception cref="VaultException">It cannot be deleted.</exception>
    public async Task StartOverAsync()
    {
        Lock();
        await _oneUnlock.WaitAsync();
        try
        {
            _locked?.Dispose();
            _locked = null;
            LockedVault.Delete(options.DataDirectory);
        }
        finally
        {
            _oneUnlock.Release();
            Changed?.Invoke();
        }
    }

    /// <summary>Closes the vault until the PIN is given again.</summary>
    public void Lock()
    {
        if (Open is { } open) (_locked, Open) = (open.Lock(), null);
        gesture.TakeAway();
        Changed?.Invoke();
    }

    /// <summary>Has the pages show what another part of the program changed.</summary>
    public void Notify() => Changed?.Invoke();

    /// <summary>Brings one account in step with its server, and has the pages show it.</summary>
    /// <returns>What kept it from being in step, if anything did.</returns>
    public async Task<Latchkey.Api.ApiException?> ReconcileAsync(VaultAccount account)
    {
        if (Open is not { } vault)
        {
            return null;
        }

        try
        {
            var problem = await vault.Reconciliation.ReconcileAsync(account, CancellationToken.None);
            return problem ?? await vault.Codes.ReconcileAsync(account, CancellationToken.None);
        }
        catch (ObjectDisposedException)
        {
            // Locked meanwhile; the next start goes on.
            return null;
        }
        finally
        {
            Changed?.Invoke();
        }
    }

    /// <summary>Finds out what became of a passkey another device asked for, and has the pages show it.</summary>
    public async Task<DeliveryOutcome> SettleAsync(OpenVault vault, CredentialId id, CancellationToken cancellationToken)
    {
        try
        {
            var outcome = await vault.Delivery.SettleAsync(id, cancellationToken);
            if (outcome is DeliveryOutcome.Registered registered)
            {
                // Its name, and whose it is, are in the account's list.
                foreach (var account in vault.Accounts.All.Where(account => account.Server == registered.Server).ToList())
                {
                    await ReconcileAsync(account);
                }
            }

            return outcome;
        }
        catch (ObjectDisposedException)
        {
            return new DeliveryOutcome.Open();
        }
        finally
        {
            Changed?.Invoke();
        }
    }

    public void Dispose()
    {
        Open?.Dispose();
        _locked?.Dispose();
        _oneUnlock.Dispose();
    }

    private async Task<FileCredentialStore> UnlockAsync(LockedVault vault, string pin, CancellationToken cancellationToken)
    {
        try
        {
            return await vault.UnlockAsync(pin, time, cancellationToken);
        }
        catch (VaultDamagedException)
        {
            // The PIN was right. Whoever puts a good copy of the file there need not start anew for it to be read.
            _locked = null;
            vault.Dispose();
            throw;
        }
    }

    private async Task SettleAllAsync(OpenVault vault)
    {
        try
        {
            await vault.Delivery.SettleAllAsync(CancellationToken.None);
        }
        catch (ObjectDisposedException)
        {
            // Locked meanwhile; the next start goes on.
        }
        finally
        {
            Changed?.Invoke();
        }
    }

    private static async Task SignOutAsync(OpenVault vault)
    {
        try
        {
            await vault.Accounts.SignOutAsync(CancellationToken.None);
        }
        catch (ObjectDisposedException)
        {
            // Locked meanwhile; the next start goes on.
        }
    }

    private void Use(FileCredentialStore store)
    {
        Open = new(store, gesture, platform.Aaguid, Connect, time);
        Changed?.Invoke();
    }

    private HttpClient Connect(Uri server)
    {
        var client = http.CreateClient(ServerHttp);
        client.BaseAddress = server;
        return client;
    }
}
