using Latchkey.Api.Approvals;
using Latchkey.Server.Features.OpenIdConnect;
using Latchkey.Server.Hosting;
using Latchkey.Server.Storage;
using Microsoft.AspNetCore.SignalR;
using OpenIddict.Abstractions;

namespace Latchkey.Server.Features.Live;

/// <summary>Front door: tells connected Authenticators that something has changed, and nothing of what: they come and ask.</summary>
public static class LiveFeature
{
    public static void MapLive(this IEndpointRouteBuilder app) =>
        app.MapHub<LiveHub>("/" + ApprovalsClient.LivePath, hub => hub.CloseOnAuthenticationExpiration = true)
            .RequireAuthorization(OpenIdConnectFeature.Bearer(OpenIdConnectFeature.ReadMethods, OpenIdConnectFeature.WriteMethods));

    public static void AddLive(this IServiceCollection services)
    {
        services.AddSignalR();
        services.AddSingleton<LiveConnections>();
        services.AddHostedService<LiveMessages>();
    }
}

/// <summary>One connected Authenticator. It says nothing; it belongs to its person, and to the session its token was issued in.</summary>
internal sealed class LiveHub(LiveConnections connections) : Hub
{
    /// <summary>From here on it hears all; what was before, it asks for.</summary>
    public override async Task OnConnectedAsync()
    {
        connections.Add(Context);
        await connections.EndThoseOfEndedSessionsAsync(LiveConnections.PersonOf(Context)); // one that ended since the token was checked
        await Groups.AddToGroupAsync(Context.ConnectionId, Context.User!.GetClaim(OpenIddictConstants.Claims.Subject)!, Context.ConnectionAborted);
        await Clients.Caller.SendAsync(ApprovalsClient.ApprovalsChanged, Context.ConnectionAborted);
    }

    public override Task OnDisconnectedAsync(Exception? exception)
    {
        connections.Remove(Context);
        return Task.CompletedTask;
    }
}

/// <summary>Who is connected: a connection ends with its session, and a session has a few at most.</summary>
internal sealed class LiveConnections(IServiceScopeFactory scopes, ILogger<LiveConnections> logger)
{
    /// <summary>One Authenticator needs one; more are what a broken line left behind.</summary>
    public const int MaxPerSession = 4;

    private readonly Dictionary<Guid, List<(Guid Session, HubCallerContext Connection)>> _open = [];

    public static Guid PersonOf(HubCallerContext connection) => Guid.Parse(connection.User!.GetClaim(OpenIddictConstants.Claims.Subject)!);

    public void Add(HubCallerContext connection)
    {
        var session = Guid.Parse(connection.User!.GetClaim(SessionCookie.SessionIdClaim)!);
        List<HubCallerContext> surplus;
        lock (_open)
        {
            var person = PersonOf(connection);
            if (!_open.TryGetValue(person, out var theirs)) _open.Add(person, theirs = []);
            theirs.Add((session, connection));
            surplus = [.. theirs.Where(one => one.Session == session).Select(one => one.Connection).SkipLast(MaxPerSession)];
        }

        surplus.ForEach(one => one.Abort());
    }

    public void Remove(HubCallerContext connection)
    {
        lock (_open)
        {
            if (!_open.TryGetValue(PersonOf(connection), out var theirs)) return;
            theirs.RemoveAll(one => one.Connection.ConnectionId == connection.ConnectionId);
            if (theirs.Count == 0) _open.Remove(PersonOf(connection));
        }
    }

    /// <summary>Ends a person's connections whose session is over. Each asks the database: what is told of is only that something ended.</summary>
    public async Task EndThoseOfEndedSessionsAsync(Guid person)
    {
        List<(Guid Session, HubCallerContext Connection)> theirs;
        lock (_open)
        {
            if (!_open.TryGetValue(person, out var found)) return;
            theirs = [.. found];
        }

        try
        {
            await using var scope = scopes.CreateAsyncScope();
            var sessions = scope.ServiceProvider.GetRequiredService<SessionStore>();
            foreach (var connections in theirs.GroupBy(one => one.Session, one => one.Connection))
            {
                if (await sessions.FindAsync(connections.Key, CancellationToken.None) is not null) continue;
                foreach (var connection in connections) connection.Abort();
            }
        }
        catch (Exception failure) when (failure is not OutOfMemoryException)
        {
            // Nobody can be asked: whoever is still entitled connects again.
            logger.LogWarning("Live connections were ended, since the sessions could not be looked up: {Kind}", failure.GetType().Name);
            theirs.ForEach(one => one.Connection.Abort());
        }
    }
}

/// <summary>From what changed in this process to who is connected.</summary>
internal sealed class LiveMessages(AccountChanges changes, LiveConnections connections, IHubContext<LiveHub> hub) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken)
    {
        changes.Changed += Send;
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken)
    {
        changes.Changed -= Send;
        return Task.CompletedTask;
    }

    // Whoever does not hear it asks by itself before long.
    private void Send(Guid userId, AccountChange change) => _ = change is AccountChange.Sessions
        ? connections.EndThoseOfEndedSessionsAsync(userId)
        : hub.Clients.Group(userId.ToString()).SendAsync(change is AccountChange.Approvals ? ApprovalsClient.ApprovalsChanged : ApprovalsClient.MethodsChanged);
}
