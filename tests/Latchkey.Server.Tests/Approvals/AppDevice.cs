using Latchkey.Api.Approvals;
using Latchkey.Authenticator.Vault;
using Latchkey.Server.Tests.Api;
using Latchkey.Server.Tests.Hosts;

namespace Latchkey.Server.Tests.Approvals;

/// <summary>An Authenticator signed in to an account, with a device key of its own.</summary>
internal sealed class AppDevice : IDisposable
{
    private AppDevice(RunningServer server, HttpClient http, string userId)
    {
        (Server, Http, UserId) = (server, http, userId);
        Methods = new(http);
    }

    public RunningServer Server { get; }

    public HttpClient Http { get; }

    public string UserId { get; }

    public AuthenticatorMethodsClient Methods { get; }

    public VaultDevice Key { get; set; } = VaultDevice.Create();

    public static async Task<AppDevice> SignInAsync(RunningServer server, string name)
    {
        using var browser = server.NewBrowser();
        var http = AppAccount.ClientFor(server, await AppAccount.AuthorizeAsync(server, browser, name));
        return new(server, http, (await new Latchkey.Api.Me.ProfileClient(http).GetAsync(CancellationToken.None)).Id);
    }

    /// <summary>Registers as an app does.</summary>
    public async Task<AuthenticatorAuthenticationMethod> RegisterAsync(string? name = null) =>
        await AnswerAsync((await Methods.ChallengeAsync(CancellationToken.None)).Challenge, name);

    /// <summary>Answers a challenge to register; where something is to be wrong, for another server or by another signer.</summary>
    public async Task<AuthenticatorAuthenticationMethod> AnswerAsync(string challenge, string? name = null, Uri? server = null, VaultDevice? signer = null)
    {
        var statement = DeviceStatement.Registration(server ?? Server.Options.Origin, UserId, challenge, Key.PublicKey);
        var method = await Methods.RegisterAsync(
            new(Key.PublicKey.ToBase64Url(), challenge, (signer ?? Key).Sign(statement).ToBase64Url(), name), CancellationToken.None);
        Key = Key with { Id = method.Id };
        return method;
    }

    public void Dispose() => Http.Dispose();
}
