using System.Threading.Channels;
using Latchkey.Accounts.Tests;
using Latchkey.Api.Approvals;
using Latchkey.AuthenticatorApp.Device;
using Latchkey.AuthenticatorApp.Device.Platforms.Desktop;
using Latchkey.AuthenticatorApp.Features.Approvals;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http.Connections;
using Microsoft.AspNetCore.SignalR;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;

namespace Latchkey.AuthenticatorApp.Tests;

/// <summary>How the Authenticator hears of a sign-in: at once where it is connected, before long where it is not, and again when the server is back.</summary>
public sealed class LiveConnectionTests : IAsyncLifetime
{
    private const string Approvals = "GET /v1.0/me/authentication/approvals", Methods = "GET /v1.0/me/authentication/fido2Methods";
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2), PollEvery = TimeSpan.FromSeconds(5);

    private readonly string _directory = Directory.CreateTempSubdirectory("latchkey-live").FullName;
    private readonly Clock _time = new(new(2026, 6, 1, 9, 0, 0, TimeSpan.Zero));
    private readonly OpenedLinks _windows = new();
    private readonly Channel<string> _asked = Channel.CreateUnbounded<string>();
    private WebApplication? _server;
    private PaperServer _paper = null!;
    private PinWindow _pins = null!;
    private VaultSession _session = null!;
    private WaitingApprovals _approvals = null!;
    private LiveConnection _live = null!;
    private int _port;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        await StartServerAsync(hub => { });
        var root = new Uri($"http://localhost:{_port}/");
        _paper = new(_time, root) { After = request => _asked.Writer.TryWrite($"{request.Method} {request.RequestUri!.AbsolutePath}") };
        _pins = new(_time);
        _session = new(new(_directory), new DesktopPlatform(), _pins, new Servers(_paper), _time);
        await _session.CreateAsync("passe-partout", Token);
        var account = await _session.Open!.Accounts.AddAsync(root, _paper.SignIn(), Token);
        await _session.Open.Devices.RegisterAsync(account, Token);
        _approvals = new(_session, _time);
        _live = new(_session, _windows, _approvals, _time);
        while (_asked.Reader.TryRead(out _))
        {
            // What was asked until here is not what these tests are about.
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _live.StopAsync(CancellationToken.None);
        _live.Dispose();
        await StopServerAsync();
        _session.Dispose();
        _pins.Dispose();
        _paper.Dispose();
        Directory.Delete(_directory, recursive: true);
    }

    [Theory]
    [InlineData(HttpTransportType.WebSockets)]
    [InlineData(HttpTransportType.ServerSentEvents)]
    [InlineData(HttpTransportType.LongPolling)] // all that some proxies let through
    public async Task A_sign_in_is_shown_when_the_server_tells_of_it_by_whichever_transport_there_is(HttpTransportType transport)
    {
        await StopServerAsync();
        await StartServerAsync(hub => hub.Transports = transport);
        await _live.StartAsync(Token);
        await HearsAsync();

        Assert.Null(_approvals.Current);
        _paper.Waiting.Add(SignIn("one"));
        await TellAsync(ApprovalsClient.ApprovalsChanged);

        Assert.Equal("one", (await ShownAsync()).Request.Id);
    }

    [Fact]
    public async Task A_deletion_in_the_portal_is_looked_at_when_the_server_tells_of_it()
    {
        await _live.StartAsync(Token);
        await HearsAsync();

        await TellAsync(ApprovalsClient.MethodsChanged);

        await SeesAsync(Methods);
    }

    [Fact]
    public async Task Where_it_can_not_connect_it_asks_every_five_seconds_while_somebody_looks()
    {
        await StopServerAsync();
        _paper.Waiting.Add(SignIn("one"));
        _windows.WindowOpened();
        await _live.StartAsync(Token);
        Assert.Equal("one", (await ShownAsync()).Request.Id);

        _paper.Waiting.Clear();
        _paper.Waiting.Add(SignIn("two"));
        await SeesAsync(Approvals);
        Assert.Equal("one", _approvals.Current!.Request.Id);
        await _time.PassAsync(PollEvery);
        await SeesAsync(Approvals);

        Assert.Equal("two", (await ShownAsync("two")).Request.Id);
    }

    [Fact]
    public async Task Where_it_can_not_connect_and_nobody_looks_it_asks_nothing()
    {
        await StopServerAsync();
        await _live.StartAsync(Token);

        for (var i = 0; i < 10; i++) await _time.PassAsync(PollEvery);
        await _time.WaitAsync();

        Assert.False(_asked.Reader.TryRead(out var what), what);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(30)] // away so long that it tries every two minutes only
    public async Task When_the_server_is_back_it_is_connected_again_and_looks_at_what_it_was_not_told(int minutes)
    {
        await _live.StartAsync(Token);
        await HearsAsync();
        await StopServerAsync();
        for (var passed = TimeSpan.Zero; passed < TimeSpan.FromMinutes(minutes); passed += PollEvery) await _time.PassAsync(PollEvery);
        await StartServerAsync(hub => { });
        _paper.Waiting.Add(SignIn("meanwhile"));

        for (var passed = TimeSpan.Zero; passed <= TimeSpan.FromMinutes(2); passed += PollEvery) await _time.PassAsync(PollEvery);

        await SeesAsync(Methods);
        Assert.Equal("meanwhile", (await ShownAsync()).Request.Id);
        _paper.Waiting.Clear();
        await TellAsync(ApprovalsClient.ApprovalsChanged);
        await ShownAsync(null);
    }

    [Fact]
    public async Task A_locked_vault_hangs_up_and_asks_nothing()
    {
        _windows.WindowOpened();
        await _live.StartAsync(Token);
        await HearsAsync();

        _session.Lock();
        await _time.PassAsync(PollEvery);
        await _time.WaitAsync();
        await TellAsync(ApprovalsClient.ApprovalsChanged);
        await _time.PassAsync(PollEvery);
        await _time.WaitAsync();

        Assert.False(_asked.Reader.TryRead(out var what), what);
    }

    private PendingApproval SignIn(string id) => new(id, ApprovalKinds.SecondFactor, "My Security info", null, _time.GetUtcNow(), 3600);

    private async Task StartServerAsync(Action<HttpConnectionDispatcherOptions> configure)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls($"http://127.0.0.1:{_port}");
        builder.Services.AddSignalR();
        _server = builder.Build();
        _server.MapHub<PaperHub>("/" + ApprovalsClient.LivePath, configure);
        await _server.StartAsync(Token);
        _port = new Uri(_server.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First()).Port;
    }

    private async Task StopServerAsync()
    {
        if (_server is not null) await _server.DisposeAsync();
        _server = null;
    }

    private Task TellAsync(string message) => _server!.Services.GetRequiredService<IHubContext<PaperHub>>().Clients.All.SendAsync(message, Token);

    /// <summary>
    /// It is connected: the server tells it so, and it asks what was before. A first try that fails, as one may on a busy machine, is followed by
    /// others; time passes only while it waits for them.
    /// </summary>
    private async Task HearsAsync()
    {
        var sees = SeesAsync(Approvals);
        while (await Task.WhenAny(sees, _time.IsWaitedForAsync()) != sees) await _time.PassAsync(PollEvery);
        await sees;
    }

    /// <summary>The server was asked this.</summary>
    private async Task SeesAsync(string request)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(Token);
        patience.CancelAfter(Patience);
        while (await _asked.Reader.ReadAsync(patience.Token) != request)
        {
            // Something else.
        }
    }

    /// <summary>What the app shows, once it is this one, or any.</summary>
    private async Task<WaitingApproval> ShownAsync(string? id = "")
    {
        var shown = new TaskCompletionSource<WaitingApproval?>(TaskCreationOptions.RunContinuationsAsynchronously);
        void Look()
        {
            var now = _approvals.Current;
            if (id is null ? now is null : now is not null && (id.Length == 0 || now.Request.Id == id)) shown.TrySetResult(now);
        }

        _approvals.Changed += Look;
        Look();
        var found = await shown.Task.WaitAsync(Patience, Token);
        _approvals.Changed -= Look;
        return found!;
    }

    private sealed class PaperHub : Hub
    {
        public override Task OnConnectedAsync() => Clients.Caller.SendAsync(ApprovalsClient.ApprovalsChanged, Context.ConnectionAborted);
    }

    private sealed class Servers(HttpMessageHandler paper) : IHttpClientFactory
    {
        public HttpClient CreateClient(string name) => new(paper, disposeHandler: false);
    }

    /// <summary>A clock that knows when somebody has begun to wait for the next look, and passes no time before.</summary>
    private sealed class Clock(DateTimeOffset now) : FakeTimeProvider(now)
    {
        private readonly Channel<bool> _waits = Channel.CreateUnbounded<bool>();

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            var timer = base.CreateTimer(callback, state, dueTime, period);
            if (dueTime == PollEvery) _waits.Writer.TryWrite(true);
            return timer;
        }

        /// <summary>Until a look is over.</summary>
        public Task<bool> WaitAsync() => _waits.Reader.ReadAsync(Token).AsTask().WaitAsync(Patience, Token);

        /// <summary>Until a look is over; who waits for the same, is told of the same one.</summary>
        public Task<bool> IsWaitedForAsync() => _waits.Reader.WaitToReadAsync(Token).AsTask();

        public async Task PassAsync(TimeSpan time)
        {
            await WaitAsync();
            Advance(time);
        }
    }
}
