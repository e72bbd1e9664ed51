using Latchkey.Server.Features.Problems;
using Latchkey.Server.Hosting;
using Latchkey.Server.Shell;
using Latchkey.Server.Storage;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Latchkey.Server.Features.SecurityInfo.BrowserWays;

/// <summary>The pages of a way, and the ceremony at their end.</summary>
internal static class WayStep
{
    public static async Task<IResult> ShowAsync(
        BrowserWay way, string page, HttpContext context, SignedIn signedIn, SessionStore sessions, MethodList methods, Downloads downloads, ServerOptions options, OrganisationStore organisations,
        CancellationToken cancellation)
    {
        var platform = PlatformOf(way, context);
        if (way.FindPage(page, platform) is not { } found)
        {
            return Results.Redirect(way.Address(way.Question, platform));
        }

        // Said before the first step, not after the sixth.
        if (!way.IsThisDevice && found.IsOpen && (await organisations.GetAsync(cancellation)).TunnelDomain is null)
        {
            return new RazorComponentResult<MessagePage>(new
            {
                Title = found.Title, Text = SecurityInfoTexts.NoTunnel, Href = AddWizard.Root + AddWizard.Authenticator, Action = BrowserWaysTexts.Instead,
            });
        }

        return found.Kind switch
        {
            WayPageKind.App => new RazorComponentResult<AppPage>(new { Way = way, At = found, Platform = platform, Downloads = await downloads.ListAsync(cancellation), Options = options }),
            WayPageKind.Platform => new RazorComponentResult<PlatformPage>(new { Way = way, At = found, Platform = platform }),
            WayPageKind.Save => new RazorComponentResult<SavePage>(new { Way = way, At = found, Platform = platform!, Existing = await OursFirstAsync(signedIn, methods, cancellation) }),
            WayPageKind.Tell => new RazorComponentResult<TellPage>(new
            {
                Way = way,
                At = found,
                Platform = platform,
                AsksForSecondFactor = found.SaysSecondFactor ? Asks(signedIn, sessions) : (bool?)null,
                Why = found.Name == WayPage.TurnOn ? SentBack.Words(context.Request.Query["why"]) : null,
            }),
            _ => throw new InvalidOperationException("The kinds are all named."),
        };
    }

    public static async Task<IResult> BeginAsync(BrowserWay way, HttpContext context, Guid? replaces, SignedIn signedIn, RegistrationDesk desk, CancellationToken cancellation)
    {
        var (options, _, problem) = await desk.BeginAsync(signedIn.User, signedIn.Session, way.Registration, replaces, cancellation);
        return options is null ? Refusal.Portal(context, problem!) : Results.Bytes(options.Encode(), "application/json");
    }

    public static async Task<IResult> CompleteAsync(BrowserWay way, HttpContext context, Guid? replaces, SignedIn signedIn, RegistrationDesk desk, CancellationToken cancellation)
    {
        var outcome = await desk.CompleteAsync(await context.ReadBodyAsync(cancellation), signedIn.User, signedIn.Session, replaces, displayName: null, cancellation);
        if (outcome.Passkey is not { } passkey)
        {
            return Refusal.Portal(context, outcome.Problem!, outcome.Model);
        }

        var platform = PlatformOf(way, context) ?? way.Platforms[0];
        return Results.Json(new
        {
            id = passkey.Id,
            next = outcome.Beside is { Count: > 0 } beside ? NameStep.CreatedAddress(passkey.Id, beside)
                : PasskeyNames.IsAuthenticator(passkey.Aaguid) ? platform.NextOf(passkey.Id) : way.Address($"elsewhere/{passkey.Id}", platform),
        });
    }

    private static WayPlatform? PlatformOf(BrowserWay way, HttpContext context) => way.FindPlatform(context.Request.Query["platform"]);

    private static bool Asks(SignedIn signedIn, SessionStore sessions) => !sessions.IsFresh(signedIn.Session) && !sessions.HasOpenWizard(signedIn.Session);

    /// <summary>Which of them the device holds, the browser does not say: one in an Authenticator is the likeliest.</summary>
    private static async Task<IReadOnlyList<MethodLine>> OursFirstAsync(SignedIn signedIn, MethodList methods, CancellationToken cancellation) =>
        [.. (await methods.PasskeysAsync(signedIn.User, cancellation)).OrderByDescending(passkey => passkey.IsInAuthenticator)];
}
