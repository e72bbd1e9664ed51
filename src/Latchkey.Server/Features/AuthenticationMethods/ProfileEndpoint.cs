using Latchkey.Api;
using Latchkey.Api.Me;
using Latchkey.Server.Storage;

namespace Latchkey.Server.Features.AuthenticationMethods;

internal static class ProfileEndpoint
{
    public static async Task<IResult> GetAsync(HttpContext context, OrganisationStore organisations, CancellationToken cancellation)
    {
        var user = SignedIn.Required(context).User;
        var organisation = await organisations.GetAsync(cancellation);
        return Results.Json(
            new Profile(user.Id.ToString(), user.UserName!, user.DisplayName, organisation.DisplayName, organisation.TunnelDomain), ApiJson.Default.Profile);
    }
}
