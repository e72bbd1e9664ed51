using Latchkey.Authenticator.Vault;
using Latchkey.Protocol.Ctap;
using Latchkey.Protocol.WebAuthn;
using Microsoft.Extensions.Time.Testing;

namespace Latchkey.Authenticator.Tests;

/// <summary>An authenticator with a vault in memory and a person who says yes; a test changes one thing.</summary>
internal sealed class Scenario : IDisposable
{
    public const string RpId = "example.org";

    public Scenario() => Authenticator = new(Store, Person, Person, Time);

    public FakeTimeProvider Time { get; } = new(new DateTimeOffset(2026, 5, 3, 12, 0, 0, TimeSpan.Zero));

    public MemoryStore Store { get; } = new();

    public Person Person { get; } = new();

    public CtapAuthenticator Authenticator { get; }

    public static CancellationToken Token => TestContext.Current.CancellationToken;

    public static ClientDataHash Hash { get; } = ClientDataHash.Of("client data"u8);

    public static CtapUser Ada { get; } = new(new("ada"u8.ToArray()), "ada@example.org", "Ada");

    public static CtapUser Bob { get; } = new(new("bob"u8.ToArray()), "bob@example.org", "Bob");

    public static MakeCredentialRequest Create(CtapUser? user = null) => new(Hash, new(RpId, "Example"), user ?? Ada, [-7]) { Rk = true, Uv = true };

    public static GetAssertionRequest SignIn(params CredentialId[] allow) => new(RpId, Hash) { Uv = true, AllowList = [.. allow.Select(id => new PublicKeyCredentialDescriptor(id, []))] };

    /// <summary>Makes a passkey as far as confirmed; each one a minute later than the one before.</summary>
    public async Task<CredentialId> MakeAsync(MakeCredentialRequest? request = null)
    {
        Time.Advance(TimeSpan.FromMinutes(1));
        var id = IdOf(await Authenticator.MakeCredentialAsync(request ?? Create(), Token));
        await Store.DeliverAsync(id, Token);
        await Store.ConfirmAsync(id, Token);
        return id;
    }

    public async Task<CtapStatus> StatusOfMakeAsync(MakeCredentialRequest request) =>
        (await Assert.ThrowsAsync<CtapException>(() => Authenticator.MakeCredentialAsync(request, Token))).Status;

    public async Task<CtapStatus> StatusOfSignInAsync(GetAssertionRequest request) =>
        (await Assert.ThrowsAsync<CtapException>(() => Authenticator.GetAssertionAsync(request, Token))).Status;

    public static CredentialId IdOf(MakeCredentialResponse response) => AuthenticatorData.Parse(response.AuthData).AttestedCredentialData!.Value.CredentialId;

    public void Dispose() => Authenticator.Dispose();
}

/// <summary>A person who says yes with the right PIN, unless told otherwise.</summary>
internal sealed class Person : IAuthorizationGesture, IPinVerifier
{
    public const string Pin = "correct pin";

    public List<AuthorizationRequest> Asked { get; } = [];

    public Func<AuthorizationRequest, AuthorizationAnswer> Answer { get; set; } = request => new AuthorizationAnswer.Granted { Pin = request.Pin is null ? null : Pin };

    public Func<string, PinCheck> Check { get; set; } = pin => pin == Pin ? PinCheck.Right : PinCheck.Wrong;

    public bool CanChoose { get; set; } = true;

    public int PinAttemptsLeft => 8;

    public Task<AuthorizationAnswer> AskAsync(AuthorizationRequest request, CancellationToken cancellationToken)
    {
        Asked.Add(request);
        cancellationToken.ThrowIfCancellationRequested();
        return Task.FromResult(Answer(request));
    }

    public Task<PinCheck> CheckPinAsync(string pin, CancellationToken cancellationToken) => Task.FromResult(Check(pin));
}

/// <summary>The vault's contents without the file.</summary>
internal sealed class MemoryStore : ICredentialStore
{
    public VaultContents Contents { get; set; } = VaultContents.Empty;

    public IReadOnlyList<PublicKeyCredentialSource> Credentials => Contents.Credentials;

    public Action BeforeStage { get; set; } = () => { };

    public Task StageAsync(PublicKeyCredentialSource credential, CancellationToken cancellationToken)
    {
        BeforeStage();
        Contents = Contents.Stage(credential);
        return Task.CompletedTask;
    }

    public Task DeliverAsync(CredentialId id, CancellationToken cancellationToken) => Set(Contents.Deliver(id));

    public Task<PublicKeyCredentialSource?> ConfirmAsync(CredentialId id, CancellationToken cancellationToken)
    {
        var replaced = Contents.Find(id)?.Replaces is { } old ? Contents.Find(old) : null;
        Contents = Contents.Confirm(id, DateTimeOffset.UnixEpoch);
        return Task.FromResult(replaced);
    }

    public Task RollBackAsync(CredentialId id, CancellationToken cancellationToken) => Set(Contents.RollBack(id, DateTimeOffset.UnixEpoch));

    public Task RecordUseAsync(CredentialId id, CancellationToken cancellationToken) =>
        Set(Contents.Change(id, credential => credential with { LastUsedAt = DateTimeOffset.UnixEpoch }));

    private Task Set(VaultContents contents)
    {
        Contents = contents;
        return Task.CompletedTask;
    }
}
