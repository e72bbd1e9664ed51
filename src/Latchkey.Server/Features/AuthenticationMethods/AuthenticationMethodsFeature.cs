using Latchkey.Api.Fido2Methods;
using Latchkey.Api.Me;
using Latchkey.Api.Passkeys;
using Latchkey.Api.WellKnown;
using Latchkey.Server.Features.Problems;
using Latchkey.Server.Hosting;
using Latchkey.Server.Storage;
using Microsoft.AspNetCore.Authentication;
using OpenIddict.Abstractions;
using OpenIddict.Validation.AspNetCore;

namespace Latchkey.Server.Features.AuthenticationMethods;

/// <summary>Front door: passkeys for programs, in Microsoft Graph's shapes, and what an authenticator asks of a relying party.</summary>
public static class AuthenticationMethodsFeature
{
    private const string Read = "UserAuthenticationMethod.Read", ReadWrite = "UserAuthenticationMethod.ReadWrite";

    public static void MapAuthenticationMethods(this IEndpointRouteBuilder app)
    {
        var reading = app.MapGroup("").AddEndpointFilter(Bearer(Read, ReadWrite));
        reading.MapGet("/" + ProfileClient.Path, ProfileEndpoint.GetAsync);
        reading.MapGet("/" + Fido2MethodsClient.Path, Fido2Endpoints.ListAsync);
        reading.MapGet("/" + Fido2MethodsClient.Path + "/{id}", Fido2Endpoints.GetAsync);
        reading.MapPost("/" + PasskeyTestClient.Path + "/options", TestEndpoints.BeginAsync);
        reading.MapPost("/" + PasskeyTestClient.Path, TestEndpoints.CompleteAsync);

        var writing = app.MapGroup("/" + Fido2MethodsClient.Path).AddEndpointFilter(Bearer(ReadWrite));
        writing.MapGet("/creationOptions", Fido2Endpoints.BeginAsync).AddEndpointFilter(RecentMfa);
        writing.MapPost("", Fido2Endpoints.RegisterAsync); // its sealed pending ceremony is the proof
        writing.MapPatch("/{id}", Fido2Endpoints.RenameAsync);
        writing.MapDelete("/{id}", Fido2Endpoints.DeleteAsync).AddEndpointFilter(Mfa);

        app.MapPost("/" + PasskeyStatusClient.Path + "/options", StatusEndpoints.BeginAsync);
        app.MapPost("/" + PasskeyStatusClient.Path, StatusEndpoints.AskAsync);
        app.MapGet("/" + PasskeyEndpointsClient.Path, (ServerOptions options) => Results.Json(
            new PasskeyEndpoints(new Uri(options.Origin, "/security-info/add"), new Uri(options.Origin, "/security-info"), new LatchkeyEndpoints(options.Origin)),
            Api.ApiJson.Default.PasskeyEndpoints));
    }

    /// <summary>An access token whose session lives, with one of the scopes; refusals in Graph's shape.</summary>
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

    private static async ValueTask<object?> RecentMfa(EndpointFilterInvocationContext invocation, EndpointFilterDelegate next)
    {
        var context = invocation.HttpContext;
        return context.RequestServices.GetRequiredService<SessionStore>().IsFresh(SignedIn.Required(context).Session)
            ? await next(invocation)
            : Refusal.Graph(context, "step_up_required");
    }

    private static async ValueTask<object?> Mfa(EndpointFilterInvocationContext invocation, EndpointFilterDelegate next) =>
        SignedIn.Required(invocation.HttpContext).Session.HasMfa ? await next(invocation) : Refusal.Graph(invocation.HttpContext, "mfa_required");
}
