using Latchkey.Server.Features.Problems;
using Latchkey.Server.Hosting;
using Latchkey.Server.Shell;
using Latchkey.Server.Storage;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Latchkey.Server.Features.SecurityInfo.AnotherDevice;

/// <summary>A passkey that another device saves: this browser shows a QR code, the device scans it, the two meet over Bluetooth.</summary>
internal static class DeviceStep
{
    public static IResult ShowStart(HttpContext context, SignedIn signedIn, SessionStore sessions)
    {
        var asks = !sessions.IsFresh(signedIn.Session) && !sessions.HasOpenWizard(signedIn.Session);
        return new RazorComponentResult<StartPage>(new { Platform = PlatformOf(context), AsksForSecondFactor = asks });
    }

    public static async Task<IResult> ShowAsync(
        string page, HttpContext context, SignedIn signedIn, PasskeyStore passkeys, Downloads downloads, ServerOptions options, CancellationToken cancellation)
    {
        var platform = PlatformOf(context);
        if (DevicePath.Parse(page) is not { } named || !DevicePath.Has(named, platform))
        {
            return Results.Redirect(DevicePath.Address(DevicePage.Platform, platform));
        }

        return named switch
        {
            DevicePage.App => new RazorComponentResult<AppPage>(new { Platform = platform, Downloads = await downloads.ListAsync(cancellation), Options = options }),
            DevicePage.TurnOn => Told(named, platform!, platform!.TurnOn),
            DevicePage.Ready => Told(named, platform!, platform!.Ready),
            DevicePage.Save => new RazorComponentResult<SavePage>(new { Platform = platform!, Existing = await OursFirstAsync(signedIn, passkeys, cancellation) }),
            _ => new RazorComponentResult<PlatformPage>(new { Platform = platform }),
        };
    }

    public static async Task<IResult> BeginAsync(HttpContext context, SignedIn signedIn, RegistrationDesk desk, CancellationToken cancellation)
    {
        var (options, _, problem) = await desk.BeginAsync(signedIn.User, signedIn.Session.Binding, RegistrationWay.AnotherDevice, cancellation);
        return options is null ? Refusal.Portal(context, problem!) : Results.Bytes(options.Encode(), "application/json");
    }

    public static async Task<IResult> CompleteAsync(HttpContext context, SignedIn signedIn, RegistrationDesk desk, CancellationToken cancellation)
    {
        var outcome = await desk.CompleteAsync(await context.ReadBodyAsync(cancellation), signedIn.User, signedIn.Session.Binding, displayName: null, cancellation);
        if (outcome.Passkey is not { } passkey)
        {
            return Refusal.Portal(context, outcome.Problem!);
        }

        var platform = PlatformOf(context) ?? DevicePlatform.All[0];
        return Results.Json(new
        {
            id = passkey.Id,
            next = PasskeyNames.IsAuthenticator(passkey.Aaguid) ? platform.NextOf(passkey.Id) : $"{DevicePath.Root}/elsewhere/{passkey.Id}?platform={platform.Name}",
        });
    }

    private static DevicePlatform? PlatformOf(HttpContext context) => DevicePlatform.Find(context.Request.Query["platform"]);

    private static RazorComponentResult<InstructionsPage> Told(DevicePage page, DevicePlatform platform, Instructions instructions) =>
        new(new { Page = page, Platform = platform, Instructions = instructions });

    /// <summary>Which of them the device holds, the browser does not say: one in an Authenticator is the likeliest.</summary>
    private static async Task<IReadOnlyList<Passkey>> OursFirstAsync(SignedIn signedIn, PasskeyStore passkeys, CancellationToken cancellation) =>
        [.. (await passkeys.ListAsync(signedIn.User.Id, cancellation)).OrderByDescending(passkey => PasskeyNames.IsAuthenticator(passkey.Aaguid))];
}
