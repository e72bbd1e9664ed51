using Latchkey.Server.Storage;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Latchkey.Server.Features.SecurityInfo;

/// <summary>The list itself.</summary>
internal static class ListPages
{
    public static async Task<IResult> ShowAsync(HttpContext context, SignedIn signedIn, MethodList methods, CancellationToken cancellation) =>
        new RazorComponentResult<ListPage>(new
        {
            SignedIn = signedIn,
            Lines = await methods.OfAsync(signedIn.User, cancellation),
            Said = context.Request.Query["said"].ToString(),
        });
}
