using System.Text.RegularExpressions;
using System.Threading.Channels;
using Latchkey.Api.Approvals;
using Latchkey.Api.SoftwareOathMethods;
using Latchkey.Server.Features.Live;
using Latchkey.Server.Storage;
using Latchkey.Server.Tests.Hosts;
using Microsoft.AspNetCore.Http.Connections;
using Microsoft.AspNetCore.SignalR.Client;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace Latchkey.Server.Tests.Approvals;

/// <summary>What a connected Authenticator hears, and who hears nothing.</summary>
public sealed partial class LiveTests : IAsyncLifetime
{
    private RunningServer _server = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

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
        Assert.Equal("approvals", await heard.Reader.ReadAsync(Token));

        await app.Methods.DeleteAsync(method.Id, Token);
        Assert.Equal("methods", await heard.Reader.ReadAsync(Token));
        Assert.False(elsewhere.Reader.TryRead(out _));
    }

    public static TheoryData<string> Changes => [.. Ways.Keys];

    /// <summary>How a person's sign-in methods change.</summary>
    private static readonly Dictionary<string, Func<RunningServer, AppDevice, Task>> Ways = new(StringComparer.Ordinal)
    {
        ["a device registers"] = (_, app) => app.RegisterAsync(),
        ["a program adds codes"] = async (server, app) =>
        {
            var codes = new SoftwareOathMethodsClient(app.Http);
            var begun = await codes.BeginAsync(Token);
            await codes.ConfirmAsync(begun.Id, new(begun.Pending, server.CodeOf("regular", begun.SecretKey), null), Token);
        },
        ["a program deletes codes"] = async (server, app) =>
            await new SoftwareOathMethodsClient(app.Http).DeleteAsync(await UnusedCodeAsync(server, app), Token),
        ["codes are added in the portal"] = async (server, _) =>
        {
            using var browser = await server.NewBrowser().SignInAsync("regular");
            await browser.OpenAsync("/security-info/add/code");
            var secret = Secret().Match(browser.Page).Groups["secret"].Value.Replace(" ", "", StringComparison.Ordinal);
            await browser.SubmitAsync("/security-info/add/code", ("code", server.CodeOf("regular", secret)));
            Assert.EndsWith("/created", browser.Path, StringComparison.Ordinal);
        },
        ["codes are deleted in the portal"] = async (server, app) =>
        {
            using var browser = await server.NewBrowser().SignInAsync("regular");
            var address = $"/security-info/codes/{await UnusedCodeAsync(server, app)}/delete";
            await browser.OpenAsync(address);
            await browser.SubmitAsync(address);
        },
        ["recovery codes are made"] = async (server, _) =>
        {
            using var browser = await server.NewBrowser().SignInAsync("regular");
            await browser.OpenAsync("/security-info/add/recovery-codes");
            await browser.SubmitAsync("/security-info/add/recovery-codes");
        },
    };

    [Theory]
    [MemberData(nameof(Changes))]
    public async Task However_a_persons_methods_change_their_other_Authenticators_hear_of_it(string change)
    {
        using var app = await AppDevice.SignInAsync(_server, "regular");
        using var other = await AppDevice.SignInAsync(_server, "regular");
        var heard = Channel.CreateUnbounded<string>();
        await using var connection = await ConnectAsync(other, heard);

        await Ways[change](_server, app);

        Assert.Equal("methods", await heard.Reader.ReadAsync(Token));
    }

    [Fact]
    public async Task A_connection_ends_with_its_session_and_no_other_does()
    {
        using var app = await AppDevice.SignInAsync(_server, "regular");
        var session = await _server.InDatabaseAsync(db => db.Sessions.Where(s => s.Kind == SessionKind.App).Select(s => s.Id).SingleAsync(Token));
        using var second = await AppDevice.SignInAsync(_server, "regular");
        using var other = await AppDevice.SignInAsync(_server, "newcomer");
        var (heard, elsewhere) = (Channel.CreateUnbounded<string>(), Channel.CreateUnbounded<string>());
        await using var connection = await ConnectAsync(app, Channel.CreateUnbounded<string>());
        await using var stays = await ConnectAsync(second, heard);
        await using var others = await ConnectAsync(other, elsewhere);
        var closed = new TaskCompletionSource();
        connection.Closed += _ => { closed.TrySetResult(); return Task.CompletedTask; };

        await _server.WithServicesAsync(services => services.GetRequiredService<SessionStore>().EndAsync(session, Token));

        await closed.Task.WaitAsync(Token);
        await second.RegisterAsync();
        Assert.Equal("methods", await heard.Reader.ReadAsync(Token));
        Assert.Equal((HubConnectionState.Connected, HubConnectionState.Connected), (stays.State, others.State));
        await Assert.ThrowsAsync<HttpRequestException>(() => ConnectAsync(app, Channel.CreateUnbounded<string>()));
    }

    [Fact]
    public async Task What_ends_the_sessions_in_a_transaction_ends_the_connections_with_its_commit_and_with_a_rollback_none()
    {
        using var app = await AppDevice.SignInAsync(_server, "regular");
        var heard = Channel.CreateUnbounded<string>();
        await using var connection = await ConnectAsync(app, heard);
        var closed = new TaskCompletionSource();
        connection.Closed += _ => { closed.TrySetResult(); return Task.CompletedTask; };

        await _server.WithServicesAsync(async services =>
        {
            var (db, sessions) = (services.GetRequiredService<LatchkeyDb>(), services.GetRequiredService<SessionStore>());
            await using (await db.Database.BeginTransactionAsync(Token))
            {
                await sessions.EndAllOthersAsync(Guid.Parse(app.UserId), except: null, Token);
            }

            await app.RegisterAsync();
            Assert.Equal("methods", await heard.Reader.ReadAsync(Token)); // undone: still connected
            await using var transaction = await db.Database.BeginTransactionAsync(Token);
            await sessions.EndAllOthersAsync(Guid.Parse(app.UserId), except: null, Token);
            await transaction.CommitAsync(Token);
        });

        await closed.Task.WaitAsync(Token);
    }

    [Fact]
    public async Task A_deleted_persons_connections_end()
    {
        using var app = await AppDevice.SignInAsync(_server, "regular");
        await using var connection = await ConnectAsync(app, Channel.CreateUnbounded<string>());
        var closed = new TaskCompletionSource();
        connection.Closed += _ => { closed.TrySetResult(); return Task.CompletedTask; };

        await _server.WithServicesAsync(async services =>
        {
            await services.GetRequiredService<LatchkeyDb>().Users.Where(user => user.UserName == "regular").ExecuteDeleteAsync(Token);
            services.GetRequiredService<AccountChanges>().Tell(Guid.Parse(app.UserId), AccountChange.Sessions);
        });

        await closed.Task.WaitAsync(Token);
    }

    [Fact]
    public async Task A_session_that_connects_again_and_again_keeps_its_last_few_connections()
    {
        using var app = await AppDevice.SignInAsync(_server, "regular");
        await using var first = await ConnectAsync(app, Channel.CreateUnbounded<string>());
        var closed = new TaskCompletionSource();
        first.Closed += _ => { closed.TrySetResult(); return Task.CompletedTask; };
        var more = new List<HubConnection>();
        for (var n = 0; n < LiveConnections.MaxPerSession; n++)
        {
            more.Add(await ConnectAsync(app, Channel.CreateUnbounded<string>()));
        }

        await closed.Task.WaitAsync(Token);
        Assert.All(more, connection => Assert.Equal(HubConnectionState.Connected, connection.State));
        foreach (var connection in more) await connection.DisposeAsync();
    }

    [Fact]
    public async Task Without_a_token_nobody_is_connected()
    {
        using var app = await AppDevice.SignInAsync(_server, "regular");
        app.Http.DefaultRequestHeaders.Authorization = new("Bearer", "made up");

        await Assert.ThrowsAsync<HttpRequestException>(() => ConnectAsync(app, Channel.CreateUnbounded<string>()));
    }

    /// <summary>A code nobody has signed in with: the sessions of the one they did end with it.</summary>
    private static Task<Guid> UnusedCodeAsync(RunningServer server, AppDevice app) => server.InDatabaseAsync(async db =>
    {
        var method = new CodeMethod { Id = Guid.CreateVersion7(), UserId = Guid.Parse(app.UserId), DisplayName = "Another" };
        db.CodeMethods.Add(method);
        await db.SaveChangesAsync();
        return method.Id;
    });

    [GeneratedRegex("id=\"secret\">(?<secret>[A-Z2-7 ]+)<", RegexOptions.None, 1000)]
    private static partial Regex Secret();

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

        await connection.StartAsync(Token);
        Assert.Equal("approvals", await heard.Reader.ReadAsync(Token)); // it is to ask what was before
        return connection;
    }
}
