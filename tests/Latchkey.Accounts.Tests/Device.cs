using Latchkey.Authenticator;
using Latchkey.Authenticator.Vault;
using Latchkey.Protocol.Ctap;

namespace Latchkey.Accounts.Tests;

/// <summary>The app on one device: everything it builds over its vault at a start. Disposing it is the end of the process, however it came.</summary>
internal sealed class Device : IDisposable, IAuthorizationGesture
{
    private const string Pin = "passe-partout";
    private readonly CtapAuthenticator _keys;
    private readonly CtapAuthenticator _remote;

    private Device(FileCredentialStore vault, HttpMessageHandler server, TimeProvider time, Func<ICtapAuthenticator, ICtapAuthenticator>? around)
    {
        Vault = vault;
        Accounts = new(vault, root => new(server, disposeHandler: false) { BaseAddress = root }, Latchkey.Api.OpenIdConnect.OpenIdConnectContract.AuthenticatorClientId, time);
        _keys = new(vault, this, vault, time) { AttestationKeys = Accounts.Attestation };
        _remote = new(vault, this, vault, time) { AttestationKeys = Accounts.Attestation, IsAttached = false };
        var keys = around is null ? _keys : around(_keys);
        Registration = new(vault, keys, Accounts, time);
        Deletion = new(vault, Accounts, time);
        Reconciliation = new(vault, keys, Accounts, Registration, Deletion, time);
        Test = new(keys, Accounts, time);
        Registered = new(Accounts, "Authenticator on paper");
        Codes = new(vault, Accounts, "Codes on paper", time);
        Setup = new(vault, Accounts, Registration, Registered, Codes, time);
        Approvals = new(vault, this, Accounts);
        Delivery = new(vault, Accounts, Reconciliation, time);
    }

    public FileCredentialStore Vault { get; }

    public AccountBook Accounts { get; }

    public PasskeyRegistration Registration { get; }

    public PasskeyDeletion Deletion { get; }

    public Reconciliation Reconciliation { get; }

    public PasskeyTest Test { get; }

    public PasskeyDelivery Delivery { get; }

    public DeviceRegistration Registered { get; }

    public CodeRegistration Codes { get; }

    public AccountSetup Setup { get; }

    public ApprovalAnswering Approvals { get; }

    public ICtapAuthenticator Keys => _keys;

    /// <summary>The same keys, as another device sees them.</summary>
    public ICtapAuthenticator Remote => _remote;

    public bool CanChoose => true;

    public Func<AuthorizationRequest, AuthorizationAnswer> Answer { get; set; } = _ => new AuthorizationAnswer.Granted { Pin = Pin };

    public VaultAccount Account => Vault.Contents.Accounts[0];

    public PublicKeyCredentialSource? Offered => Vault.Credentials.SingleOrDefault(passkey => passkey.IsOffered);

    /// <summary>Starts, on a vault that is there or a new one that is signed in already.</summary>
    public static async Task<Device> StartAsync(string directory, HttpMessageHandler server, TimeProvider time, CancellationToken cancellationToken, Func<ICtapAuthenticator, ICtapAuthenticator>? around = null)
    {
        var isNew = !LockedVault.Exists(directory);
        var device = await StartAsync(new VaultDisk(directory), server, time, cancellationToken, around);
        if (isNew) await device.Accounts.AddAsync(PaperServer.Root, new("access", time.GetUtcNow().AddMinutes(5), "refresh-0"), cancellationToken);
        return device;
    }

    /// <summary>Starts on a disk that is there or empty.</summary>
    public static async Task<Device> StartAsync(IVaultDisk disk, HttpMessageHandler server, TimeProvider time, CancellationToken cancellationToken, Func<ICtapAuthenticator, ICtapAuthenticator>? around = null) => new(
        disk.Read() is null
            // The price of a guess at the PIN is nothing these tests are about.
            ? await FileCredentialStore.CreateAsync(disk, Pin, time, new Argon2Cost(8, 1), cancellationToken)
            : await LockedVault.Open(disk).UnlockAsync(Pin, time, cancellationToken),
        server,
        time,
        around);

    /// <summary>What every start does.</summary>
    public async Task HealAsync(CancellationToken cancellationToken)
    {
        await Reconciliation.DropStagedAsync(cancellationToken);
        Assert.Null(await Reconciliation.ReconcileAsync(Account, cancellationToken));
    }

    public Task<AuthorizationAnswer> AskAsync(AuthorizationRequest request, CancellationToken cancellationToken) => Task.FromResult(Answer(request));

    public void Dispose()
    {
        Accounts.Dispose();
        _keys.Dispose();
        _remote.Dispose();
        Vault.Dispose();
    }
}

/// <summary>An authenticator to whose answer something happens when a credential is made and nobody has the answer yet.</summary>
internal sealed class AfterMake(ICtapAuthenticator inner, Func<MakeCredentialResponse, MakeCredentialResponse> happens) : ICtapAuthenticator
{
    public Task<GetInfoResponse> GetInfoAsync(CancellationToken cancellationToken) => inner.GetInfoAsync(cancellationToken);

    public async Task<MakeCredentialResponse> MakeCredentialAsync(MakeCredentialRequest request, CancellationToken cancellationToken) =>
        happens(await inner.MakeCredentialAsync(request, cancellationToken));

    public Task<GetAssertionResponse> GetAssertionAsync(GetAssertionRequest request, CancellationToken cancellationToken) => inner.GetAssertionAsync(request, cancellationToken);

    public Task<GetAssertionResponse> GetNextAssertionAsync(CancellationToken cancellationToken) => inner.GetNextAssertionAsync(cancellationToken);

    public Task SelectionAsync(CancellationToken cancellationToken) => inner.SelectionAsync(cancellationToken);
}
