using Latchkey.Server.Hosting;
using Latchkey.Server.Shell;
using Latchkey.Server.Storage;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Latchkey.Server.Features.SignIn;

/// <summary>First the name, alike for names there are and names there are not.</summary>
internal static class NameStep
{
    public static async Task<IResult> ShowAsync(HttpContext context, SignInState state, AskingProgram asking, CancellationToken cancellation)
    {
        var (query, over) = (context.Request.Query, state.TakeOver());
        var returnUrl = Forms.LocalOr(query.ContainsKey("returnUrl") ? query["returnUrl"] : over);
        return new RazorComponentResult<NamePage>(new
        {
            ReturnUrl = returnUrl,
            Name = query["login_hint"].ToString(),
            Problem = over is null ? null : SignInTexts.Over,
            Program = await asking.BehindAsync(returnUrl, cancellation),
            SignedInAs = await SignedInAsync(context),
        });
    }

    private static async Task<string?> SignedInAsync(HttpContext context)
    {
        await context.AuthenticateAsync(SessionCookie.Scheme);
        return SignedIn.Of(context)?.User.UserName;
    }

    public static async Task<IResult> TakeAsync(HttpContext context, SignInState state, AskingProgram asking, CancellationToken cancellation)
    {
        var name = await context.FieldAsync("name");
        var returnUrl = Forms.LocalOr(await context.FieldAsync("returnUrl"));
        if (name.Length is 0 or > 256)
        {
            return new RazorComponentResult<NamePage>(new { ReturnUrl = returnUrl, Name = "", Problem = SignInTexts.NameMissing, Program = await asking.BehindAsync(returnUrl, cancellation) }) { StatusCode = StatusCodes.Status400BadRequest };
        }

        state.Write(new SignInState.Progress(name));
        return Results.Redirect("/sign-in/password?returnUrl=" + Uri.EscapeDataString(returnUrl));
    }
}
