using Latchkey.Accounts.Tests.Killing;
using Latchkey.Api.OpenIdConnect;
using Latchkey.Protocol;
using Latchkey.Protocol.WebAuthn;
using Latchkey.Server.Tests.Api;
using Latchkey.Server.Tests.Hosts;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Time.Testing;

namespace Latchkey.Server.Tests.Loop;

/// <summary>The whole server in this process, with its database on disk, and one of its demo people. It can be killed too, and comes back on what it left.</summary>
internal sealed class RealWorld : World
{
    private const string Person = "regular";

    private readonly MortalDatabase _database;
    private RunningServer _server;

    private RealWorld(RunningServer server, MortalDatabase database) => (_server, _database, Server) = (server, database, new Line(this));

    public override Uri Root => _server.Options.Origin;

    public override FakeTimeProvider Time => _server.Time;

    public override HttpMessageHandler Server { get; }

    public RunningServer Running => _server;

    public static async Task<RealWorld> StartAsync()
    {
        var database = new MortalDatabase();
        return new(await RunningServer.StartAsync(await RunningServer.NewDirectoryAsync(), configure: database.AddTo), database);
    }

    /// <summary>The server dies at this one of its commits, counted from now: once before it, once after it.</summary>
    public void KillAtCommit(int step) => _database.Life.EndAfter(step);

    /// <summary>Whether it is dead.</summary>
    public bool IsKilled => _database.Life.IsOver;

    /// <summary>A new process on the same directory.</summary>
    public async Task RestartAsync()
    {
        await _server.StopAsync();
        _database.Life = new();
        _server = await RunningServer.StartAsync(_server.Options.DataDirectory, _server.Time, _database.AddTo);
    }

    /// <summary>As if the person had never had a passkey.</summary>
    public Task ForgetAsync() => _server.InDatabaseAsync(db => db.Passkeys.ExecuteDeleteAsync());

    public override async Task<TokenSet> SignInAsync()
    {
        // A code is good once.
        Time.Advance(TimeSpan.FromSeconds(30));
        using var browser = _server.NewBrowser();
        return await AppAccount.AuthorizeAsync(_server, browser, Person);
    }

    public override async Task<IReadOnlySet<CredentialId>> PasskeysAsync() =>
        (await _server.InDatabaseAsync(db => db.Passkeys.Select(passkey => passkey.CredentialId).ToListAsync())).Select(id => new CredentialId(new ByteString(id))).ToHashSet();

    public override ValueTask DisposeAsync() => _server.DisposeAsync();

    /// <summary>Whoever asks a server that dies meanwhile hears nothing.</summary>
    private sealed class Line(RealWorld world) : HttpMessageHandler
    {
        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            if (world.IsKilled) throw new HttpRequestException("The server is gone.");
            using var server = new HttpMessageInvoker(world._server.NewHandler());
            HttpResponseMessage? answer = null;
            try
            {
                answer = await server.SendAsync(request, cancellationToken);
                await answer.Content.LoadIntoBufferAsync(cancellationToken);
            }
            catch (KilledException)
            {
                // Said below.
            }

            return world.IsKilled ? throw new HttpRequestException("The server is gone.") : answer!;
        }
    }
}
