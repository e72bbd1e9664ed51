using Latchkey.Authenticator;
using Latchkey.Authenticator.Vault;
using Latchkey.Client;
using Latchkey.Protocol;
using Latchkey.Protocol.Ctap;
using Latchkey.Protocol.WebAuthn;
using Latchkey.RelyingParty;
using Latchkey.RelyingParty.Authentication;
using Latchkey.RelyingParty.Ceremonies;
using Latchkey.RelyingParty.Policy;
using Latchkey.RelyingParty.Registration;
using Microsoft.Extensions.Time.Testing;

namespace Latchkey.Server.Tests.Loop;

/// <summary>
/// All three roles of WebAuthn in one process, without HTTP: our relying party, our client, our authenticator over a vault on disk; and the
/// same with bytes between client and authenticator.
/// </summary>
public sealed class ThreeRolesTests : IDisposable
{
    private const string Pin = "passe-partout";
    private static readonly Caller Portal = new(Origin.Of(new("https://login.example.org")));

    private readonly string _directory = Directory.CreateTempSubdirectory("latchkey-loop").FullName;
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 5, 3, 12, 0, 0, TimeSpan.Zero));
    private readonly CeremonySeal _seal = new("example.org", ByteString.Random(CeremonySeal.KeyLength));
    private readonly WebAuthnRelyingParty _relyingParty;

    public ThreeRolesTests() => _relyingParty = new(new("example.org", [Portal.Origin.Serialized]), "Example", _seal, _time);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _seal.Dispose();
        Directory.Delete(_directory, recursive: true);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_passkey_is_registered_signs_in_and_answers_the_status_question(bool overBytes)
    {
        using var vault = await FileCredentialStore.CreateAsync(_directory, Pin, _time, Token);
        using var authenticator = new CtapAuthenticator(vault, new Agreeing(), vault, _time);
        var client = new WebAuthnClient(overBytes ? OverBytes(authenticator) : authenticator, _time);
        var user = new PublicKeyCredentialUserEntity(UserHandle.Random(), "ada@example.org", "Ada");

        // registration
        var begun = Assert.IsType<RegistrationBeginning.Begun>(_relyingParty.BeginRegistration(new() { User = user, Attestation = Requirements.Direct }, PasskeyPolicy.AllowAll));
        var created = await client.CreateAsync(PublicKeyCredentialCreationOptions.Parse(begun.Options.Encode()), Portal, Token);
        var accepted = Assert.IsType<RegistrationResult.Accepted>(_relyingParty.CompleteRegistration(
            _relyingParty.OpenRegistration(created.Encode())!, new() { User = user.Id, CredentialIsRegistered = false }, PasskeyPolicy.AllowAll));
        await vault.ConfirmAsync(created.Id, Token);

        Assert.Equal(AuthenticatorAaguid.Value, accepted.Credential.Aaguid);
        Assert.False(accepted.Credential.BackupEligible);
        Assert.True(created.CredPropsRk);

        // sign-in by name of nobody: the passkey says whose it is
        var signIn = _relyingParty.BeginAuthentication(new() { Kind = CeremonyKind.SignIn });
        var signedIn = await client.GetAsync(PublicKeyCredentialRequestOptions.Parse(signIn.Options.Encode()), Portal, null, Token);
        Assert.Equal(user.Id, signedIn.UserHandle);
        var result = Complete(signedIn, CeremonyKind.SignIn, accepted.Credential);
        Assert.True(Assert.IsType<AuthenticationResult.Accepted>(result).UserVerified);

        // the status question, which can sign nobody in
        var silent = await client.GetSilentlyAsync(StatusOptions(created.Id), Portal, Token);
        Assert.IsType<AuthenticationResult.Accepted>(Complete(silent, CeremonyKind.Status, accepted.Credential));
        Assert.IsType<AuthenticationResult.Refused>(Complete(silent, CeremonyKind.SignIn, accepted.Credential));
        var sneaked = await client.GetSilentlyAsync(_relyingParty.BeginAuthentication(new() { Kind = CeremonyKind.SignIn }).Options with { AllowCredentials = [new(created.Id, [])] }, Portal, Token);
        Assert.Equal(AuthenticationError.UserNotPresent, Assert.IsType<AuthenticationResult.Refused>(Complete(sneaked, CeremonyKind.SignIn, accepted.Credential)).Error);
    }

    [Fact]
    public async Task A_second_registration_in_the_same_vault_is_an_InvalidStateError_with_and_without_the_exclude_list()
    {
        using var vault = await FileCredentialStore.CreateAsync(_directory, Pin, _time, Token);
        using var authenticator = new CtapAuthenticator(vault, new Agreeing(), vault, _time);
        var client = new WebAuthnClient(authenticator, _time);
        var user = new PublicKeyCredentialUserEntity(UserHandle.Random(), "ada@example.org", "Ada");
        var options = Assert.IsType<RegistrationBeginning.Begun>(_relyingParty.BeginRegistration(new() { User = user }, PasskeyPolicy.AllowAll)).Options;
        var first = await client.CreateAsync(options, Portal, Token);
        await vault.DeliverAsync(first.Id, Token);

        foreach (var exclude in (IReadOnlyList<PublicKeyCredentialDescriptor>[])[[new(first.Id, [])], []])
        {
            var refused = await Assert.ThrowsAsync<WebAuthnClientException>(() => client.CreateAsync(options with { ExcludeCredentials = exclude }, Portal, Token));
            Assert.Equal(DomExceptionName.InvalidStateError, refused.Name);
        }

        Assert.Single(vault.Credentials);
    }

    private PublicKeyCredentialRequestOptions StatusOptions(CredentialId id) =>
        _relyingParty.BeginAuthentication(new() { Kind = CeremonyKind.Status, UserVerification = Requirements.Discouraged }).Options with { AllowCredentials = [new(id, [])] };

    private AuthenticationResult Complete(AuthenticationResponseJson response, CeremonyKind kind, CredentialRecord credential) =>
        _relyingParty.CompleteAuthentication(_relyingParty.OpenAuthentication(response.Encode())!, new() { Kind = kind, Credential = credential }, PasskeyPolicy.AllowAll);

    private static RemoteCtapAuthenticator OverBytes(ICtapAuthenticator authenticator)
    {
        var dispatcher = new CtapDispatcher(authenticator);
        return new(async (message, token) => (await dispatcher.DispatchAsync(message, token)).Bytes);
    }

    private sealed class Agreeing : IAuthorizationGesture
    {
        public bool CanChoose => true;

        public Task<AuthorizationAnswer> AskAsync(AuthorizationRequest request, CancellationToken cancellationToken) =>
            Task.FromResult<AuthorizationAnswer>(new AuthorizationAnswer.Granted { Pin = request.Pin is null ? null : Pin });
    }
}
