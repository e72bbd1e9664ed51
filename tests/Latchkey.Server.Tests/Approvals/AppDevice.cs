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
        (Methods, Approvals) = (new(http), new(http));
    }

    public RunningServer Server { get; }

    public HttpClient Http { get; }

    public string UserId { get; }

    public AuthenticatorMethodsClient Methods { get; }

    public ApprovalsClient Approvals { get; }

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

    /// <summary>The same app, with its key and its token, at a server that was started again.</summary>
    public AppDevice AtServer(RunningServer restarted)
    {
        var http = restarted.NewClient();
        http.DefaultRequestHeaders.Authorization = Http.DefaultRequestHeaders.Authorization;
        return new(restarted, http, UserId) { Key = Key };
    }

    public Task<IReadOnlyList<PendingApproval>> PendingAsync() => Approvals.ListAsync(Key.Id!, CancellationToken.None);

    public Task ApproveAsync(string id, string number) => Approvals.AnswerAsync(id, Answer(id, ApprovalDecisions.Approve, number), CancellationToken.None);

    public Task DenyAsync(string id) => Approvals.AnswerAsync(id, Answer(id, ApprovalDecisions.Deny, null), CancellationToken.None);

    /// <summary>A signed answer; where something is to be wrong, by another key.</summary>
    public ApprovalAnswer Answer(string id, string decision, string? number, VaultDevice? signer = null) => new(
        Key.Id!, decision, number, (signer ?? Key).Sign(DeviceStatement.Answer(Server.Options.Origin, UserId, id, Key.Id!, decision, number)).ToBase64Url());

    public void Dispose() => Http.Dispose();
}
