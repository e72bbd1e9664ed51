using Latchkey.Api.Administration;

namespace Latchkey.Server.Features.Admin;

/// <summary>Front door: administration by the account the server runs under, over the Unix socket in the data directory.</summary>
public static class AdminFeature
{
    public static void MapAdmin(this IEndpointRouteBuilder app)
    {
        var local = app.MapGroup("/" + AdministrationClient.Root).AddEndpointFilter(LocalProblems.FilterAsync);
        local.MapGet("/users", PeopleEndpoints.ListAsync);
        local.MapPost("/users", PeopleEndpoints.AddAsync);
        local.MapGet("/users/{name}", PeopleEndpoints.GetAsync);
        local.MapPatch("/users/{name}", PeopleEndpoints.ChangeAsync);
        local.MapDelete("/users/{name}", PeopleEndpoints.DeleteAsync);
        local.MapPost("/users/{name}/reset", PersonResetEndpoint.ResetAsync);
        local.MapPut("/users/{name}/password", PeopleEndpoints.SetPasswordAsync);
        local.MapPost("/users/{name}/unlock", PeopleEndpoints.UnlockAsync);
        local.MapPost("/users/{name}/temporary-access-pass", PassEndpoints.CreateAsync);
        local.MapDelete("/users/{name}/temporary-access-pass", PassEndpoints.DeleteAsync);
        local.MapGet("/users/{name}/passkeys", PersonPasskeyEndpoints.ListAsync);
        local.MapDelete("/users/{name}/passkeys/{id:guid}", PersonPasskeyEndpoints.DeleteAsync);
        local.MapGet("/users/{name}/sessions", SessionEndpoints.ListAsync);
        local.MapDelete("/users/{name}/sessions", SessionEndpoints.EndAllAsync);
        local.MapDelete("/users/{name}/sessions/{id:guid}", SessionEndpoints.EndAsync);
        local.MapGet("/audit", AuditEndpoint.ListAsync);
        local.MapPost("/keys/rotate", KeysEndpoints.RotateAsync);
        local.MapGet("/organisation", OrganisationEndpoints.GetAsync);
        local.MapPatch("/organisation", OrganisationEndpoints.ChangeAsync);
        local.MapDelete("/organisation/tunnel-domain", OrganisationEndpoints.RemoveTunnelDomainAsync);
        local.MapGet("/policy", PolicyEndpoints.GetAsync);
        local.MapPatch("/policy", PolicyEndpoints.ChangeAsync);
        local.MapGet("/attestation/authorities", AttestationEndpoints.AuthoritiesAsync);
        local.MapGet("/attestation/certificates", AttestationEndpoints.CertificatesAsync);
        local.MapPost("/attestation/rotate", AttestationEndpoints.RotateAsync);
        local.MapPost("/attestation/revoke", AttestationEndpoints.RevokeAsync);
        local.MapGet("/groups", GroupEndpoints.ListAsync);
        local.MapPost("/groups", GroupEndpoints.AddAsync);
        local.MapDelete("/groups/{name}", GroupEndpoints.DeleteAsync);
        local.MapGet("/groups/{name}/members", GroupEndpoints.MembersAsync);
        local.MapPut("/groups/{name}/members/{user}", GroupEndpoints.AddMemberAsync);
        local.MapDelete("/groups/{name}/members/{user}", GroupEndpoints.RemoveMemberAsync);
    }

    public static void AddAdmin(this IServiceCollection services) => services.AddScoped<PersonView>();
}
