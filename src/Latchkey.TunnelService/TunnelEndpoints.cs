using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Latchkey.TunnelService;

/// <summary>
/// The relay of hybrid transports: the phone opens a tunnel, the computer joins it, messages are copied.
/// <see href="https://fidoalliance.org/specs/fido-v2.2-ps-20250714/fido-client-to-authenticator-protocol-v2.2-ps-20250714.html#hybrid-tunnel-service"/>
/// </summary>
public static class TunnelEndpoints
{
    /// <summary>The WebSocket protocol both ends must offer.</summary>
    public const string Protocol = "fido.cable";

    /// <summary>Carries, in the answer to whoever opens a tunnel, the 6 hex digits that lead the other device to it.</summary>
    public const string RoutingIdHeader = "X-caBLE-Routing-ID";

    /// <summary>Where the tunnels' addresses begin.</summary>
    public const string PathPrefix = "/cable";

    /// <summary>Adds what <see cref="MapTunnelService"/> needs.</summary>
    public static IServiceCollection AddTunnelService(this IServiceCollection services, TunnelLimits limits)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton(limits).AddSingleton<TunnelMetrics>().AddSingleton<TunnelRegistry>();
        return services.AddHostedService(provider => provider.GetRequiredService<TunnelRegistry>());
    }

    /// <summary><c>/cable/new/{tunnel ID}</c> and <c>/cable/connect/{routing ID}/{tunnel ID}</c>.</summary>
    public static void MapTunnelService(this IEndpointRouteBuilder endpoints)
    {
        var services = endpoints.ServiceProvider;
        var relay = new Relay(services.GetRequiredService<TunnelRegistry>(), services.GetRequiredService<TunnelLimits>(), services.GetRequiredService<TunnelMetrics>());
        endpoints.Map(PathPrefix + "/new/{tunnel}", OverWebSocket(endpoints, relay.OpenAsync));
        endpoints.Map(PathPrefix + "/connect/{routing}/{tunnel}", OverWebSocket(endpoints, relay.JoinAsync));
    }

    private static RequestDelegate OverWebSocket(IEndpointRouteBuilder endpoints, RequestDelegate answer)
    {
        var pipeline = endpoints.CreateApplicationBuilder();
        // No pings: the idle limit ends what is dead as well, without a timer for each connection.
        pipeline.UseWebSockets(new WebSocketOptions { KeepAliveInterval = Timeout.InfiniteTimeSpan });
        pipeline.Run(answer);
        return pipeline.Build();
    }
}
