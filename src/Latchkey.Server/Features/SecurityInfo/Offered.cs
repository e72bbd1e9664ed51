using Latchkey.Server.Features.Problems;
using Latchkey.Server.Shell;
using Latchkey.Server.Storage;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Latchkey.Server.Features.SecurityInfo;

/// <summary>What policy keeps from a person is not begun: neither listed, nor reached by typing its address.</summary>
internal static class Offered
{
    /// <summary>Needs policy to let the person add a passkey.</summary>
    public static TBuilder RequireOffered<TBuilder>(this TBuilder endpoints) where TBuilder : IEndpointConventionBuilder =>
        endpoints.Require(context => context.RequestServices.GetRequiredService<RegistrationDesk>().WhyNotAsync(SignedIn.Required(context).User, context.RequestAborted));

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
}
