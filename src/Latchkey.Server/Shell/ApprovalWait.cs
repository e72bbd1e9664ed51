using Latchkey.Protocol;
using Latchkey.Server.Storage;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Latchkey.Server.Shell;

/// <summary>What every page that waits for an approval has in common.</summary>
internal static class ApprovalWait
{
    private static readonly TimeSpan PollFor = TimeSpan.FromSeconds(25), PollEvery = TimeSpan.FromSeconds(1);

    public static RazorComponentResult<ApprovalPage> Page(HttpContext context, Approval approval, string here, string again, string? reason = null) => new(new
    {
        Approval = approval,
        Seconds = SecondsLeft(approval, context),
        Here = $"{here}/{approval.Id}",
        Again = again,
        ReturnUrl = Forms.LocalOr(context.Request.Query["returnUrl"]),
        Reason = reason,
    });

    /// <summary>Answers as soon as the request waits no longer; after half a minute says "not yet", and the page asks again.</summary>
    public static async Task<IResult> WaitAsync(HttpContext context, Guid id, ByteString browser, ApprovalDesk desk, TimeProvider time, CancellationToken cancellation)
    {
        for (var started = time.GetTimestamp(); ;)
        {
            if (await desk.FindAsync(id, browser, cancellation) is not { } approval)
            {
                return Results.NotFound();
            }

            if (approval.State is not ApprovalState.Pending || time.GetElapsedTime(started) >= PollFor)
            {
                return Results.Json(new { pending = approval.State is ApprovalState.Pending, seconds = SecondsLeft(approval, context) });
            }

            await Task.Delay(PollEvery, time, cancellation);
        }
    }

    private static int SecondsLeft(Approval approval, HttpContext context) =>
        (int)Math.Max(0, Math.Ceiling((approval.ExpiresAt - context.RequestServices.GetRequiredService<TimeProvider>().GetUtcNow()).TotalSeconds));
}
