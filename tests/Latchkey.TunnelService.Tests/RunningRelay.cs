using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Net;
using System.Net.WebSockets;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;

namespace Latchkey.TunnelService.Tests;

/// <summary>The program's own relay on a loopback port, its clock in the test's hand.</summary>
internal sealed class RunningRelay : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly ConcurrentBag<ClientWebSocket> _clients = []; // one that nobody holds would be collected, and close

    private RunningRelay(WebApplication app, FakeTimeProvider time, LogLines log) => (_app, Time, Log) = (app, time, log);

    public FakeTimeProvider Time { get; }

    public LogLines Log { get; }

    public Uri Address => new(_app.Urls.First());

    public static async Task<RunningRelay> StartAsync(params string[] options)
    {
        var time = new FakeTimeProvider();
        var log = new LogLines();
        var app = RelayProgram.Build(RelayOptions.Parse(["--port", "0", .. options]), builder =>
        {
            builder.Services.AddSingleton<TimeProvider>(time);
            builder.Logging.AddProvider(log);
        });
        await app.StartAsync();
        return new RunningRelay(app, time, log);
    }

    public static string NewTunnelId() => Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16));

    public async Task<(WebSocket Socket, string RoutingId)> OpenAsync(string tunnelId)
    {
        var socket = await ConnectAsync($"/cable/new/{tunnelId}");
        return (socket, socket.HttpResponseHeaders!["X-caBLE-Routing-ID"].Single());
    }

    /// <summary>Opens a tunnel as a proxy does, for somebody else.</summary>
    public Task<ClientWebSocket> OpenForAsync(string forwardedFor) => ConnectAsync($"/cable/new/{NewTunnelId()}", forwardedFor);

    public async Task<HttpStatusCode> RefusedForAsync(string forwardedFor) => (await RefusedAsync($"/cable/new/{NewTunnelId()}", forwardedFor: forwardedFor)).Status;

    public Task<ClientWebSocket> JoinAsync(string routingId, string tunnelId) => ConnectAsync($"/cable/connect/{routingId}/{tunnelId}");

    /// <summary>A phone and a computer in one tunnel.</summary>
    public async Task<(WebSocket Phone, WebSocket Computer)> MeetAsync()
    {
        var id = NewTunnelId();
        var (phone, routingId) = await OpenAsync(id);
        return (phone, await JoinAsync(routingId, id));
    }

    /// <summary>The refusal's status and its line.</summary>
    public async Task<(HttpStatusCode Status, string Line)> RefusedAsync(string path, string protocol = "fido.cable", string? forwardedFor = null)
    {
        using var http = new HttpClient { BaseAddress = Address };
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.Add("Connection", "Upgrade");
        request.Headers.Add("Upgrade", "websocket");
        request.Headers.Add("Sec-WebSocket-Version", "13");
        request.Headers.Add("Sec-WebSocket-Key", Convert.ToBase64String(RandomNumberGenerator.GetBytes(16)));
        request.Headers.Add("Sec-WebSocket-Protocol", protocol);
        if (forwardedFor is not null) request.Headers.Add("X-Forwarded-For", forwardedFor);
        using var response = await http.SendAsync(request);
        return (response.StatusCode, await response.Content.ReadAsStringAsync());
    }

    public Task StopAsync() => _app.StopAsync();

    public MeterListener Listen(Action<string, long, string?> heard)
    {
        var listener = new MeterListener
        {
            InstrumentPublished = (instrument, listener) =>
            {
                if (instrument.Meter.Name == "Latchkey.TunnelService" && instrument.Meter.Scope == _app.Services.GetRequiredService<IMeterFactory>())
                {
                    listener.EnableMeasurementEvents(instrument);
                }
            },
        };
        listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => heard(instrument.Name, value, Reason(tags)));
        listener.SetMeasurementEventCallback<int>((instrument, value, tags, _) => heard(instrument.Name, value, Reason(tags)));
        listener.Start();
        return listener;
    }

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync(new CancellationToken(canceled: true));
        await _app.DisposeAsync();
        foreach (var client in _clients)
        {
            client.Dispose();
        }
    }

    private static string? Reason(ReadOnlySpan<KeyValuePair<string, object?>> tags) => tags.IsEmpty ? null : tags[0].Value as string;

    private async Task<ClientWebSocket> ConnectAsync(string path, string? forwardedFor = null)
    {
        var socket = new ClientWebSocket();
        _clients.Add(socket);
        socket.Options.AddSubProtocol("fido.cable");
        if (forwardedFor is not null) socket.Options.SetRequestHeader("X-Forwarded-For", forwardedFor);
        socket.Options.CollectHttpResponseDetails = true;
        // Offered by browsers; must not be accepted.
        socket.Options.DangerousDeflateOptions = new WebSocketDeflateOptions();
        await socket.ConnectAsync(new UriBuilder(Address) { Scheme = "ws", Path = path }.Uri, CancellationToken.None);
        return socket;
    }
}

/// <summary>What the relay wrote to its log.</summary>
internal sealed class LogLines : ILoggerProvider, ILogger
{
    private readonly ConcurrentQueue<string> _lines = [];

    public IEnumerable<string> Lines => _lines;

    public ILogger CreateLogger(string categoryName) => this;

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
        _lines.Enqueue(formatter(state, exception) + exception);

    public void Dispose()
    {
    }
}
