using Latchkey.Accounts;
using Latchkey.Authenticator;
using Latchkey.Authenticator.Vault;
using Latchkey.Client;
using Latchkey.Protocol.WebAuthn;
using Latchkey.Scenarios.Foreign;

namespace Latchkey.Scenarios;

/// <summary>
/// Our Authenticator and our client at relying parties written by others, without a browser: what the standard leaves to chance between two
/// implementations is settled here.
/// </summary>
public sealed class ForeignRelyingPartyTests : IDisposable, IAuthorizationGesture
{
    private const string Pin = "passe-partout";
    private readonly string _directory = Directory.CreateTempSubdirectory("latchkey-foreign").FullName;

    public bool CanChoose => true;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public Task<AuthorizationAnswer> AskAsync(AuthorizationRequest request, CancellationToken cancellationToken) =>
        Task.FromResult<AuthorizationAnswer>(new AuthorizationAnswer.Granted { Pin = request.Pin is null ? null : Pin });

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Theory]
    [InlineData("@simplewebauthn/server", "none", "none")]
    [InlineData("@simplewebauthn/server", "direct", "packed")]
    [InlineData("ASP.NET Core Identity", "direct", "packed")]
    public async Task It_registers_and_signs_in_twice_and_its_key_is_confirmed_by_its_delivery(string library, string attestation, string format)
    {
        await using var party = await StartAsync(library);
        using var visit = party.Visit();
        using var vault = await FileCredentialStore.CreateAsync(_directory, Pin, TimeProvider.System, Token);
        using var authenticator = new CtapAuthenticator(vault, this, vault, TimeProvider.System);
        var client = new WebAuthnClient(authenticator, TimeProvider.System);
        var caller = new Caller(Origin.Of(party.Address));

        var created = await client.CreateAsync(PublicKeyCredentialCreationOptions.Parse(await visit.RegistrationOptionsAsync("ada", attestation)), caller, Token);
        Assert.Equal(CredentialState.Staged, Assert.Single(vault.Credentials).State);
        var kept = await visit.RegisterAsync(created.Encode());
        Assert.Equal(("ada", format, 0u, AuthenticatorAaguid.Value.Value, false), (kept.Name, kept.Format, kept.SignCount, kept.Aaguid, kept.IsBackedUp));

        using var accounts = new AccountBook(vault, root => throw new InvalidOperationException($"{root} is nobody's to ask: the name is this machine's own."), Latchkey.Api.OpenIdConnect.OpenIdConnectContract.CliClientId, TimeProvider.System);
        var registration = new PasskeyRegistration(vault, authenticator, accounts, TimeProvider.System);
        var reconciliation = new Reconciliation(vault, authenticator, accounts, registration, new PasskeyDeletion(vault, accounts, TimeProvider.System), TimeProvider.System);
        await vault.DeliverAsync(created.Id, Token);
        await new PasskeyDelivery(vault, accounts, reconciliation, TimeProvider.System).SettleAllAsync(Token);
        Assert.Equal((CredentialState.Confirmed, ForeignParty.RpId), (Assert.Single(vault.Credentials).State, vault.Credentials[0].RpId));

        for (var time = 0; time < 2; time++)
        {
            var answer = await client.GetAsync(PublicKeyCredentialRequestOptions.Parse(await visit.SignInOptionsAsync()), caller, null, Token);
            Assert.Equal(new Known("ada", 0), await visit.SignInAsync(answer.Encode()));
        }
    }

    [Theory]
    [InlineData("@simplewebauthn/server")]
    [InlineData("ASP.NET Core Identity")]
    public async Task A_second_passkey_for_the_same_person_is_excluded_and_a_replayed_answer_refused(string library)
    {
        await using var party = await StartAsync(library);
        using var visit = party.Visit();
        using var vault = await FileCredentialStore.CreateAsync(_directory, Pin, TimeProvider.System, Token);
        using var authenticator = new CtapAuthenticator(vault, this, vault, TimeProvider.System);
        var client = new WebAuthnClient(authenticator, TimeProvider.System);
        var caller = new Caller(Origin.Of(party.Address));
        var created = await client.CreateAsync(PublicKeyCredentialCreationOptions.Parse(await visit.RegistrationOptionsAsync("ada")), caller, Token);
        await visit.RegisterAsync(created.Encode());
        await vault.ConfirmAsync(created.Id, Token);

        var excluded = await Assert.ThrowsAsync<WebAuthnClientException>(async () =>
            await client.CreateAsync(PublicKeyCredentialCreationOptions.Parse(await visit.RegistrationOptionsAsync("ada")), caller, Token));
        Assert.Equal(DomExceptionName.InvalidStateError, excluded.Name);

        var answer = await client.GetAsync(PublicKeyCredentialRequestOptions.Parse(await visit.SignInOptionsAsync()), caller, null, Token);
        await visit.SignInAsync(answer.Encode());
        await Assert.ThrowsAsync<HttpRequestException>(() => visit.SignInAsync(answer.Encode()));
    }

    internal static Task<ForeignParty> StartAsync(string library) => library[0] == '@' ? SimpleWebAuthnParty.StartAsync() : IdentityParty.StartAsync();
}
