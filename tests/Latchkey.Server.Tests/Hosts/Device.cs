using Latchkey.Authenticator;
using Latchkey.Client;
using Latchkey.Protocol.WebAuthn;

namespace Latchkey.Server.Tests.Hosts;

/// <summary>An authenticator and its client, at the server's own origin.</summary>
public sealed class Device : IDisposable
{
    private const string Pin = "passe-partout";

    private readonly MemoryCredentialStore _store = new(Pin);
    private readonly CtapAuthenticator _authenticator;
    private readonly Caller _caller;

    public Device(RunningServer server, IAttestationKeys? attestation = null)
    {
        _authenticator = new CtapAuthenticator(_store, new Agreeing(this), _store, TimeProvider.System) { AttestationKeys = attestation };
        Client = new WebAuthnClient(_authenticator, TimeProvider.System);
        _caller = new Caller(Origin.Of(server.Options.Origin));
    }

    public WebAuthnClient Client { get; }

    /// <summary>Whether its person also agrees where a new passkey takes the place of the one that is there.</summary>
    public bool Replaces { get; set; }

    public async Task<RegistrationResponseJson> CreateAsync(ReadOnlyMemory<byte> options)
    {
        var response = await Client.CreateAsync(PublicKeyCredentialCreationOptions.Parse(options), _caller, CancellationToken.None);
        await _store.ConfirmAsync(response.Id, CancellationToken.None);
        return response;
    }

    public Task<AuthenticationResponseJson> GetAsync(ReadOnlyMemory<byte> options) =>
        Client.GetAsync(PublicKeyCredentialRequestOptions.Parse(options), _caller, null, CancellationToken.None);

    public Task<AuthenticationResponseJson> AnswerSilentlyAsync(PublicKeyCredentialRequestOptions options, CredentialId id) =>
        Client.GetSilentlyAsync(options with { AllowCredentials = [new(id, [])] }, _caller, CancellationToken.None);

    /// <summary>Adds a passkey through the portal, as the page's script does.</summary>
    public async Task<RegistrationResponseJson> RegisterAsync(Browser browser)
    {
        await browser.OpenAsync("/security-info/add/passkey");
        var response = await CreateAsync(await (await browser.FetchAsync("/security-info/passkeys/options")).Content.ReadAsByteArrayAsync());
        var answer = await browser.FetchAsync("/security-info/passkeys", response.Encode());
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync());
        return response;
    }

    public void Dispose() => _authenticator.Dispose();

    private sealed class Agreeing(Device device) : IAuthorizationGesture
    {
        public bool CanChoose => true;

        public Task<AuthorizationAnswer> AskAsync(AuthorizationRequest request, CancellationToken cancellationToken) =>
            Task.FromResult<AuthorizationAnswer>(new AuthorizationAnswer.Granted
            {
                Pin = request.Pin is null ? null : Pin,
                Replace = device.Replaces,
            });
    }
}
