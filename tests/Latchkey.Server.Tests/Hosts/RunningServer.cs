using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.Json.Nodes;
using Latchkey.Server.Features.Policies;
using Latchkey.Server.Hosting;
using Latchkey.Server.Storage;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Identity;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.TestHost;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using OtpNet;

namespace Latchkey.Server.Tests.Hosts;

/// <summary>The whole server with its demo organisation on a disk of its own, a clock the test turns, and everything it logs.</summary>
public sealed class RunningServer : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly ConcurrentDictionary<string, long> _usedSteps = new();
    private bool _isServed;

    private readonly bool _keep;

    private RunningServer(WebApplication app, ServerOptions options, FakeTimeProvider time, LogCapture logs, bool keep)
    {
        (_app, Options, Time, Logs, _keep) = (app, options, time, logs, keep);
        Demo = File.ReadAllLines(Path.Combine(options.DataDirectory, "demo.txt"))
            .Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            .Where(parts => parts.Length == 3 && parts[0] != "#")
            .ToDictionary(parts => $"{parts[0]} {parts[1]}", parts => parts[2]);
    }

    public ServerOptions Options { get; }

    public FakeTimeProvider Time { get; }

    public LogCapture Logs { get; }

    public Dictionary<string, string> Demo { get; }

    /// <summary>Making keys and hashing passwords takes seconds: done once, and copied for each test.</summary>
    private static readonly Lazy<Task<string>> FirstStart = new(async () =>
    {
        var directory = Directory.CreateTempSubdirectory("latchkey-first-start").FullName;
        var server = await StartAsync(directory);
        await server.StopAsync();
        return directory;
    });

    public static async Task<RunningServer> StartAsync() => await StartAsync(await NewDirectoryAsync());

    /// <summary>A directory as a first start leaves it.</summary>
    public static async Task<string> NewDirectoryAsync()
    {
        var directory = Directory.CreateTempSubdirectory("latchkey-server").FullName;
        var first = await FirstStart.Value;
        foreach (var file in Directory.GetFiles(first, "*", SearchOption.AllDirectories))
        {
            var copy = Path.Combine(directory, Path.GetRelativePath(first, file));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.Copy(file, copy);
        }

        return directory;
    }

    /// <summary>Starts on a directory that is there already, or is empty.</summary>
    /// <param name="directory">Where.</param>
    /// <param name="time">The clock, when it is to go on from where another server left it.</param>
    /// <param name="configure">Changes services.</param>
    /// <param name="keep">Whether the directory stays at the end.</param>
    /// <param name="served">Its options, when it is to be served over a real socket: on the port, or the Unix socket, that they name.</param>
    public static async Task<RunningServer> StartAsync(
        string directory, FakeTimeProvider? time = null, Action<IServiceCollection>? configure = null, bool keep = false, Func<ServerOptions, ServerOptions>? served = null)
    {
        var options = new ServerOptions { DataDirectory = directory, Port = served is null ? 7080 : FreePort(), Demo = true };
        options = served?.Invoke(options) ?? options;
        time ??= new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        var logs = new LogCapture();
        var app = ServerProgram.Build(options, builder =>
        {
            if (served is null) builder.WebHost.UseTestServer();
            builder.Services.AddSingleton<TimeProvider>(time);
            // A hash as slow as it should be would be most of what these tests wait for.
            builder.Services.Configure<PasswordHasherOptions>(hasher => hasher.IterationCount = 1000);
            configure?.Invoke(builder.Services);
            builder.Logging.ClearProviders().AddProvider(logs).SetMinimumLevel(LogLevel.Trace);
        });
        await ServerProgram.PrepareAsync(app.Services, options);
        await app.StartAsync();
        return new RunningServer(app, options, time, logs, keep) { _isServed = served is not null };
    }

    public Browser NewBrowser() => new(this, NewHandler());

    public WebSocketClient NewWebSocketClient() => _app.GetTestServer().CreateWebSocketClient();

    public HttpMessageHandler NewHandler() => _isServed ? new Wire(Options.Port) : _app.GetTestServer().CreateHandler();

    public HttpClient NewClient() => new(NewHandler()) { BaseAddress = Options.Origin };

    public IEnumerable<RouteEndpoint> Routes => _app.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>();

    /// <summary>A code the server has not seen: the next of the three that are good now.</summary>
    public string CodeOf(string name, string? secret = null)
    {
        secret ??= Demo[$"{name} totp-secret"];
        var now = Time.GetUtcNow().ToUnixTimeSeconds() / 30;
        var step = _usedSteps.AddOrUpdate(secret, now - 1, (_, used) => Math.Max(used + 1, now - 1));
        return new Totp(Base32Encoding.ToBytes(secret)).ComputeTotp(DateTimeOffset.FromUnixTimeSeconds(step * 30).UtcDateTime);
    }

    public async Task<T> InDatabaseAsync<T>(Func<LatchkeyDb, Task<T>> act)
    {
        await using var scope = _app.Services.CreateAsyncScope();
        return await act(scope.ServiceProvider.GetRequiredService<LatchkeyDb>());
    }

    public async Task WithServicesAsync(Func<IServiceProvider, Task> act)
    {
        await using var scope = _app.Services.CreateAsyncScope();
        await act(scope.ServiceProvider);
    }

    public Task<int> SetAsync(Action<Organisation> change) => InDatabaseAsync(async db =>
    {
        change(await db.Organisations.SingleAsync());
        return await db.SaveChangesAsync();
    });

    /// <summary>Changes what a merge patch names of the methods policy.</summary>
    public Task SetPolicyAsync(string change) => WithServicesAsync(async services =>
    {
        var policies = services.GetRequiredService<PolicyStore>();
        var merged = MergePatch.Apply(PolicyJson.Write((await policies.GetAsync(CancellationToken.None)).Policy), JsonNode.Parse(change));
        await policies.ReplaceAsync(PolicyJson.Read((JsonObject)merged!), Time.GetUtcNow(), CancellationToken.None);
        await services.GetRequiredService<LatchkeyDb>().SaveChangesAsync();
    });

    /// <summary>Stops; the directory stays, for a second start.</summary>
    public async Task StopAsync()
    {
        await _app.DisposeAsync();
        Microsoft.Data.Sqlite.SqliteConnection.ClearAllPools();
    }

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        Microsoft.Data.Sqlite.SqliteConnection.ClearAllPools();
        if (!_keep) Directory.Delete(Options.DataDirectory, recursive: true);
    }

    public static int FreePort()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)socket.LocalEndPoint!).Port;
    }

    /// <summary>Everything logged, at every level.</summary>
    public sealed class LogCapture : ILoggerProvider, ILogger
    {
        private readonly ConcurrentQueue<string> _lines = new(), _loud = new();

        public IReadOnlyCollection<string> Lines => _lines;

        /// <summary>What an operator reads: warnings and worse.</summary>
        public IReadOnlyCollection<string> Warnings => _loud;

        public ILogger CreateLogger(string categoryName) => this;

        public void Dispose()
        {
        }

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            var line = string.Create(CultureInfo.InvariantCulture, $"{formatter(state, exception)} {exception}");
            _lines.Enqueue(line);
            if (logLevel >= LogLevel.Warning) _loud.Enqueue(line);
        }
    }
}
