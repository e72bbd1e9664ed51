using System.Net;
using System.Net.Sockets;
using Latchkey.AuthenticatorApp.Device;
using Latchkey.AuthenticatorApp.Device.Platforms.Desktop;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Latchkey.AuthenticatorApp.Tests;

/// <summary>The running Authenticator, as far as links come to it.</summary>
public sealed class SingleInstanceTests : IAsyncLifetime
{
    private readonly string _directory = Path.Combine(Directory.CreateTempSubdirectory("latchkey-app").FullName, "data");
    private readonly OpenedLinks _links = new();
    private readonly LoopbackGuard _guard = new(TimeProvider.System);
    private AppWindow _window = null!;
    private WebApplication _app = null!;
    private Uri _address = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.Listen(IPAddress.Loopback, 0);
            Assert.True(kestrel.ListenForLinks(_directory));
        });
        _window = new(new(_directory) { OpensBrowser = false }, _guard, new DesktopPlatform());
        builder.Services.AddSingleton(_links).AddSingleton(_window);
        _app = builder.Build();
        _app.Use(_guard.InvokeAsync);
        _app.MapGet("/", () => "page");
        _app.MapOpen();
        await _app.StartAsync(Token);
        SingleInstance.GuardSocket(_directory);
        _address = new Uri(_app.Urls.First(url => url.StartsWith("http://127.", StringComparison.Ordinal)));
        _guard.Port = _address.Port;
        _window.Root = _address;
    }

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        Directory.Delete(Path.GetDirectoryName(_directory)!, recursive: true);
    }

    [Fact]
    public async Task A_link_handed_over_waits_for_a_window_and_is_taken_once()
    {
        Assert.NotNull(await SingleInstance.HandOverAsync(_directory, "FIDO:/123", Token));

        Assert.True(_links.IsWaiting);
        Assert.Equal("FIDO:/123", _links.Take());
        Assert.Null(_links.Take());
    }

    [Fact]
    public async Task A_start_without_a_link_only_shows_the_window()
    {
        Assert.NotNull(await SingleInstance.HandOverAsync(_directory, null, Token));

        Assert.False(_links.IsWaiting);
    }

    [Fact]
    public async Task A_link_that_an_open_window_takes_needs_no_other()
    {
        _links.WindowOpened();

        Assert.Equal(HandedOver.Taken, await SingleInstance.HandOverAsync(_directory, "FIDO:/123", Token));
    }

    [Fact]
    public async Task A_start_in_the_background_finds_the_running_one_and_leaves_it_alone()
    {
        Assert.True(await SingleInstance.IsRunningAsync(_directory, Token));
        Assert.False(await SingleInstance.IsRunningAsync(Path.Combine(_directory, "other"), Token));

        Assert.False(_links.IsWaiting);
    }

    [Theory]
    [InlineData("https://example.org")]
    [InlineData("javascript:alert(1)")]
    public async Task What_is_no_link_of_ours_is_not_taken(string link)
    {
        Assert.Null(await SingleInstance.HandOverAsync(_directory, link, Token));

        Assert.False(_links.IsWaiting);
    }

    [Fact]
    public async Task A_link_that_never_ends_is_not_taken() =>
        Assert.Null(await SingleInstance.HandOverAsync(_directory, "FIDO:/" + new string('1', OpenedLinks.MaxLength), Token));

    [Fact]
    public void The_socket_and_its_directory_are_their_owners_alone()
    {
        if (OperatingSystem.IsWindows()) return; // it has no file modes

        const UnixFileMode Owner = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        Assert.Equal(Owner, File.GetUnixFileMode(SingleInstance.SocketOf(_directory)));
        Assert.Equal(Owner | UnixFileMode.UserExecute, File.GetUnixFileMode(_directory));
    }

    [Fact]
    public async Task The_network_has_no_door_for_links_under_any_host()
    {
        using var http = new HttpClient(new SocketsHttpHandler { UseProxy = false }) { DefaultRequestHeaders = { Host = _guard.Authority } };
        Assert.Equal("page", await http.GetStringAsync(_address, Token));

        using var content = new StringContent("FIDO:/123");
        using var answer = await http.PostAsync(new Uri(_address, SingleInstance.Path), content, Token);

        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
        Assert.False(_links.IsWaiting);
    }

    [Theory]
    [InlineData("GET / HTTP/1.1", "404")]
    [InlineData("GET /look/latchkey.css HTTP/1.1", "404")]
    [InlineData("GET /callback?state=x HTTP/1.1", "404")]
    [InlineData("GET /open HTTP/1.1", "405")]
    public async Task The_socket_leads_nowhere_else(string request, string status)
    {
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await socket.ConnectAsync(new UnixDomainSocketEndPoint(SingleInstance.SocketOf(_directory)), Token);
        await using var stream = new NetworkStream(socket);
        await stream.WriteAsync(System.Text.Encoding.ASCII.GetBytes($"{request}\r\nHost: {_address.Authority}\r\nConnection: close\r\n\r\n"), Token);

        using var reader = new StreamReader(stream);
        Assert.StartsWith($"HTTP/1.1 {status}", await reader.ReadLineAsync(Token), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_socket_nobody_listens_on_any_more_is_nobody()
    {
        var left = Directory.CreateTempSubdirectory("latchkey-app").FullName;
        try
        {
            using (var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified))
            {
                socket.Bind(new UnixDomainSocketEndPoint(SingleInstance.SocketOf(left)));
            }

            Assert.Null(await SingleInstance.HandOverAsync(left, "FIDO:/1", Token));
            Assert.False(await SingleInstance.IsRunningAsync(left, Token));
        }
        finally
        {
            Directory.Delete(left, recursive: true);
        }
    }

    [Fact]
    public async Task Without_a_running_one_there_is_nobody_to_hand_over_to() =>
        Assert.Null(await SingleInstance.HandOverAsync(Path.Combine(_directory, "other"), "FIDO:/1", Token));
}
