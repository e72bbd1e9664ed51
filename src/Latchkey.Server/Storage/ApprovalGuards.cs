using Microsoft.EntityFrameworkCore;

namespace Latchkey.Server.Storage;

/// <summary>Counts what was asked and not approved, and says when nobody is asked for a while.</summary>
public sealed class ApprovalGuards(LatchkeyDb db, TimeProvider time)
{
    /// <summary>Requests within <see cref="Window"/> that nobody approved, and that lock: refused, ignored, replaced or given up.</summary>
    public const int Limit = 5;

    public const string Quiet = "approvals_quiet", Locked = "approvals_locked";

    public static readonly TimeSpan Window = TimeSpan.FromHours(1), LockFor = TimeSpan.FromHours(1), QuietFor = TimeSpan.FromMinutes(10);

    /// <summary>Why the person is not asked at present, as a problem code; null when they are.</summary>
    public async Task<string?> WhyNotAsync(Guid userId, AuthenticatorUse use, CancellationToken cancellation)
    {
        var now = time.GetUtcNow();
        var all = await db.ApprovalGuards.AsNoTracking().Where(g => g.UserId == userId).ToListAsync(cancellation);
        // Who refused a request that came with their password was promised peace, and not peace from one kind of request: whoever knows the password knows the
        // name. A refused stranger, who has the name alone, shuts nobody out of the requests that come after a password.
        return all.Any(guard => guard.Use == use && guard.LockedUntil is { } until && until.Lasts(LockFor, now)) ? Locked
            : all.Any(guard => (guard.Use == use || guard.Use == AuthenticatorUse.Notification) && guard.QuietUntil is { } until && until.Lasts(QuietFor, now)) ? Quiet
            : null;
    }

    /// <summary>Counts a request that was not approved, in the caller's transaction, which has the person's row locked.</summary>
    /// <param name="approval">The request.</param>
    /// <param name="denied">The person said that it wasn't them: they are left in peace for a while, and the portal tells of it.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <returns>Whether it locked.</returns>
    public async Task<bool> CountAsync(Approval approval, bool denied, CancellationToken cancellation)
    {
        var (userId, now) = (approval.UserId!.Value, time.GetUtcNow());
        var guard = await db.ApprovalGuards.FirstOrDefaultAsync(g => g.UserId == userId && g.Use == approval.Use, cancellation);
        if (guard is null)
        {
            db.ApprovalGuards.Add(guard = new ApprovalGuard { UserId = userId, Use = approval.Use, StartedAt = now });
        }

        if (!guard.StartedAt.IsWithin(Window, now) || (guard.LockedUntil is { } until && !until.Lasts(LockFor, now)))
        {
            (guard.Refusals, guard.StartedAt, guard.LockedUntil) = (0, now, null);
        }

        guard.Refusals++;
        if (denied)
        {
            (guard.QuietUntil, guard.DeniedAt, guard.DeniedAddress) = (now + QuietFor, now, approval.Address);
        }

        if (guard.Refusals < Limit || guard.LockedUntil is not null)
        {
            return false;
        }

        guard.LockedUntil = now + LockFor;
        return true;
    }

    /// <summary>The person proved themselves otherwise, approved one, or an administrator vouches: the counts start afresh.</summary>
    public Task ClearAsync(Guid userId, CancellationToken cancellation) => db.ApprovalGuards.Where(g => g.UserId == userId).ExecuteUpdateAsync(
        set => set.SetProperty(g => g.Refusals, 0).SetProperty(g => g.LockedUntil, (DateTimeOffset?)null), cancellation);

    public async Task<DateTimeOffset?> LockedUntilAsync(Guid userId, CancellationToken cancellation)
    {
        var (now, latest) = (time.GetUtcNow(), time.GetUtcNow() + LockFor + Moments.Skew);
        return await db.ApprovalGuards.Where(g => g.UserId == userId && g.LockedUntil > now && g.LockedUntil <= latest).OrderByDescending(g => g.LockedUntil).Select(g => g.LockedUntil).FirstOrDefaultAsync(cancellation);
    }

    /// <summary>What the person has not read yet, or should know.</summary>
    public async Task<IReadOnlyList<ApprovalGuard>> NoticesAsync(Guid userId, CancellationToken cancellation)
    {
        var (now, latest) = (time.GetUtcNow(), time.GetUtcNow() + LockFor + Moments.Skew);
        return await db.ApprovalGuards.AsNoTracking().Where(g => g.UserId == userId && (g.DeniedAt != null || (g.LockedUntil > now && g.LockedUntil <= latest))).OrderBy(g => g.Use).ToListAsync(cancellation);
    }

    /// <summary>The person has read of what they refused.</summary>
    public Task ReadAsync(Guid userId, CancellationToken cancellation) => db.ApprovalGuards.Where(g => g.UserId == userId).ExecuteUpdateAsync(
        set => set.SetProperty(g => g.DeniedAt, (DateTimeOffset?)null).SetProperty(g => g.DeniedAddress, (string?)null), cancellation);
}
