using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Net.WebSockets;
using Latchkey.AuthenticatorApp.Device;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Latchkey.AuthenticatorApp.Tests;

/// <summary>The app's own web server, as it runs: who gets in by which door.</summary>
public sealed class AppHostTests : IAsyncLifetime
{
    private readonly string _directory = Directory.CreateTempSubdirectory("latchkey-host").FullName;
    private WebApplication _app = null!;
    private LoopbackGuard _guard = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private AppWindow Window => _app.Services.GetRequiredService<AppWindow>();

    public async ValueTask InitializeAsync()
    {
        _app = await AppHost.StartAsync(new(_directory) { OpensBrowser = false });
        _guard = _app.Services.GetRequiredService<LoopbackGuard>();
    }

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        Directory.Delete(_directory, recursive: true);
    }

    [Theory]
    [InlineData("/")]
    [InlineData("/settings")]
    [InlineData("/codes")]
    public async Task A_page_without_proof_is_the_same_empty_one_for_everybody_and_sets_no_cookie(string path)
    {
        using var http = Http();
        using var answer = await http.GetAsync(new Uri($"http://{_guard.Authority}{path}"), Token);

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.False(answer.Headers.Contains("Set-Cookie"));
        Assert.Contains("<template id=\"way-in\">", await answer.Content.ReadAsStringAsync(Token), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_circuit_opens_with_the_secret_as_a_sub_protocol_and_the_answer_does_not_repeat_it()
    {
        var secret = await EnterAsync(TicketOf(Window.NewAddress()!));

        using var socket = await ConnectAsync(secret);

        Assert.Equal(WebSocketState.Open, socket.State);
        Assert.Equal(LoopbackGuard.CircuitProtocol, socket.SubProtocol);
    }

    [Fact]
    public async Task Another_web_socket_of_this_process_is_answered_without_the_windows_sub_protocol()
    {
        using var circuit = await ConnectAsync(await EnterAsync(TicketOf(Window.NewAddress()!)));
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        await using var other = builder.Build();
        other.UseWebSockets();
        other.Run(async context => (await context.WebSockets.AcceptWebSocketAsync()).Dispose());
        await other.StartAsync(Token);
        using var socket = new ClientWebSocket();
        await socket.ConnectAsync(new UriBuilder(other.Urls.Single()) { Scheme = "ws" }.Uri, Token); // fails where a sub-protocol is named that was not offered

        Assert.Null(socket.SubProtocol);
    }

    [Fact]
    public async Task The_circuit_does_not_open_without_it()
    {
        var refused = await Assert.ThrowsAsync<WebSocketException>(() => ConnectAsync(secret: null));

        Assert.Contains("403", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_ticket_in_an_address_is_used_up_by_the_window_it_let_in()
    {
        var ticket = TicketOf(Window.NewAddress()!);
        await EnterAsync(ticket);

        using var again = await PostTicketAsync(ticket);

        Assert.Equal(HttpStatusCode.Forbidden, again.StatusCode);
    }

    [Fact]
    public async Task A_page_that_goes_ends_its_circuit_without_the_secret_and_can_do_no_more()
    {
        using var http = Http();
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri($"http://{_guard.Authority}/_blazor/disconnect"));
        request.Headers.Add("Origin", "http://" + _guard.Authority);
        request.Content = new MultipartFormDataContent { { new StringContent("no circuit of anybody's"), "circuitId" } };

        using var answer = await http.SendAsync(request, Token);

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
    }

    [Fact]
    public async Task Both_loopback_addresses_are_taken_so_that_nobody_else_is_sent_a_ticket()
    {
        Assert.SkipUnless(Socket.OSSupportsIPv6, "there is no IPv6 here");
        using var other = new Socket(AddressFamily.InterNetworkV6, SocketType.Stream, ProtocolType.Tcp);

        var refused = Assert.Throws<SocketException>(() => other.Bind(new IPEndPoint(IPAddress.IPv6Loopback, _guard.Port)));

        Assert.SkipWhen(refused.SocketErrorCode is SocketError.AddressNotAvailable, "there is no ::1 here");
        Assert.Equal(SocketError.AddressAlreadyInUse, refused.SocketErrorCode);
    }

    [Fact]
    public async Task A_port_that_somebody_else_has_is_said_by_its_number()
    {
        var refused = await Assert.ThrowsAsync<IOException>(() => AppHost.StartAsync(new(Path.Combine(_directory, "other")) { Port = _guard.Port }));

        Assert.Contains($"Port {_guard.Port}", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_second_start_gets_a_fresh_address_where_the_running_one_opens_no_window()
    {
        var first = await SingleInstance.HandOverAsync(_directory, null, Token);
        var second = await SingleInstance.HandOverAsync(_directory, null, Token);

        Assert.NotEqual(first!.Window!.Fragment, second!.Window!.Fragment);
        await EnterAsync(TicketOf(first.Window));
        await EnterAsync(TicketOf(second.Window));
    }

    [Fact]
    public async Task Another_account_of_this_machine_gets_nothing_for_a_ticket_it_has_read()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() && Environment.UserName == "root", "only root can be another account for a moment");
        var ticket = TicketOf(Window.NewAddress()!);
        var request = $"POST /enter HTTP/1.1\\r\\nHost: {_guard.Authority}\\r\\nOrigin: http://{_guard.Authority}\\r\\nContent-Length: {ticket.Length}\\r\\nConnection: close\\r\\n\\r\\n{ticket}";
        using var stranger = Process.Start(new ProcessStartInfo(
            "setpriv", ["--reuid=65534", "--regid=65534", "--clear-groups", "bash", "-c", $"exec 3<>/dev/tcp/127.0.0.1/{_guard.Port}; printf '{request}' >&3; head -n 1 <&3"])
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            WorkingDirectory = "/",
        })!;

        Assert.StartsWith("HTTP/1.1 403", await stranger.StandardOutput.ReadToEndAsync(Token), StringComparison.Ordinal);

        // It was not used up: its window comes in.
        await EnterAsync(ticket);
    }

    [Fact]
    public async Task The_page_a_sign_in_comes_back_to_leads_nowhere_without_its_state()
    {
        using var http = Http();
        using var answer = await http.GetAsync(new Uri($"http://127.0.0.1:{_guard.Port}/callback?state=guessed&code=1"), Token);

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.DoesNotContain("ticket", await answer.Content.ReadAsStringAsync(Token), StringComparison.Ordinal);
    }

    private static string TicketOf(Uri address) => address.Fragment["#ticket=".Length..];

    private async Task<string> EnterAsync(string ticket)
    {
        using var answer = await PostTicketAsync(ticket);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        return await answer.Content.ReadAsStringAsync(Token);
    }

    private async Task<HttpResponseMessage> PostTicketAsync(string ticket)
    {
        using var http = Http();
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri($"http://{_guard.Authority}/enter")) { Content = new StringContent(ticket) };
        request.Headers.Add("Origin", "http://" + _guard.Authority);
        return await http.SendAsync(request, Token);
    }

    private async Task<ClientWebSocket> ConnectAsync(string? secret)
    {
        var socket = new ClientWebSocket();
        socket.Options.SetRequestHeader("Origin", "http://" + _guard.Authority);
        if (secret is not null)
        {
            socket.Options.AddSubProtocol(LoopbackGuard.CircuitProtocol);
            socket.Options.AddSubProtocol(secret);
        }

        using var invoker = new HttpMessageInvoker(Handler());
        await socket.ConnectAsync(new Uri($"ws://{_guard.Authority}/_blazor"), invoker, Token);
        return socket;
    }

    private HttpClient Http() => new(Handler());

    /// <summary>As a browser does: the host is loopback, whatever it is called.</summary>
    private SocketsHttpHandler Handler() => new()
    {
        UseProxy = false,
        UseCookies = false,
        AllowAutoRedirect = false,
        ConnectCallback = async (_, cancellationToken) =>
        {
            var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
            await socket.ConnectAsync(IPAddress.Loopback, _guard.Port, cancellationToken);
            return new NetworkStream(socket, ownsSocket: true);
        },
    };
}
