using Latchkey.Server.Features.Problems;
using Latchkey.Server.Storage;

namespace Latchkey.Server.Shell;

/// <summary>Guards what may not be done at an unattended desk.</summary>
internal static class RecentMfa
{
    /// <summary>Needs a second factor within the last five minutes, or the wizard it opened. A person is sent to prove it's them and comes
    /// back to the same place; a script gets <c>step_up_required</c>.</summary>
    public static TBuilder RequireRecentMfa<TBuilder>(this TBuilder endpoints, string reason = "add") where TBuilder : IEndpointConventionBuilder =>
        endpoints.AddEndpointFilter(async (invocation, next) =>
        {
            var context = invocation.HttpContext;
            var session = SignedIn.Required(context).Session;
            if (context.RequestServices.GetRequiredService<MethodGuard>().WhyNotProved(new(session), MethodChange.Add) is null)
            {
                var sessions = context.RequestServices.GetRequiredService<SessionStore>();
                if (!sessions.HasOpenWizard(session)) await sessions.TryOpenWizardAsync(session, context.RequestAborted);
                return await next(invocation);
            }

            if (context.Request.Headers.Accept.ToString().StartsWith("application/json", StringComparison.Ordinal))
            {
                return Refusal.Portal(context, "step_up_required");
            }

            var back = context.Request.Path + (HttpMethods.IsGet(context.Request.Method) ? context.Request.QueryString.ToString() : "");
            return Results.Redirect($"/step-up?reason={reason}&returnUrl={Uri.EscapeDataString(back)}");
        });
}
