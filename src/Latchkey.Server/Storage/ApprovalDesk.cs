using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Latchkey.Api.Approvals;
using Latchkey.Protocol;
using Latchkey.Server.Hosting;
using Microsoft.EntityFrameworkCore;

namespace Latchkey.Server.Storage;

/// <summary>Begins, shows, answers and redeems approvals. All of it is stored, so that a restart in between changes nothing.</summary>
public sealed class ApprovalDesk(
    LatchkeyDb db, AuthenticatorStore authenticators, ApprovalGuards guards, Refusals refusals, PolicyStore policies, AuditLog audit, AccountChanges changes, ServerOptions options, TimeProvider time)
{
    /// <summary>Why a request is not begun: another browser's waits already.</summary>
    public const string Waiting = "approval_waiting";

    public const string Over = ApprovalsClient.Over, NumberWrong = ApprovalsClient.NumberWrong;

    /// <summary>How long a request waits, and how long after the answer its browser may come for it.</summary>
    public static readonly TimeSpan Life = TimeSpan.FromSeconds(60);

    /// <summary>Whether the person has an Authenticator that may be asked for this, by its owner and by policy.</summary>
    public async Task<bool> HasAsync(User user, AuthenticatorUse use, CancellationToken cancellation) =>
        (await policies.ForAsync(user.Id, cancellation)).Withheld(use) is null
        && (await authenticators.ListAsync(user.Id, cancellation)).Any(authenticator => authenticator.IsAllowed(use));

    /// <summary>
    /// Begins a request for a name. One waits at a time for a person: the same browser's later one takes the place of its earlier one; another
    /// browser's is refused, so that what the person is looking at never changes under their fingers, and they learn that somebody else tries. One
    /// with the password takes the place of one without, so that a stranger who knows a name can't keep its owner out. Names nobody has, and people
    /// who can't be asked, get a number like everybody, and nobody hears of it: the same is read and written for them, and the same answered.
    /// </summary>
    public async Task<(Approval? Approval, string? Problem)> BeginAsync(
        ApprovalKind kind, string name, User? user, ByteString browser, string app, string? address, CancellationToken cancellation)
    {
        var (now, mark, told) = (time.GetUtcNow(), SHA256.HashData(browser.Span), new HashSet<Guid>());
        var approval = new Approval
        {
            Id = Guid.CreateVersion7(now),
            Kind = kind,
            Number = RandomNumberGenerator.GetInt32(10, 100),
            Browser = mark,
            App = app,
            Address = address,
            CreatedAt = now,
            ExpiresAt = now + Life,
            Slot = SlotOf(name, kind),
        };
        await using var transaction = await db.Database.BeginTransactionAsync(cancellation);
        var person = user ?? new User();
        await db.LockPersonAsync(person.Id, cancellation); // whether the person is asked depends on what was counted before
        var (byName, proved) = (SlotOf(name, ApprovalKind.PhoneSignIn), SlotOf(name, ApprovalKind.SecondFactor));
        var isOccupied = false;
        foreach (var before in await db.Approvals.AsNoTracking().Where(a => a.Slot == byName || a.Slot == proved).ToListAsync(cancellation))
        {
            if (!before.IsWaiting(now))
            {
                await EndUnapprovedAsync(before, ApprovalState.Ignored, cancellation);
            }
            else if (before.Browser.AsSpan().SequenceEqual(mark) || (before.Slot == byName && kind is not ApprovalKind.PhoneSignIn))
            {
                await EndUnapprovedAsync(before, ApprovalState.Closed, cancellation);
            }
            else if (before.Slot == approval.Slot)
            {
                return (null, Waiting);
            }
            else
            {
                // One with the password waits. To say so to one without would say that somebody of this name is signing in.
                isOccupied = true;
                continue;
            }

            if (before.UserId is { } other) told.Add(other);
        }

        var (has, guarded) = (await HasAsync(person, approval.Use, cancellation), await guards.WhyNotAsync(person.Id, approval.Use, cancellation));
        var whyNot = user is null || isOccupied || !has ? AuthenticatorStore.NotFound : guarded;
        if (whyNot is null)
        {
            approval.UserId = user!.Id;
            told.Add(user.Id);
        }
        else if (kind is not ApprovalKind.PhoneSignIn)
        {
            await transaction.CommitAsync(cancellation);
            Tell(told);
            return (null, whyNot);
        }

        db.Approvals.Add(approval);
        audit.Add("approval.asked", approval.UserId, whyNot ?? "success", MethodKind.Authenticator, actor: "nobody");
        try
        {
            await db.SaveChangesAsync(cancellation);
            await transaction.CommitAsync(cancellation);
        }
        catch (DbUpdateException)
        {
            db.ChangeTracker.Clear();
            return (null, Waiting); // two at the same moment: the other one has the place
        }

        Tell(told);
        return (approval, null);
    }

    /// <summary>A request, for the browser that began it and for no other.</summary>
    public async Task<Approval?> FindAsync(Guid id, ByteString browser, CancellationToken cancellation)
    {
        if (await db.Approvals.AsNoTracking().FirstOrDefaultAsync(a => a.Id == id, cancellation) is not { } approval || !IsOf(approval, browser))
        {
            return null;
        }

        if (approval.State is ApprovalState.Pending && !approval.IsWaiting(time.GetUtcNow()))
        {
            await EndAloneAsync(approval, ApprovalState.Ignored, cancellation);
        }

        return approval;
    }

    /// <summary>The browser goes another way. It counts like one that nobody answered: it was there to be seen.</summary>
    public Task CloseAsync(Approval approval, CancellationToken cancellation) => EndAloneAsync(approval, ApprovalState.Closed, cancellation);

    /// <summary>What waits for one of the person's Authenticators.</summary>
    public async Task<IReadOnlyList<Approval>> PendingAsync(User user, Guid authenticatorId, CancellationToken cancellation)
    {
        if (await authenticators.FindAsync(user.Id, authenticatorId, cancellation) is not { } authenticator)
        {
            return [];
        }

        var (now, policy) = (time.GetUtcNow(), await policies.ForAsync(user.Id, cancellation));
        var pending = await db.Approvals.AsNoTracking().Where(a => a.UserId == user.Id && a.State == ApprovalState.Pending).OrderBy(a => a.CreatedAt).ToListAsync(cancellation);
        return [.. pending.Where(approval => approval.IsWaiting(now) && authenticator.IsAllowed(approval.Use) && policy.Withheld(approval.Use) is null)];
    }

    /// <summary>Takes an answer, once, from whoever holds a registered device's key.</summary>
    /// <returns>A problem code; null when the answer was taken.</returns>
    public async Task<string?> AnswerAsync(User user, string id, ApprovalAnswer answer, CancellationToken cancellation)
    {
        if (!Guid.TryParse(answer.DeviceId, out var device) || await authenticators.FindAsync(user.Id, device, cancellation) is not { } authenticator)
        {
            return AuthenticatorStore.NotFound;
        }

        var statement = DeviceStatement.Answer(options.Origin, user.Id.ToString(), id, answer.DeviceId, answer.Decision, answer.Number);
        if (!AuthenticatorStore.IsSignedBy(authenticator, statement, answer.Signature))
        {
            return await refusals.NoteAsync("approval.answered", user.Id, AuthenticatorStore.SignatureInvalid, MethodKind.Authenticator, actor: null, cancellation);
        }

        var now = time.GetUtcNow();
        await using var transaction = await db.Database.BeginTransactionAsync(cancellation);
        await db.LockPersonAsync(user.Id, cancellation);
        if (!Guid.TryParse(id, out var approvalId)
            || await db.Approvals.AsNoTracking().FirstOrDefaultAsync(a => a.Id == approvalId && a.UserId == user.Id, cancellation) is not { } approval
            || !approval.IsWaiting(now))
        {
            return Over;
        }

        // A refusal is taken from every device of the person's; a yes only from one that may say it.
        var denied = answer.Decision == ApprovalDecisions.Deny;
        if (!denied && (await policies.ForAsync(user.Id, cancellation)).Withheld(approval.Use) is { } withheld)
        {
            return withheld;
        }

        if (!denied && !authenticator.IsAllowed(approval.Use))
        {
            return AuthenticatorStore.NotFound;
        }

        var right = !denied && answer.Number == approval.Number.ToString(CultureInfo.InvariantCulture);
        var state = denied ? ApprovalState.Denied : right ? ApprovalState.Approved : ApprovalState.NumberWrong;
        // Two devices, or the same answer twice at once: the row is taken by one.
        if (await db.Approvals.Where(a => a.Id == approvalId && a.State == ApprovalState.Pending).ExecuteUpdateAsync(
            set => set.SetProperty(a => a.State, state).SetProperty(a => a.Slot, (string?)null).SetProperty(a => a.AnsweredAt, now).SetProperty(a => a.AuthenticatorId, device), cancellation) != 1)
        {
            return Over;
        }

        if (right)
        {
            await db.Authenticators.Where(a => a.Id == device).ExecuteUpdateAsync(set => set.SetProperty(a => a.LastUsedAt, now), cancellation); // if it is there still
        }
        else if (await guards.CountAsync(approval, denied, cancellation))
        {
            audit.Add("approvals.locked", user.Id, "too_many_refusals", MethodKind.Authenticator);
        }

        audit.Add("approval.answered", user.Id, denied ? "denied" : right ? "success" : NumberWrong, MethodKind.Authenticator, device);
        await db.SaveChangesAsync(cancellation);
        await transaction.CommitAsync(cancellation);
        Tell([user.Id]);
        return denied || right ? null : NumberWrong;
    }

    /// <summary>
    /// Redeems an approved request, once, in the caller's transaction: by the browser that began it, in time, of the person it was for, and while policy and
    /// the device's owner still let it count.
    /// </summary>
    /// <returns>The Authenticator that answered; null when there is nothing to redeem.</returns>
    public async Task<AuthenticatorMethod?> RedeemAsync(Approval approval, User user, CancellationToken cancellation)
    {
        var (earliest, latest) = (time.GetUtcNow() - Life, time.GetUtcNow() + Moments.Skew); // not ahead of now either: the clock may have been set back
        if (approval is not { State: ApprovalState.Approved, AuthenticatorId: { } device } || approval.UserId != user.Id
            || (await policies.ForAsync(user.Id, cancellation)).Withheld(approval.Use) is not null
            || await authenticators.FindAsync(user.Id, device, cancellation) is not { } authenticator || !authenticator.IsAllowed(approval.Use))
        {
            return null;
        }

        if (await db.Approvals.Where(a => a.Id == approval.Id && a.State == ApprovalState.Approved && a.AnsweredAt > earliest && a.AnsweredAt <= latest)
            .ExecuteUpdateAsync(set => set.SetProperty(a => a.State, ApprovalState.Used), cancellation) != 1)
        {
            return null;
        }

        return authenticator;
    }

    private static bool IsOf(Approval approval, ByteString browser) =>
        !browser.IsEmpty && CryptographicOperations.FixedTimeEquals(approval.Browser, SHA256.HashData(browser.Span));

    private async Task EndAloneAsync(Approval approval, ApprovalState state, CancellationToken cancellation)
    {
        await using var transaction = await db.Database.BeginTransactionAsync(cancellation); // that it is over, and that it counts, are one thing
        await db.LockPersonAsync(approval.UserId ?? Guid.Empty, cancellation);
        await EndUnapprovedAsync(approval, state, cancellation);
        await transaction.CommitAsync(cancellation);
        Tell([.. new[] { approval.UserId }.OfType<Guid>()]);
    }

    /// <summary>
    /// Ends one that nobody approved, and counts it; in a transaction of the caller's, with the person's row locked. The count is written before anything
    /// asks it: it may be the one that locks.
    /// </summary>
    private async Task EndUnapprovedAsync(Approval approval, ApprovalState state, CancellationToken cancellation)
    {
        if (!await EndAsync(approval, state, cancellation) || approval.UserId is not { } user)
        {
            return;
        }

        if (await guards.CountAsync(approval, denied: false, cancellation))
        {
            audit.Add("approvals.locked", user, "too_many_refusals", MethodKind.Authenticator, actor: "nobody");
        }

        await db.SaveChangesAsync(cancellation);
    }

    /// <summary>Ends one that waits still. False when it was answered or ended at the same moment.</summary>
    private async Task<bool> EndAsync(Approval approval, ApprovalState state, CancellationToken cancellation)
    {
        approval.State = state;
        return await db.Approvals.Where(a => a.Id == approval.Id && a.State == ApprovalState.Pending)
            .ExecuteUpdateAsync(set => set.SetProperty(a => a.State, state).SetProperty(a => a.Slot, (string?)null), cancellation) == 1;
    }

    private void Tell(IEnumerable<Guid> users)
    {
        foreach (var user in users) changes.Tell(user, AccountChange.Approvals);
    }

    /// <summary>The place in which one waits: by a name alone, and with something proved, each has its own.</summary>
    private static string SlotOf(string name, ApprovalKind kind) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes((kind is ApprovalKind.PhoneSignIn ? "name\n" : "proved\n") + NameForm.Of(name))));
}
