using Latchkey.Accounts.Tests;
using Latchkey.Authenticator;
using Latchkey.Authenticator.Vault;
using Latchkey.AuthenticatorApp.Device;
using Latchkey.AuthenticatorApp.Device.Platforms.Desktop;
using Latchkey.AuthenticatorApp.Features.AddAccount;
using Microsoft.Extensions.Time.Testing;

namespace Latchkey.AuthenticatorApp.Tests;

/// <summary>The program around adding an account: a vault on disk that outlives it, the PIN window, and servers on paper. Disposing it is the program's end.</summary>
internal sealed class AddingAccounts : IDisposable
{
    private readonly HttpMessageHandler _servers;

    private AddingAccounts(string directory, HttpMessageHandler servers, FakeTimeProvider time)
    {
        (_servers, Window) = (servers, new(time));
        Session = new(new(directory), new DesktopPlatform(), Window, new Servers(servers), time);
        Flow = new(Session, new(directory), new DesktopPlatform(), new Servers(servers), time) { CallbackRoot = new("http://127.0.0.1:7081/") };
        Flow.Changed += () => Steps.Add(Flow.Step);
        Window.Changed += () =>
        {
            if (Window.Question is { } question)
            {
                PinsAsked++;
                question.Answer.TrySetResult(Answer(question.Request));
            }
        };
    }

    public PinWindow Window { get; }

    public VaultSession Session { get; }

    public AddAccountFlow Flow { get; }

    public List<AddAccountStep?> Steps { get; } = [];

    /// <summary>What the person does at the PIN window.</summary>
    public Func<AuthorizationRequest, AuthorizationAnswer> Answer { get; set; } = Agrees;

    public int PinsAsked { get; private set; }

    public VaultContents Vault => Session.Open!.Store.Contents;

    public VaultAccount Account => Assert.Single(Vault.Accounts);

    public static AuthorizationAnswer Agrees(AuthorizationRequest request) =>
        new AuthorizationAnswer.Granted { Pin = Scanning.Pin, Replace = request is AuthorizationRequest.CreatePasskey { Existing: not null } };

    /// <summary>Starts the program and opens its vault, or makes one.</summary>
    public static async Task<AddingAccounts> StartAsync(string directory, HttpMessageHandler servers, FakeTimeProvider time, CancellationToken cancellationToken)
    {
        var adding = new AddingAccounts(directory, servers, time);
        await (adding.Session.Exists ? adding.Session.UnlockAsync(Scanning.Pin, cancellationToken) : adding.Session.CreateAsync(Scanning.Pin, cancellationToken));
        return adding;
    }

    /// <summary>From + through the browser; ends where the flow waits for the person.</summary>
    public async Task<AddAccountStep> SignInAsync(Uri server, CancellationToken cancellationToken)
    {
        Flow.Begin();
        Flow.ChooseServer(server.ToString());
        return await ComeBackAsync(cancellationToken);
    }

    /// <summary>The browser comes back.</summary>
    public async Task<AddAccountStep> ComeBackAsync(CancellationToken cancellationToken)
    {
        var waiting = Assert.IsType<AddAccountStep.SignIn>(Flow.Step);
        Assert.True(Flow.Return(waiting.Request.State, "code", null));
        return await RestAsync(cancellationToken);
    }

    /// <summary>The next step at which the person has the word.</summary>
    public async Task<AddAccountStep> RestAsync(CancellationToken cancellationToken)
    {
        var rests = new TaskCompletionSource<AddAccountStep>(TaskCreationOptions.RunContinuationsAsynchronously);
        void Look()
        {
            if (Flow.Step is { } step and not (AddAccountStep.Looking or AddAccountStep.SettingUp)) rests.TrySetResult(step);
        }

        Flow.Changed += Look;
        Look();
        var found = await rests.Task.WaitAsync(cancellationToken);
        Flow.Changed -= Look;
        return found;
    }

    public void Dispose()
    {
        Flow.Dispose();
        Session.Dispose();
        Window.Dispose();
    }

    private sealed class Servers(HttpMessageHandler handler) : IHttpClientFactory
    {
        public HttpClient CreateClient(string name) => new(handler, disposeHandler: false);
    }
}

/// <summary>Two servers behind one net.</summary>
internal sealed class TwoServers(PaperServer one, PaperServer other, Uri otherRoot) : HttpMessageHandler
{
    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
        new HttpMessageInvoker(request.RequestUri!.Authority == otherRoot.Authority ? other : one, disposeHandler: false).SendAsync(request, cancellationToken);
}
