using Latchkey.Server.Hosting;
using Latchkey.Server.Storage;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Latchkey.Server.Features.GetAuthenticator;

/// <summary>Front door: where a device gets the Authenticator. Open to anybody, since who needs it has no way to sign in there yet.</summary>
public static class GetAuthenticatorFeature
{
    public static void MapGetAuthenticator(this IEndpointRouteBuilder app)
    {
        app.MapGet("/get-authenticator", async Task<IResult> (Downloads downloads, ServerOptions options, CancellationToken cancellation) =>
            new RazorComponentResult<GetAuthenticatorPage>(new { Downloads = await downloads.ListAsync(cancellation), Server = options.OriginText }));
        app.MapGet("/downloads/{name}", (string name, Downloads downloads) => downloads.Open(name) is { } file
            ? Results.File(file, "application/octet-stream", name, enableRangeProcessing: true)
            : Results.NotFound());
    }
}
