using Latchkey.Api.Approvals;
using Latchkey.Api.Fido2Methods;
using Latchkey.Api.Me;
using Latchkey.Api.Passkeys;
using Latchkey.Api.SoftwareOathMethods;
using Latchkey.Api.WellKnown;
using Latchkey.Server.Hosting;
using Latchkey.Server.Shell;

namespace Latchkey.Server.Features.AuthenticationMethods;

/// <summary>Front door: sign-in methods for programs, in Microsoft Graph's shapes, and what an authenticator asks of a relying party.</summary>
public static class AuthenticationMethodsFeature
{
    public static void MapAuthenticationMethods(this IEndpointRouteBuilder app)
    {
        var reading = app.MapGroup("").RequireReading();
        reading.MapGet("/" + ProfileClient.Path, ProfileEndpoint.GetAsync);
        reading.MapGet("/" + RecentActivityClient.Path, RecentActivityEndpoint.GetAsync);
        reading.MapGet("/" + Fido2MethodsClient.Path, Fido2Endpoints.ListAsync);
        reading.MapGet("/" + Fido2MethodsClient.Path + "/{id}", Fido2Endpoints.GetAsync);
        reading.MapGet("/" + SoftwareOathMethodsClient.Path, SoftwareOathEndpoints.ListAsync);
        reading.MapPost("/" + PasskeyTestClient.Path + "/options", TestEndpoints.BeginAsync);
        reading.MapPost("/" + PasskeyTestClient.Path, TestEndpoints.CompleteAsync);

        var passkeys = app.MapGroup("/" + Fido2MethodsClient.Path).RequireWriting();
        foreach (var function in new[] { "creationOptions", "microsoft.graph.creationOptions" })
        {
            // A function of OData: with parentheses or, without parameters, also without.
            passkeys.MapGet("/" + function, Fido2Endpoints.BeginAsync).RequireFreshMfa();
            passkeys.MapGet("/" + function + "()", Fido2Endpoints.BeginAsync).RequireFreshMfa();
            passkeys.MapGet("/" + function + "({parameters})", Fido2Endpoints.BeginAsync).RequireFreshMfa();
        }

        passkeys.MapPost("", Fido2Endpoints.RegisterAsync); // its sealed pending ceremony is the proof
        passkeys.MapPatch("/{id}", Fido2Endpoints.RenameAsync);
        passkeys.MapDelete("/{id}", Fido2Endpoints.DeleteAsync); // it asks the guard itself, once it knows what is meant

        var codes = app.MapGroup("/" + SoftwareOathMethodsClient.Path).RequireWriting();
        codes.MapPost("", SoftwareOathEndpoints.BeginAsync).RequireFreshMfa();
        codes.MapPost("/{id:guid}/confirm", SoftwareOathEndpoints.ConfirmAsync); // what is sealed is the proof
        codes.MapDelete("/{id:guid}", SoftwareOathEndpoints.DeleteAsync);

        reading.MapGet("/" + AuthenticatorMethodsClient.Path, AuthenticatorEndpoints.ListAsync);
        var authenticators = app.MapGroup("/" + AuthenticatorMethodsClient.Path).RequireWriting();
        authenticators.MapPost("/challenge", AuthenticatorEndpoints.BeginAsync).RequireFreshMfa();
        authenticators.MapPost("", AuthenticatorEndpoints.RegisterAsync); // the challenge in it is the proof
        authenticators.MapPatch("/{id:guid}", AuthenticatorEndpoints.UpdateAsync);
        authenticators.MapDelete("/{id:guid}", AuthenticatorEndpoints.DeleteAsync);

        app.MapPost("/" + PasskeyStatusClient.Path + "/options", StatusEndpoints.BeginAsync);
        app.MapPost("/" + PasskeyStatusClient.Path, StatusEndpoints.AskAsync);
        app.MapGet("/" + PasskeyEndpointsClient.Path, (ServerOptions options) => Results.Json(
            new PasskeyEndpoints(new Uri(options.Origin, "/security-info/add"), new Uri(options.Origin, "/security-info"), new LatchkeyEndpoints(options.Origin)),
            Api.ApiJson.Default.PasskeyEndpoints));
    }
}
