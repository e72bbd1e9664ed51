using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;

namespace Latchkey.Server.Storage;

/// <summary>What is done to a person's sign-in methods.</summary>
public enum MethodChange
{
    /// <summary>Something is added, or begun to be: a passkey, codes, an Authenticator, recovery codes; the password is set.</summary>
    Add,

    /// <summary>An Authenticator may be used for more than before.</summary>
    Widen,

    /// <summary>It may be used for less: what somebody in doubt does at once.</summary>
    Narrow,

    /// <summary>It is called something else.</summary>
    Rename,

    /// <summary>It goes.</summary>
    Delete,
}

/// <summary>Who changes a sign-in method, and what they brought along.</summary>
/// <param name="Session">The person's session; null for an administrator, who came by a door of their own.</param>
public sealed record MethodActor(Session? Session)
{
    /// <summary>By the socket of the server's own account.</summary>
    public static MethodActor Administrator { get; } = new(Session: null) { IsSure = true };

    /// <summary>They said that the last way in is to go.</summary>
    public bool IsSure { get; init; }

    /// <summary>What is to go signed for it itself: a device may always take itself away.</summary>
    public bool IsTheMethodItself { get; init; }

    public string? AuditedAs => Session is null ? AuditLog.Local : null;
}

/// <summary>
/// The one guard of every change of a sign-in method, by whichever door: portal, Graph-shaped API, the administration's socket. It asks for a second
/// factor of the last five minutes, and warns before the last way in goes.
/// </summary>
public sealed class MethodGuard(
    LatchkeyDb db, SessionStore sessions, PasskeyStore passkeys, AuthenticatorStore authenticators, PolicyStore policies, UserManager<User> users, TimeProvider time)
{
    /// <summary>No second factor at all; none of the last five minutes; the last way in, and nobody said that they mean it.</summary>
    public const string NoSecondFactor = "mfa_required", NotFresh = "step_up_required", LastMethod = "last_method";

    /// <summary>Why not, as a problem code; null when it may be done.</summary>
    public string? WhyNotProved(MethodActor actor, MethodChange change) => actor switch
    {
        { Session: null } or { IsTheMethodItself: true } => null,
        { Session.HasMfa: false } => NoSecondFactor,
        { Session: { } session } => change is MethodChange.Narrow || sessions.IsFresh(session) || sessions.HasOpenWizard(session) ? null : NotFresh,
    };

    /// <inheritdoc cref="WhyNotProved"/>
    public async Task<string?> WhyNotAsync(MethodActor actor, MethodChange change, User user, MethodKind kind, Guid id, CancellationToken cancellation) =>
        WhyNotProved(actor, change)
        ?? (change is MethodChange.Delete && !actor.IsSure && await IsLastAsync(user, kind, id, cancellation) ? LastMethod : null);

    /// <summary>Whether this is what the person's last way to sign in with two factors hangs on.</summary>
    public async Task<bool> IsLastAsync(User user, MethodKind kind, Guid id, CancellationToken cancellation)
    {
        var ways = await WaysAsync(user, cancellation);
        return WouldEnd(ways, [.. ways.Where(way => way.Kind != kind || way.Id != id)]);
    }

    /// <summary>Whether nothing is left when an Authenticator may be used for no more than this.</summary>
    public async Task<bool> IsLastUseAsync(User user, Guid id, bool isNotificationAllowed, bool isPhoneSignInAllowed, CancellationToken cancellation)
    {
        var ways = await WaysAsync(user, cancellation);
        return WouldEnd(ways, [.. ways.Select(way => way.Kind is MethodKind.Authenticator && way.Id == id
            ? way with { IsEnough = way.IsEnough && isPhoneSignInAllowed, IsSecond = way.IsSecond && isNotificationAllowed }
            : way)]);
    }

    /// <summary>What the person can sign in with as policy stands: all by itself, or after the password.</summary>
    private async Task<IReadOnlyList<WayIn>> WaysAsync(User user, CancellationToken cancellation)
    {
        var (policy, now) = (await policies.ForAsync(user.Id, cancellation), time.GetUtcNow());
        var ways = (await passkeys.ListAsync(user.Id, cancellation)).Where(passkey => policy.AtSignIn(passkey, user) is null)
            .Select(passkey => new WayIn(MethodKind.Passkey, passkey.Id, IsEnough: true, IsSecond: false)).ToList();
        foreach (var authenticator in await authenticators.ListAsync(user.Id, cancellation))
        {
            ways.Add(new(
                MethodKind.Authenticator, authenticator.Id, authenticator.IsAllowed(AuthenticatorUse.PhoneSignIn) && policy.Withheld(AuthenticatorUse.PhoneSignIn) is null,
                authenticator.IsAllowed(AuthenticatorUse.Notification) && policy.Withheld(AuthenticatorUse.Notification) is null));
        }

        if (policy.Withheld(MethodKind.Code) is null)
        {
            ways.AddRange((await db.CodeMethods.Where(c => c.UserId == user.Id).Select(c => c.Id).ToListAsync(cancellation))
                .Select(id => new WayIn(MethodKind.Code, id, IsEnough: false, IsSecond: true)));
        }

        if (await users.CountRecoveryCodesAsync(user) > 0)
        {
            ways.Add(new(MethodKind.RecoveryCode, user.Id, IsEnough: false, IsSecond: true));
        }

        // It ends by itself, so it keeps no way open; but it is one while it lasts.
        if (policy.Withheld(MethodKind.TemporaryAccessPass) is null
            && await db.TemporaryAccessPasses.AsNoTracking().FirstOrDefaultAsync(p => p.UserId == user.Id, cancellation) is { } pass && pass.IsUsable(now))
        {
            ways.Add(new(MethodKind.TemporaryAccessPass, pass.Id, IsEnough: false, IsSecond: false));
        }

        if (await db.Users.AnyAsync(u => u.Id == user.Id && u.PasswordHash != null, cancellation))
        {
            ways.Add(new(MethodKind.Password, user.Id, IsEnough: false, IsSecond: false));
        }

        return ways;
    }

    private static bool WouldEnd(IReadOnlyList<WayIn> before, IReadOnlyList<WayIn> after) =>
        !Lasts(after) && (Lasts(before) || before.Count(way => way.Kind is MethodKind.TemporaryAccessPass) > after.Count(way => way.Kind is MethodKind.TemporaryAccessPass));

    private static bool Lasts(IReadOnlyList<WayIn> ways) =>
        ways.Any(way => way.IsEnough) || (ways.Any(way => way.Kind is MethodKind.Password) && ways.Any(way => way.IsSecond));

    private sealed record WayIn(MethodKind Kind, Guid Id, bool IsEnough, bool IsSecond);
}
