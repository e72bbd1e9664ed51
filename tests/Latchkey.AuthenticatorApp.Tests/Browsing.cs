using System.IO.Pipes;
using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using Latchkey.Authenticator;
using Latchkey.Authenticator.Vault;
using Latchkey.AuthenticatorApp.Device;
using Latchkey.AuthenticatorApp.Device.Browsers;
using Latchkey.AuthenticatorApp.Device.Platforms.Desktop;
using Latchkey.Client;
using Latchkey.Protocol;
using Latchkey.Protocol.WebAuthn;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Web;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Latchkey.AuthenticatorApp.Tests;

/// <summary>The program as a browser sees it: a socket in its data directory, a vault behind it, a PIN window, and servers made of paper.</summary>
internal sealed class Browsing : IAsyncDisposable
{
    public const string Pin = "passe-partout";

    public const string Site = "https://shop.example";

    private readonly string _directory = Directory.CreateTempSubdirectory("latchkey-browse").FullName;
    private readonly PaperServers _servers = new();
    private readonly HttpMessageInvoker _related;
    private readonly BrowserDesk _desk;
    private readonly BrowserSocket _socket;

    private Browsing()
    {
        Window = new(Time);
        Guard = new(Time);
        var options = new AppOptions(_directory) { OpensBrowser = false };
        Session = new(options, new DesktopPlatform(), Window, _servers, Time);
        _related = new(_servers, disposeHandler: false);
        AppWindow = new(options, Guard, new DesktopPlatform()) { Root = new("http://127.0.0.1:7081/") };
        Heard = new(options, Time);
        _desk = new(Session, new RelatedOrigins(_related, Time), AppWindow, Heard, Time);
        _socket = new(options, _desk, NullLogger<BrowserSocket>.Instance);
    }

    public FakeTimeProvider Time { get; } = new(new(2026, 3, 3, 12, 0, 0, TimeSpan.Zero));

    public LoopbackGuard Guard { get; }

    public AppWindow AppWindow { get; }

    public HeardBrowsers Heard { get; }

    public PinWindow Window { get; }

    public VaultSession Session { get; }

    public string DataDirectory => _directory;

    public IHttpClientFactory Http => _servers;

    public FileCredentialStore Store => Session.Open!.Store;

    /// <summary>What every server of the world answers.</summary>
    public Func<HttpRequestMessage, HttpResponseMessage> Servers
    {
        set => _servers.Answer = value;
    }

    /// <summary>The same, for one that takes its time.</summary>
    public Func<HttpRequestMessage, Task<HttpResponseMessage>> Related
    {
        set => _servers.Later = value;
    }

    public static CancellationToken Token => TestContext.Current.CancellationToken;

    public static async Task<Browsing> StartAsync(bool withVault = true)
    {
        var browsing = new Browsing();
        if (withVault) await browsing.Session.CreateAsync(Pin, Token);
        await browsing._socket.StartAsync(Token);
        return browsing;
    }

    /// <summary>A native host, connected.</summary>
    public async Task<PaperBrowser> ConnectAsync()
    {
        var stream = new NamedPipeClientStream(".", BrowserSocket.AddressOf(_directory)!, PipeDirection.InOut, PipeOptions.Asynchronous | PipeOptions.CurrentUserOnly);
        await stream.ConnectAsync(30_000, Token);
        return new(stream);
    }

    /// <summary>A passkey that is there already.</summary>
    public async Task<CredentialId> AddPasskeyAsync(string rpId = "shop.example", string user = "eve")
    {
        var response = await Session.Open!.Authenticator.MakeCredentialAsync(new(ClientDataHash.Of("{}"u8), new(rpId, "Shop"), new(UserOf(user), user, user), [-7]) { Rk = true, Uv = true }, Token)
            .AnsweredBy(this);
        var id = Latchkey.Accounts.PasskeyDelivery.IdOf(response);
        await Store.DeliverAsync(id, Token);
        await Store.ConfirmAsync(id, Token);
        return id;
    }

    /// <summary>Answers the question in the PIN window, as soon as it is there.</summary>
    public async Task<AuthorizationRequest> AnswerAsync(AuthorizationAnswer? answer = null)
    {
        var asked = new TaskCompletionSource<PinQuestion>(TaskCreationOptions.RunContinuationsAsynchronously);
        void Look()
        {
            if (Window.Question is { } question && !question.Answer.Task.IsCompleted) asked.TrySetResult(question);
        }

        Window.Changed += Look;
        Look();
        var found = await asked.Task.WaitAsync(TimeSpan.FromSeconds(60), Token);
        Window.Changed -= Look;
        found.Answer.TrySetResult(answer ?? new AuthorizationAnswer.Granted { Pin = Pin });
        return found.Request;
    }

    /// <summary>A page of this program as it stands once all it asked for has been answered, with what the program's pages work on.</summary>
    /// <param name="id">What its address names, if it names something.</param>
    public async Task<string> ShowAsync<TPage>(string? id = null)
        where TPage : IComponent
    {
        await using var services = new ServiceCollection().AddLogging().AddAuthenticator(new(_directory) { OpensBrowser = false })
            .AddSingleton<TimeProvider>(Time).AddSingleton(Session).AddSingleton(Window).AddSingleton(Http).AddSingleton<NavigationManager>(new Standing()).BuildServiceProvider();
        await using var renderer = new HtmlRenderer(services, NullLoggerFactory.Instance);
        var parameters = ParameterView.FromDictionary(id is null ? [] : new Dictionary<string, object?>(StringComparer.Ordinal) { ["Id"] = id });
        return await renderer.Dispatcher.InvokeAsync(async () => WebUtility.HtmlDecode((await renderer.RenderComponentAsync<TPage>(parameters)).ToHtmlString()));
    }

    /// <summary>Waits until something about the vault is true.</summary>
    public async Task UntilAsync(Func<Browsing, bool> condition)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(Token);
        patience.CancelAfter(TimeSpan.FromSeconds(60));
        while (!condition(this)) await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System, patience.Token);
    }

    public static UserHandle UserOf(string user) => new(System.Text.Encoding.UTF8.GetBytes(user));

    public static JsonObject Create(int id, string rpId = "shop.example", string user = "eve") => new()
    {
        ["id"] = id,
        ["type"] = "create",
        ["caller"] = new JsonObject { ["origin"] = Site, ["crossOrigin"] = false },
        ["options"] = new JsonObject
        {
            ["rp"] = new JsonObject { ["id"] = rpId, ["name"] = "Shop" },
            ["user"] = new JsonObject { ["id"] = UserOf(user).ToString(), ["name"] = user, ["displayName"] = user },
            ["challenge"] = ByteString.Random(32).ToBase64Url(),
            ["pubKeyCredParams"] = new JsonArray { new JsonObject { ["type"] = "public-key", ["alg"] = -7 } },
            ["authenticatorSelection"] = new JsonObject { ["residentKey"] = "required", ["userVerification"] = "required" },
        },
    };

    /// <summary>The question whether there is anything to offer for a request, for which a person has acted or has not.</summary>
    public static JsonObject Offers(JsonObject request, bool acted = true)
    {
        var question = Judge(request);
        question["type"] = "offers";
        question["acted"] = acted;
        return question;
    }

    /// <summary>The question whether a request is one for this Authenticator.</summary>
    public static JsonObject Judge(JsonObject request)
    {
        var question = request.DeepClone().AsObject();
        question["kind"] = (string?)question["type"];
        question["type"] = "judge";
        return question;
    }

    public static JsonObject Get(int id, string? rpId = "shop.example") => new()
    {
        ["id"] = id,
        ["type"] = "get",
        ["caller"] = new JsonObject { ["origin"] = Site, ["crossOrigin"] = false },
        ["options"] = new JsonObject { ["challenge"] = ByteString.Random(32).ToBase64Url(), ["rpId"] = rpId, ["userVerification"] = "required" },
    };

    public async ValueTask DisposeAsync()
    {
        await _socket.StopAsync(CancellationToken.None);
        _socket.Dispose();
        _desk.Dispose();
        _related.Dispose();
        Session.Dispose();
        Window.Dispose();
        _servers.Dispose();
        Directory.Delete(_directory, recursive: true);
    }

    /// <summary>The page stays where it is.</summary>
    private sealed class Standing : NavigationManager
    {
        public Standing() => Initialize("http://127.0.0.1:7081/", "http://127.0.0.1:7081/");

        protected override void NavigateToCore(string uri, NavigationOptions options)
        {
        }
    }

    private sealed class PaperServers : HttpMessageHandler, IHttpClientFactory
    {
        public Func<HttpRequestMessage, HttpResponseMessage> Answer { get; set; } = _ => new(HttpStatusCode.NotFound);

        public HttpClient CreateClient(string name) => new(this, disposeHandler: false);

        public Func<HttpRequestMessage, Task<HttpResponseMessage>>? Later { get; set; }

        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
            Later is { } later ? later(request).WaitAsync(cancellationToken) : Task.FromResult(Answer(request));
    }
}

/// <summary>A browser with its extension, from the native host's side.</summary>
internal sealed class PaperBrowser(NamedPipeClientStream stream) : IAsyncDisposable
{
    public Task SayAsync(JsonObject message) => BrowserFrames.WriteAsync(stream, JsonSerializer.SerializeToUtf8Bytes(message), Browsing.Token);

    public Task SayAsync(int id, string type) => SayAsync(new JsonObject { ["id"] = id, ["type"] = type });

    public Task WriteAsync(byte[] bytes) => stream.WriteAsync(bytes, Browsing.Token).AsTask();

    /// <summary>The next message that is not "changed"; null when the Authenticator hung up.</summary>
    public async Task<JsonNode?> HearAsync()
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(Browsing.Token);
        patience.CancelAfter(TimeSpan.FromSeconds(60));
        try
        {
            while (await HearAnythingAsync(patience.Token) is { } heard)
            {
                if ((string?)heard["type"] != "changed") return heard;
            }

            return null;
        }
        catch (IOException)
        {
            return null;
        }
    }

    /// <summary>The next message, whatever it is.</summary>
    public async Task<JsonNode?> HearAnythingAsync(CancellationToken? patience = null) =>
        await BrowserFrames.ReadAsync(stream, patience ?? Browsing.Token) is { } message ? JsonNode.Parse(message) : null;

    /// <summary>The next message is of this type, no answer yet.</summary>
    public async Task<JsonNode> HearAsync(string type, int id)
    {
        var heard = await HearAsync();
        Assert.True((string?)heard?["type"] == type && (int?)heard["id"] == id, $"{type} of {id} was due, and {heard} was heard");
        return heard!;
    }

    /// <summary>The next message is the answer to a request; what it brings.</summary>
    public async Task<JsonNode> AnswerAsync(int id)
    {
        var heard = await HearAsync();
        Assert.True(heard?["ok"] is not null && (int?)heard["id"] == id, $"an answer to {id} was due, and {heard} was heard");
        return heard!["ok"]!;
    }

    /// <summary>The next message is the end of a request without a credential; the error.</summary>
    public async Task<JsonNode> ErrorAsync(int id)
    {
        var heard = await HearAsync();
        Assert.True(heard?["error"] is not null && (int?)heard["id"] == id, $"an error of {id} was due, and {heard} was heard");
        return heard!["error"]!;
    }

    /// <summary>Up to the question in the PIN window.</summary>
    public async Task<JsonNode> BeginAsync(JsonObject request)
    {
        await SayAsync(request);
        return await HearAsync("asking", (int)request["id"]!);
    }

    public ValueTask DisposeAsync() => stream.DisposeAsync();
}

internal static class BrowsingTasks
{
    /// <summary>The same request, of another page.</summary>
    public static JsonObject From(this JsonObject request, string origin)
    {
        request["caller"]!["origin"] = origin;
        return request;
    }

    /// <summary>The same task, once the person has said yes.</summary>
    public static async Task<T> AnsweredBy<T>(this Task<T> task, Browsing browsing)
    {
        await browsing.AnswerAsync();
        return await task;
    }
}
