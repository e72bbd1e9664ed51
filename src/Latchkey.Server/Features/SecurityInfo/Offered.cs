using Latchkey.Server.Features.Problems;
using Latchkey.Server.Features.SecurityInfo.BrowserWays;
using Latchkey.Server.Shell;
using Latchkey.Server.Storage;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Latchkey.Server.Features.SecurityInfo;

/// <summary>What policy keeps from a person is not begun: neither listed, nor reached by typing its address.</summary>
internal static class Offered
{
    /// <summary>Needs policy to let the person add a passkey this way.</summary>
    public static TBuilder RequireOffered<TBuilder>(this TBuilder endpoints, RegistrationWay way) where TBuilder : IEndpointConventionBuilder =>
        endpoints.Require(context => Desk(context).WhyNotAsync(SignedIn.Required(context).User, way, context.RequestAborted));

    /// <summary>The same for a way that stands in the address.</summary>
    public static TBuilder RequireWayOffered<TBuilder>(this TBuilder endpoints) where TBuilder : IEndpointConventionBuilder =>
        endpoints.Require(async context => BrowserWay.TryParse(context.GetRouteValue("way") as string, out var way)
            ? await Desk(context).WhyNotAsync(SignedIn.Required(context).User, way.Registration, context.RequestAborted)
            : null);

    /// <summary>Needs policy to offer the person authenticator codes.</summary>
    public static TBuilder RequireCodesOffered<TBuilder>(this TBuilder endpoints) where TBuilder : IEndpointConventionBuilder =>
        endpoints.Require(async context => (await context.RequestServices.GetRequiredService<PolicyStore>()
            .ForAsync(SignedIn.Required(context).User.Id, context.RequestAborted)).Withheld(MethodKind.Code));

    private static TBuilder Require<TBuilder>(this TBuilder endpoints, Func<HttpContext, Task<string?>> whyNot) where TBuilder : IEndpointConventionBuilder =>
        endpoints.AddEndpointFilter(async (invocation, next) =>
        {
            var context = invocation.HttpContext;
            if (await whyNot(context) is not { } code)
            {
                return await next(invocation);
            }

            if (context.Request.Headers.Accept.ToString().StartsWith("application/json", StringComparison.Ordinal))
            {
                return Refusal.Portal(context, code);
            }

            var problem = ProblemTable.Of(code);
            return new RazorComponentResult<MessagePage>(new
            {
                Title = SecurityInfoTexts.NotOfferedTitle, problem.Text, Detail = problem.NextStep, Href = AddWizard.Root + AddWizard.Choose, Action = ShellTexts.Back,
            })
            { StatusCode = StatusCodes.Status403Forbidden };
        });

    private static RegistrationDesk Desk(HttpContext context) => context.RequestServices.GetRequiredService<RegistrationDesk>();
}
