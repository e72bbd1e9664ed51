using Latchkey.Api;
using Latchkey.Api.Plan;
using Latchkey.Protocol.WebAuthn;
using Latchkey.Server.Features.Problems;
using Latchkey.Server.Shell;
using Latchkey.Server.Storage;

namespace Latchkey.Server.Features.RegistrationPlan;

/// <summary>Front door: what an Authenticator may set up for the person who signed in to it.</summary>
public static class RegistrationPlanFeature
{
    public static void MapRegistrationPlan(this IEndpointRouteBuilder app) => app.MapGet("/" + RegistrationPlanClient.Path, GetAsync).RequireReading();

    public static void AddRegistrationPlan(this IServiceCollection services) => services.AddScoped<Planner>();

    private static async Task<IResult> GetAsync(HttpContext context, Planner planner, CancellationToken cancellation)
    {
        var text = context.Request.Query[RegistrationPlanClient.ModelParameter].ToString();
        var model = Guid.Empty;
        return text.Length == 0 || Guid.TryParseExact(text, "D", out model)
            ? Results.Json(await planner.ForAsync(SignedIn.Required(context).User, new Aaguid(model), cancellation), ApiJson.Default.RegistrationPlan)
            : Refusal.Graph(context, "request_malformed");
    }
}
