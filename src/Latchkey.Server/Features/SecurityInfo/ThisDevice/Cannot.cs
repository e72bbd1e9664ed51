using Latchkey.Server.Shell;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Latchkey.Server.Features.SecurityInfo.ThisDevice;

/// <summary>Where the way begins: at the pages for the device that seems to be there, or where it is said, before anything starts, that it can't.</summary>
internal static class Cannot
{
    public const string Old = "old", Browser = "browser";

    public static string Address(string why) => $"{ThisDeviceWay.Root}/cannot?why={why}";

    public static IResult Begin(HttpContext context)
    {
        var guess = DeviceGuess.Of(context.Request);
        var way = ThisDeviceWay.Value;
        return Results.Redirect(guess.Cannot is { } why ? Address(why) : way.First(way.FindPlatform(guess.Platform)));
    }

    public static IResult Show(HttpContext context)
    {
        var isBrowser = context.Request.Query["why"] == Browser;
        var found = DeviceGuess.Of(context.Request).Found;
        return new RazorComponentResult<CannotPage>(new
        {
            Title = isBrowser ? ThisDeviceTexts.BrowserTitle : ThisDeviceTexts.OldTitle,
            Text = isBrowser ? ThisDeviceTexts.BrowserText : found is null ? ThisDeviceTexts.OldText : ThisDeviceTexts.OldFound.With(found),
            Instead = isBrowser ? ThisDeviceTexts.BrowserUpdate : ThisDeviceTexts.OldUpdate,
            IsBrowser = isBrowser,
            Question = ThisDeviceWay.Value.Address(ThisDeviceWay.Value.Question, null),
        });
    }
}
