using Latchkey.Server.Storage;

namespace Latchkey.Server.Features.Policies;

/// <summary>Front door: what the authentication methods policy says to people. What it keeps from them, each feature asks itself.</summary>
public static class PoliciesFeature
{
    public static void MapPolicies(this IEndpointRouteBuilder app) =>
        app.MapGet(RequiredPasskey.Path, (HttpContext context, SignedIn signedIn, RequiredPasskey required, CancellationToken cancellation) =>
            required.ShowAsync(signedIn, context.Request.Query["returnUrl"], cancellation)).RequireAuthorization();

    public static void AddPolicies(this IServiceCollection services) => services.AddScoped<RequiredPasskey>().AddScoped<PolicyImpact>();
}
