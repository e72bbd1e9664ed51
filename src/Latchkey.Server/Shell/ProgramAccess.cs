using Latchkey.Api;
using Latchkey.Api.OpenIdConnect;
using Latchkey.Server.Features.Problems;
using Latchkey.Server.Storage;
using Microsoft.AspNetCore.Authentication;
using OpenIddict.Abstractions;
using OpenIddict.Validation.AspNetCore;

namespace Latchkey.Server.Shell;

/// <summary>Guards what programs ask with an access token; refusals in Graph's shape.</summary>
internal static class ProgramAccess
{
    /// <summary>Needs a token that may read the person's sign-in methods.</summary>
    public static TBuilder RequireReading<TBuilder>(this TBuilder endpoints) where TBuilder : IEndpointConventionBuilder =>
        endpoints.AddEndpointFilter(Bearer(OpenIdConnectContract.ReadScope, OpenIdConnectContract.ReadWriteScope));

    /// <summary>Needs a token that may change them.</summary>
    public static TBuilder RequireWriting<TBuilder>(this TBuilder endpoints) where TBuilder : IEndpointConventionBuilder =>
        endpoints.AddEndpointFilter(Bearer(OpenIdConnectContract.ReadWriteScope));

    /// <summary>Needs a second factor within the last five minutes too.</summary>
    public static TBuilder RequireFreshMfa<TBuilder>(this TBuilder endpoints) where TBuilder : IEndpointConventionBuilder =>
        endpoints.AddEndpointFilter(async (invocation, next) =>
            invocation.HttpContext.RequestServices.GetRequiredService<MethodGuard>().WhyNotProved(ActorOf(invocation.HttpContext), MethodChange.Add) is { } problem
                ? Refusal.Graph(invocation.HttpContext, problem)
                : await next(invocation));

    /// <summary>The signed-in person, as what they sent along says.</summary>
    public static MethodActor ActorOf(HttpContext context) =>
        new(SignedIn.Required(context).Session) { IsSure = context.Request.Headers[LastMethod.Header] == LastMethod.Confirmed };

    /// <summary>Needs a session that was opened with two factors.</summary>
    public static TBuilder RequireMfa<TBuilder>(this TBuilder endpoints) where TBuilder : IEndpointConventionBuilder =>
        endpoints.AddEndpointFilter(async (invocation, next) =>
            SignedIn.Required(invocation.HttpContext).Session.HasMfa ? await next(invocation) : Refusal.Graph(invocation.HttpContext, "mfa_required"));

    /// <summary>An access token whose session lives, with one of the scopes.</summary>
    private static Func<EndpointFilterInvocationContext, EndpointFilterDelegate, ValueTask<object?>> Bearer(params string[] anyOf) => async (invocation, next) =>
    {
        var context = invocation.HttpContext;
        context.Features.Set<SignedIn>(null); // a cookie opens nothing here
        var ticket = await context.AuthenticateAsync(OpenIddictValidationAspNetCoreDefaults.AuthenticationScheme);
        if (!ticket.Succeeded || SignedIn.Of(context) is null)
        {
            context.Response.Headers.WWWAuthenticate = "Bearer";
            return Refusal.Graph(context, "sign_in_required");
        }

        return anyOf.Any(ticket.Principal.HasScope) ? await next(invocation) : Refusal.Graph(context, "scope_missing");
    };
}
