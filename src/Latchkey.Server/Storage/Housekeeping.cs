using Microsoft.EntityFrameworkCore;
using OpenIddict.Abstractions;

namespace Latchkey.Server.Storage;

/// <summary>Once an hour, takes out what has had its time: used marks after a day, ended sessions, dead tokens and expired
/// certificates that vouch for nothing after a month, refused attempts after three. What was revoked stays: its key is known by it.</summary>
internal sealed class Housekeeping(IServiceScopeFactory scopes, TimeProvider time, ILogger<Housekeeping> logger) : BackgroundService
{
    public static readonly TimeSpan KeepMarks = TimeSpan.FromDays(1), KeepSessions = TimeSpan.FromDays(30), KeepRefusals = TimeSpan.FromDays(90);

    /// <summary>What anybody can have written down by being refused; what was done is kept.</summary>
    private static readonly string[] Refusable = ["sign_in", "step_up", "method.added", "method.tested", "approval.asked", "approval.answered"];

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var hourly = new PeriodicTimer(TimeSpan.FromHours(1), time);
        try
        {
            while (await hourly.WaitForNextTickAsync(stoppingToken))
            {
                await TrySweepAsync(stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // the server stops
        }
    }

    private async Task TrySweepAsync(CancellationToken cancellation)
    {
        try
        {
            await using var scope = scopes.CreateAsyncScope();
            await SweepAsync(scope.ServiceProvider, time.GetUtcNow(), cancellation);
        }
        catch (Exception failure) when (failure is not OperationCanceledException)
        {
            logger.LogWarning("Housekeeping failed and will try again in an hour: {Kind}", failure.GetType().Name);
        }
    }

    public static async Task SweepAsync(IServiceProvider services, DateTimeOffset now, CancellationToken cancellation)
    {
        var db = services.GetRequiredService<LatchkeyDb>();
        var (marks, sessions) = (now - KeepMarks, now - KeepSessions);
        var refusals = now - KeepRefusals;
        await db.AuditEntries.Where(e => e.At < refusals && e.Outcome != "success" && Refusable.Contains(e.Action)).ExecuteDeleteAsync(cancellation);
        await db.UsedCeremonies.Where(u => u.At < marks).ExecuteDeleteAsync(cancellation);
        await db.Approvals.Where(a => a.CreatedAt < marks).ExecuteDeleteAsync(cancellation);
        await db.Handoffs.Where(h => h.ExpiresAt < now).ExecuteDeleteAsync(cancellation);
        await db.AttemptCounters.Where(c => c.StartedAt < marks && (c.LockedUntil == null || c.LockedUntil < now)).ExecuteDeleteAsync(cancellation);
        await db.Sessions.Where(s => s.EndedAt < sessions || s.ExpiresAt < sessions).ExecuteDeleteAsync(cancellation);
        await db.AttestationCertificates.Where(c => c.ExpiresAt < sessions && c.RevokedAt == null && !db.Passkeys.Any(p => p.AttestationCertificateId == c.Id)).ExecuteDeleteAsync(cancellation);
        await services.GetRequiredService<IOpenIddictTokenManager>().PruneAsync(sessions, cancellation);
        await services.GetRequiredService<IOpenIddictAuthorizationManager>().PruneAsync(sessions, cancellation);
    }
}
