using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Latchkey.Api.Administration;
using Latchkey.Server.Hosting;
using Microsoft.AspNetCore.Builder;

namespace Latchkey.Server.Tests.Hosts;

/// <summary>A server without people, on a disk of its own, and its administration over the socket, as the command line uses it.</summary>
public abstract class AdministrationTest : IAsyncLifetime
{
    private readonly string _directory = Directory.CreateTempSubdirectory("latchkey-admin").FullName;
    protected WebApplication App { get; private set; } = null!;

    /// <summary>Speaks over the socket.</summary>
    protected HttpClient Door { get; private set; } = null!;

    protected AdministrationClient Admin { get; private set; } = null!;

    protected static CancellationToken Token => TestContext.Current.CancellationToken;

    public virtual async ValueTask InitializeAsync()
    {
        var options = ServerOptions.Parse(["--data", _directory, "--port", FreePort(), "--url", "https://login.example.org", "--trusted-proxy", "127.0.0.1"]);
        App = ServerProgram.Build(options);
        await ServerProgram.PrepareAsync(App.Services, options);
        await App.StartAsync();
        Door = AdministrationClient.OverSocket(options.AdminSocket);
        Admin = new AdministrationClient(Door);
    }

    public async ValueTask DisposeAsync()
    {
        Door.Dispose();
        await App.DisposeAsync();
        Microsoft.Data.Sqlite.SqliteConnection.ClearAllPools();
        Directory.Delete(_directory, recursive: true);
        GC.SuppressFinalize(this);
    }

    private static string FreePort()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)socket.LocalEndPoint!).Port.ToString(CultureInfo.InvariantCulture);
    }
}
