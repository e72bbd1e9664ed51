using System.Threading.Channels;
using Latchkey.Api.Approvals;
using Latchkey.Server.Tests.Hosts;
using Microsoft.AspNetCore.Http.Connections;
using Microsoft.AspNetCore.SignalR.Client;

namespace Latchkey.Server.Tests.Approvals;

/// <summary>What a connected Authenticator hears, and who hears nothing.</summary>
public sealed class LiveTests : IAsyncLifetime
{
    private RunningServer _server = null!;

    public async ValueTask InitializeAsync() => _server = await RunningServer.StartAsync();

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Fact]
    public async Task A_request_and_a_deleted_method_are_told_to_the_persons_own_Authenticators_at_once()
    {
        using var app = await AppDevice.SignInAsync(_server, "regular");
        using var other = await AppDevice.SignInAsync(_server, "newcomer");
        var method = await app.RegisterAsync();
        var (heard, elsewhere) = (Channel.CreateUnbounded<string>(), Channel.CreateUnbounded<string>());
        await using var connection = await ConnectAsync(app, heard);
        await using var others = await ConnectAsync(other, elsewhere);

        using var browser = _server.NewBrowser();
        await browser.OpenAsync("/sign-in");
        await browser.SubmitAsync("/sign-in", ("name", "regular"));
        await browser.SubmitAsync("/sign-in/phone");
        Assert.Equal("approvals", await heard.Reader.ReadAsync(TestContext.Current.CancellationToken));

        await app.Methods.DeleteAsync(method.Id, TestContext.Current.CancellationToken);
        Assert.Equal("methods", await heard.Reader.ReadAsync(TestContext.Current.CancellationToken));
        Assert.False(elsewhere.Reader.TryRead(out _));
    }

    [Fact]
    public async Task Without_a_token_nobody_is_connected()
    {
        using var app = await AppDevice.SignInAsync(_server, "regular");
        app.Http.DefaultRequestHeaders.Authorization = new("Bearer", "made up");

        await Assert.ThrowsAsync<HttpRequestException>(() => ConnectAsync(app, Channel.CreateUnbounded<string>()));
    }

    private async Task<HubConnection> ConnectAsync(AppDevice app, Channel<string> heard)
    {
        var connection = new HubConnectionBuilder().WithUrl(new Uri(_server.Options.Origin, ApprovalsClient.LivePath), options =>
        {
            options.HttpMessageHandlerFactory = _ => _server.NewHandler();
            options.Transports = HttpTransportType.LongPolling;
            options.AccessTokenProvider = () => Task.FromResult(app.Http.DefaultRequestHeaders.Authorization!.Parameter);
        }).Build();
        foreach (var message in new[] { ApprovalsClient.ApprovalsChanged, ApprovalsClient.MethodsChanged })
        {
            connection.On(message, () => heard.Writer.TryWrite(message));
        }

        await connection.StartAsync(TestContext.Current.CancellationToken);
        Assert.Equal("approvals", await heard.Reader.ReadAsync(TestContext.Current.CancellationToken)); // it is to ask what was before
        return connection;
    }
}
