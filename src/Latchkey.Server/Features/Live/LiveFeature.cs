using Latchkey.Api.Approvals;
using Latchkey.Server.Features.OpenIdConnect;
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
        services.AddHostedService<LiveMessages>();
    }
}

/// <summary>One connected Authenticator. It says nothing; it belongs to its person.</summary>
internal sealed class LiveHub : Hub
{
    /// <summary>From here on it hears all; what was before, it asks for.</summary>
    public override async Task OnConnectedAsync()
    {
        await Groups.AddToGroupAsync(Context.ConnectionId, Context.User!.GetClaim(OpenIddictConstants.Claims.Subject)!, Context.ConnectionAborted);
        await Clients.Caller.SendAsync(ApprovalsClient.ApprovalsChanged, Context.ConnectionAborted);
    }
}

/// <summary>From what changed in this process to who is connected.</summary>
internal sealed class LiveMessages(AccountChanges changes, IHubContext<LiveHub> hub) : IHostedService
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
    private void Send(Guid userId, AccountChange change) => _ = hub.Clients.Group(userId.ToString())
        .SendAsync(change is AccountChange.Approvals ? ApprovalsClient.ApprovalsChanged : ApprovalsClient.MethodsChanged);
}
