using Latchkey.Server.Shell;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Latchkey.Server.Features.SignIn;

/// <summary>First the name, alike for names there are and names there are not.</summary>
internal static class NameStep
{
    public static IResult Show(HttpContext context)
    {
        var query = context.Request.Query;
        return new RazorComponentResult<NamePage>(new { ReturnUrl = Forms.LocalOr(query["returnUrl"]), Name = query["login_hint"].ToString() });
    }

    public static async Task<IResult> TakeAsync(HttpContext context, SignInState state)
    {
        var name = await context.FieldAsync("name");
        var returnUrl = Forms.LocalOr(await context.FieldAsync("returnUrl"));
        if (name.Length is 0 or > 256)
        {
            return new RazorComponentResult<NamePage>(new { ReturnUrl = returnUrl, Name = "", Problem = SignInTexts.NameMissing }) { StatusCode = StatusCodes.Status400BadRequest };
        }

        state.Write(new SignInState.Progress(name));
        return Results.Redirect("/sign-in/password?returnUrl=" + Uri.EscapeDataString(returnUrl));
    }
}
