using System.Net;
using System.Text;
using Latchkey.Authenticator.Vault;
using Latchkey.AuthenticatorApp.Device;
using Latchkey.AuthenticatorApp.Device.Platforms.Desktop;
using Latchkey.AuthenticatorApp.Features.ScanQrCode;
using Latchkey.Hybrid;
using Latchkey.Hybrid.Advert;
using Latchkey.Hybrid.Qr;
using Latchkey.Protocol.Ctap;
using Latchkey.Protocol.WebAuthn;
using Microsoft.Extensions.Time.Testing;

namespace Latchkey.AuthenticatorApp.Tests;

/// <summary>The program around the scanning of a code: an open vault, a PIN window, and a meeting place made of paper.</summary>
internal sealed class Scanning : IDisposable
{
    public const string Pin = "passe-partout";

    /// <summary>A code a real browser drew, to save a passkey.</summary>
    public static readonly HybridQrCode Code = HybridQrCode.Parse(
        "FIDO:/238451178209281667156538260310741160359759458938201573697652786205225662118051624718246600538237782637384721773011818560066190121689259155437386659267330109321447142404");

    private readonly string _directory = Directory.CreateTempSubdirectory("latchkey-scan").FullName;
    private readonly StrangersServers _http = new();

    private Scanning(ushort? tunnelDomain)
    {
        Time = new(Code.Timestamp!.Value.AddSeconds(5));
        Window = new(Time);
        Options = new(_directory) { TunnelDomain = tunnelDomain is { } id ? new(id) : null };
        Session = new(Options, new DesktopPlatform(), Window, _http, Time);
        Flow = new(Session, Options, Place, Time);
        Flow.Changed += () => Steps.Add(Flow.Step);
    }

    public FakeTimeProvider Time { get; }

    public PinWindow Window { get; }

    public AppOptions Options { get; }

    public VaultSession Session { get; }

    public PaperPlace Place { get; } = new();

    public ScanQrCodeFlow Flow { get; }

    public List<ScanStep?> Steps { get; } = [];

    public FileCredentialStore Store => Session.Open!.Store;

    /// <summary>What every server of the world answers.</summary>
    public Func<HttpRequestMessage, HttpResponseMessage> Servers
    {
        set => _http.Answer = value;
    }

    public static async Task<Scanning> StartAsync(CancellationToken cancellationToken, ushort? tunnelDomain = 266)
    {
        var scanning = new Scanning(tunnelDomain);
        await scanning.Session.CreateAsync(Pin, cancellationToken);
        return scanning;
    }

    public static HttpResponseMessage Json(string json) => new(HttpStatusCode.OK) { Content = new StringContent(json, Encoding.UTF8, "application/json") };

    /// <summary>An account whose organisation has, or has not, a tunnel domain.</summary>
    public Task AddAccountAsync(string organisation, int? tunnelDomain, Uri? server = null) => Store.UpdateAsync(
        contents => contents with
        {
            Accounts = contents.Accounts.Add(new(organisation, server ?? new($"https://{organisation}.example/"), "42", "ada", "Ada", organisation) { TunnelDomain = tunnelDomain, AddedAt = Time.GetUtcNow() }),
        },
        CancellationToken.None);

    /// <summary>Up to the question whether to begin.</summary>
    public async Task GetReadyAsync(HybridQrCode? code = null)
    {
        await Flow.ReadAsync((code ?? Code).Encode(), CodeSource.Camera);
        Assert.IsType<ScanStep.Ready>(Flow.Step);
    }

    /// <summary>The question in the PIN window, as soon as it is there.</summary>
    public async Task<PinQuestion> QuestionAsync(CancellationToken cancellationToken)
    {
        var asked = new TaskCompletionSource<PinQuestion>(TaskCreationOptions.RunContinuationsAsynchronously);
        void Look()
        {
            if (Window.Question is { } question) asked.TrySetResult(question);
        }

        Window.Changed += Look;
        Look();
        var found = await asked.Task.WaitAsync(cancellationToken);
        Window.Changed -= Look;
        return found;
    }

    public void Dispose()
    {
        Flow.Dispose();
        Session.Dispose();
        Window.Dispose();
        _http.Dispose();
        Directory.Delete(_directory, recursive: true);
    }

    private sealed class StrangersServers : HttpMessageHandler, IHttpClientFactory
    {
        public Func<HttpRequestMessage, HttpResponseMessage> Answer { get; set; } = _ => new(HttpStatusCode.NotFound);

        public HttpClient CreateClient(string name) => new(this, disposeHandler: false);

        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) => Task.FromResult(Answer(request));
    }
}

/// <summary>A meeting place made of paper: what it finds and what the computer does is written down beforehand.</summary>
internal sealed class PaperPlace : IMeetingPlace
{
    public BluetoothState Bluetooth { get; set; } = new(1, null);

    public HybridProblem? TunnelService { get; set; }

    /// <summary>Completes when the check may go on; cancelled with it.</summary>
    public Task Delay { get; set; } = Task.CompletedTask;

    public TunnelDomain? Domain { get; private set; }

    /// <summary>What the computer does once it is there.</summary>
    public Func<Call, Task<HybridOutcome>> Computer { get; set; } = _ => Task.FromResult(new HybridOutcome { Problem = HybridProblem.TimedOut });

    public async Task<BluetoothState> CheckBluetoothAsync(CancellationToken cancellationToken)
    {
        await Delay.WaitAsync(cancellationToken);
        return Bluetooth;
    }

    public Task<HybridProblem?> CheckTunnelServiceAsync(TunnelDomain domain, CancellationToken cancellationToken)
    {
        Domain = domain;
        return Task.FromResult(TunnelService);
    }

    public Task<HybridOutcome> AnswerAsync(
        ICtapAuthenticator authenticator,
        TunnelDomain domain,
        HybridQrCode code,
        IProgress<HybridProgress> progress,
        Func<MakeCredentialResponse, bool, Task> made,
        CancellationToken cancellationToken) => Computer(new(authenticator, progress, made, cancellationToken));

    /// <summary>One meeting, from the computer's side.</summary>
    internal sealed record Call(ICtapAuthenticator Authenticator, IProgress<HybridProgress> Progress, Func<MakeCredentialResponse, bool, Task> Made, CancellationToken Cancellation)
    {
        /// <summary>Asks for a passkey as the responder would: staged, then delivered or rolled back.</summary>
        public async Task<HybridOutcome> MakeAsync(string rpId = "shop.example", bool written = true)
        {
            foreach (var progress in (HybridProgress[])[HybridProgress.Waiting, HybridProgress.Connected, HybridProgress.Asking]) Progress.Report(progress);
            try
            {
                var response = await Authenticator.MakeCredentialAsync(
                    new(ClientDataHash.Of("{}"u8), new(rpId, "Shop"), new(new("eve"u8.ToArray()), "eve", "Eve"), [-7]) { Rk = true, Uv = true }, Cancellation);
                Progress.Report(HybridProgress.Saving);
                await Made(response, written);
                if (!written) return new() { Problem = HybridProblem.PeerClosed };
                Progress.Report(HybridProgress.Done);
                return new() { Operation = HybridOperation.MakeCredential, Status = CtapStatus.Success };
            }
            catch (CtapException e)
            {
                return new() { Operation = HybridOperation.MakeCredential, Status = e.Status };
            }
        }

        /// <summary>Asks for a sign-in.</summary>
        public async Task<HybridOutcome> SignInAsync(string rpId = "shop.example")
        {
            try
            {
                await Authenticator.GetAssertionAsync(new(rpId, ClientDataHash.Of("{}"u8)) { Uv = true }, Cancellation);
                return new() { Operation = HybridOperation.GetAssertion, Status = CtapStatus.Success };
            }
            catch (CtapException e)
            {
                return new() { Operation = HybridOperation.GetAssertion, Status = e.Status };
            }
        }
    }
}
