using Latchkey.Authenticator;
using Latchkey.Authenticator.Vault;
using Latchkey.Client;
using Latchkey.Protocol.WebAuthn;

namespace Latchkey.Server.Tests.Hosts;

/// <summary>An authenticator and its client, at the server's own origin.</summary>
public sealed class Device : IDisposable
{
    private const string Pin = "passe-partout";

    private readonly string _directory;
    private readonly CtapAuthenticator _authenticator;
    private readonly Caller _caller;

    private Device(RunningServer server, string directory, FileCredentialStore vault)
    {
        (_directory, Vault) = (directory, vault);
        _authenticator = new CtapAuthenticator(vault, new Agreeing(), vault, TimeProvider.System);
        Client = new WebAuthnClient(_authenticator, TimeProvider.System);
        _caller = new Caller(Origin.Of(server.Options.Origin));
    }

    public FileCredentialStore Vault { get; }

    public WebAuthnClient Client { get; }

    public static async Task<Device> CreateAsync(RunningServer server)
    {
        var directory = Directory.CreateTempSubdirectory("latchkey-device").FullName;
        return new Device(server, directory, await FileCredentialStore.CreateAsync(directory, Pin, TimeProvider.System, CancellationToken.None));
    }

    public async Task<RegistrationResponseJson> CreateAsync(ReadOnlyMemory<byte> options)
    {
        var response = await Client.CreateAsync(PublicKeyCredentialCreationOptions.Parse(options), _caller, CancellationToken.None);
        await Vault.ConfirmAsync(response.Id, CancellationToken.None);
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

    public void Dispose()
    {
        _authenticator.Dispose();
        Vault.Dispose();
        Directory.Delete(_directory, recursive: true);
    }

    private sealed class Agreeing : IAuthorizationGesture
    {
        public bool CanChoose => true;

        public Task<AuthorizationAnswer> AskAsync(AuthorizationRequest request, CancellationToken cancellationToken) =>
            Task.FromResult<AuthorizationAnswer>(new AuthorizationAnswer.Granted { Pin = request.Pin is null ? null : Pin });
    }
}
