using Latchkey.Server.Hosting;
using Latchkey.Server.Storage;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Latchkey.Server.Features.SecurityInfo;

/// <summary>The recommended way: the Authenticator makes the passkey, this page waits until it is on the server.</summary>
internal static class HandoffStep
{
    private static readonly TimeSpan PollFor = TimeSpan.FromSeconds(25), PollEvery = TimeSpan.FromSeconds(1);

    public static async Task<IResult> BeginAsync(SignedIn signedIn, HandoffStore handoffs, CancellationToken cancellation) =>
        Results.Redirect("/security-info/add/authenticator/" + (await handoffs.CreateAsync(signedIn, cancellation)).Code);

    public static async Task<IResult> ShowAsync(string code, SignedIn signedIn, HandoffStore handoffs, ServerOptions options, OrganisationStore organisations, SecondFactorStore factors, CancellationToken cancellation) =>
        await handoffs.FindAsync(code, signedIn, cancellation) switch
        {
            null => Results.Redirect("/security-info/add"),
            { PasskeyId: { } passkey } => Results.Redirect(NextOf(passkey)),
            _ => new RazorComponentResult<HandoffPage>(new
            {
                Code = code,
                Link = $"latchkey:add?server={Uri.EscapeDataString(options.OriginText)}&code={code}",
                Server = options.OriginText,
                HasTunnel = (await organisations.GetAsync(cancellation)).TunnelDomain is not null,
                UsedPass = await factors.LetsInOnceMoreAsync(signedIn, cancellation),
            }),
        };

    /// <summary>Answers as soon as the passkey is there; after half a minute says "not yet", and the page asks again.</summary>
    public static async Task<IResult> WaitAsync(string code, SignedIn signedIn, HandoffStore handoffs, TimeProvider time, CancellationToken cancellation)
    {
        for (var started = time.GetTimestamp(); ;)
        {
            if (await handoffs.FindAsync(code, signedIn, cancellation) is not { } handoff)
            {
                return Results.NotFound();
            }

            if (handoff.PasskeyId is { } passkey)
            {
                return Results.Json(new { next = NextOf(passkey) });
            }

            if (time.GetElapsedTime(started) >= PollFor)
            {
                return Results.NoContent();
            }

            await Task.Delay(PollEvery, time, cancellation);
        }
    }

    private static string NextOf(Guid passkey) => $"/security-info/passkeys/{passkey}/created";
}
