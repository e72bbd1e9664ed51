using System.Security.Cryptography;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using OtpNet;

namespace Latchkey.Server.Storage;

/// <summary>Authenticator codes, Temporary Access Passes and recovery codes: made, listed and checked here, each good once.</summary>
public sealed class SecondFactorStore(
    LatchkeyDb db, IUserStore<User> users, IPasswordHasher<User> hasher, DummyHash dummy, IDataProtectionProvider protection, PolicyStore policies, SessionStore sessions,
    TimeProvider time)
{
    public const int RecoveryCodeCount = 10, MaxCodeMethods = 5;

    /// <summary>Letters and digits of recovery codes: none looks like another.</summary>
    private const string RecoveryAlphabet = "23456789BCDFGHJKMNPQRTVWXY";

    private readonly IDataProtector protector = protection.CreateProtector("Latchkey.CodeSecret.v1");

    private readonly IUserTwoFactorRecoveryCodeStore<User> recoveryCodes = (IUserTwoFactorRecoveryCodeStore<User>)users;

    /// <summary>What the person can prove a second factor with, besides passkeys, as far as policy lets them.</summary>
    public async Task<IReadOnlyList<MethodKind>> AvailableAsync(User user, CancellationToken cancellation)
    {
        var kinds = new List<MethodKind>();
        if (await db.CodeMethods.AnyAsync(c => c.UserId == user.Id, cancellation))
        {
            kinds.Add(MethodKind.Code);
        }

        if (await FindPassAsync(user.Id, cancellation) is { } pass && pass.IsUsable(time.GetUtcNow()))
        {
            kinds.Add(MethodKind.TemporaryAccessPass);
        }

        if (await recoveryCodes.CountCodesAsync(user, cancellation) > 0)
        {
            kinds.Add(MethodKind.RecoveryCode);
        }

        var policy = await policies.ForAsync(user.Id, cancellation);
        return [.. kinds.Where(kind => policy.Withheld(kind) is null)];
    }

    /// <summary>Checks what was typed. Answers the method it belongs to, or null. A code is good once, also for two who type it at once.</summary>
    /// <param name="user">Whose.</param>
    /// <param name="kind">What it is to be.</param>
    /// <param name="typed">As it was typed.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <param name="forProgram">Whether the sign-in leads on to a program that waits for it, as the Authenticator does.</param>
    public Task<Guid?> CheckAsync(User user, MethodKind kind, string typed, CancellationToken cancellation, bool forProgram = false) => kind switch
    {
        MethodKind.Code => CheckCodeAsync(user.Id, typed, cancellation),
        MethodKind.TemporaryAccessPass => CheckPassAsync(user, typed, forProgram, cancellation),
        MethodKind.RecoveryCode => RedeemRecoveryCodeAsync(user, typed, cancellation),
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "Not a factor that is typed."),
    };

    /// <summary>A code for a secret that is not stored yet. Answers the time step it is for.</summary>
    public long? Matches(string secret, string typed) =>
        new Totp(Base32Encoding.ToBytes(secret)).VerifyTotp(time.GetUtcNow().UtcDateTime, TypedCode.Normalize(typed), out var step, new VerificationWindow(1, 1))
            ? step
            : null;

    /// <summary>Adds an authenticator whose first code was just checked; that code is used up.</summary>
    public CodeMethod AddCode(Guid userId, string secret, long usedStep, string displayName, Guid? id = null)
    {
        var now = time.GetUtcNow();
        var method = new CodeMethod
        {
            Id = id ?? Guid.CreateVersion7(now),
            UserId = userId,
            ProtectedSecret = protector.Protect(secret),
            DisplayName = displayName,
            CreatedAt = now,
            LastStep = usedStep,
        };
        db.CodeMethods.Add(method);
        return method;
    }

    /// <summary>Whether the person has as many code methods as they may. To add one, ask with their row locked (<see cref="LatchkeyDb.LockPersonAsync"/>).</summary>
    public async Task<bool> IsFullAsync(Guid userId, CancellationToken cancellation) =>
        await db.CodeMethods.CountAsync(c => c.UserId == userId, cancellation) >= MaxCodeMethods;

    /// <summary>
    /// Makes a pass, as long as policy says, in the unit of work at hand; an older one is gone, with the sessions it opened. The answer is the only
    /// time it can be seen.
    /// </summary>
    public async Task<string> CreatePassAsync(User user, int lifetimeMinutes, bool once, DateTimeOffset? startsAt, CancellationToken cancellation)
    {
        var now = time.GetUtcNow();
        var pass = TypedCode.Create((await policies.GetAsync(cancellation)).Policy.TemporaryAccessPass.DefaultLength);
        if (db.Database.CurrentTransaction is not null)
        {
            await db.LockPersonAsync(user.Id, cancellation); // of two at once the later one stays
        }

        if (await FindPassAsync(user.Id, cancellation) is { } old)
        {
            db.TemporaryAccessPasses.Remove(old);
            await sessions.EndOthersOpenedByAsync(old.Id, except: null, cancellation);
        }

        db.TemporaryAccessPasses.Add(new TemporaryAccessPass
        {
            Id = Guid.CreateVersion7(now),
            UserId = user.Id,
            Hash = hasher.HashPassword(user, TypedCode.Normalize(pass)),
            CreatedAt = now,
            StartsAt = startsAt ?? now,
            LifetimeMinutes = lifetimeMinutes,
            IsUsableOnce = once,
        });
        return pass;
    }

    public Task<TemporaryAccessPass?> FindPassAsync(Guid userId, CancellationToken cancellation) =>
        db.TemporaryAccessPasses.FirstOrDefaultAsync(p => p.UserId == userId, cancellation);

    /// <summary>Ten new recovery codes; the older ones are gone.</summary>
    public async Task<IReadOnlyList<string>> CreateRecoveryCodesAsync(User user, CancellationToken cancellation)
    {
        var codes = new HashSet<string>(StringComparer.Ordinal);
        while (codes.Count < RecoveryCodeCount)
        {
            codes.Add($"{RandomNumberGenerator.GetString(RecoveryAlphabet, 5)}-{RandomNumberGenerator.GetString(RecoveryAlphabet, 5)}");
        }

        await recoveryCodes.ReplaceCodesAsync(user, codes, cancellation);
        return [.. codes];
    }

    private async Task<Guid?> CheckCodeAsync(Guid userId, string typed, CancellationToken cancellation)
    {
        var now = time.GetUtcNow();
        var ahead = StepOf(now) + 1; // the latest a code can be good for now
        foreach (var method in await db.CodeMethods.AsNoTracking().Where(c => c.UserId == userId).ToListAsync(cancellation))
        {
            if (Matches(protector.Unprotect(method.ProtectedSecret), typed) is not { } step)
            {
                continue;
            }

            var marked = await db.CodeMethods.Where(c => c.Id == method.Id && c.LastStep < step).ExecuteUpdateAsync(
                set => set.SetProperty(c => c.LastStep, step).SetProperty(c => c.LastUsedAt, now), cancellation);
            // The last one lies ahead of all that are good now: the clock has been set back. It is remembered, so that no code is good again once its
            // time comes round; until then those of now are kept in order by themselves.
            marked += await db.CodeMethods.Where(c => c.Id == method.Id && c.LastStep > ahead && c.StepSetBack < step).ExecuteUpdateAsync(
                set => set.SetProperty(c => c.StepSetBack, step).SetProperty(c => c.LastUsedAt, now), cancellation);
            return marked == 1 ? method.Id : null;
        }

        return null;
    }

    /// <summary>An administrator vouches for the person, and for the clock: steps that lie ahead are forgotten.</summary>
    public Task ForgetStepsAheadAsync(Guid userId, CancellationToken cancellation)
    {
        var ahead = StepOf(time.GetUtcNow()) + 1;
        return db.CodeMethods.Where(c => c.UserId == userId && (c.LastStep > ahead || c.StepSetBack > ahead)).ExecuteUpdateAsync(
            set => set.SetProperty(c => c.LastStep, c => c.StepSetBack > ahead ? 0 : c.StepSetBack).SetProperty(c => c.StepSetBack, 0), cancellation);
    }

    private static long StepOf(DateTimeOffset now) => now.ToUnixTimeSeconds() / CodeDesk.Period;

    private async Task<Guid?> CheckPassAsync(User user, string typed, bool forProgram, CancellationToken cancellation)
    {
        var now = time.GetUtcNow();
        var pass = await db.TemporaryAccessPasses.AsNoTracking().FirstOrDefaultAsync(p => p.UserId == user.Id, cancellation);
        // A hash is checked either way: the time says nothing about whether there is a pass.
        var right = hasher.VerifyHashedPassword(user, pass?.Hash ?? dummy.Value, TypedCode.Normalize(typed)) != PasswordVerificationResult.Failed;
        if (pass is null || !right)
        {
            return null;
        }

        if (!pass.IsUsable(now))
        {
            return forProgram ? await UseOnceMoreAsync(pass, now, cancellation) : null;
        }

        var marked = await db.TemporaryAccessPasses.Where(p => p.Id == pass.Id && (!p.IsUsableOnce || p.UsedAt == null))
            .ExecuteUpdateAsync(set => set.SetProperty(p => p.UsedAt, now), cancellation);
        return marked == 1 ? pass.Id : null;
    }

    /// <summary>
    /// A pass that was used up at the portal lets in, once more and within its time, the program the portal sends a person to for their first method:
    /// while the session it opened there lives, and is the only one it opened.
    /// </summary>
    private async Task<Guid?> UseOnceMoreAsync(TemporaryAccessPass pass, DateTimeOffset now, CancellationToken cancellation)
    {
        if (await FirstUseAsync(pass, now, cancellation) is not { } session)
        {
            return null;
        }

        // Later than the session, whatever the clock says: of two at once, and of any that follow, one gets in.
        var (before, used) = (pass.UsedAt, now > session.CreatedAt ? now : session.CreatedAt.AddMilliseconds(1));
        var marked = await db.TemporaryAccessPasses.Where(p => p.Id == pass.Id && p.UsedAt == before).ExecuteUpdateAsync(set => set.SetProperty(p => p.UsedAt, used), cancellation);
        return marked == 1 ? pass.Id : null;
    }

    /// <summary>The portal's session that used it up; null when the pass lets nobody in once more.</summary>
    private async Task<Session?> FirstUseAsync(TemporaryAccessPass pass, DateTimeOffset now, CancellationToken cancellation)
    {
        if (!pass.IsUsableOnce || pass.UsedAt is null || now < pass.StartsAt || now >= pass.ExpiresAt
            || await db.Passkeys.AnyAsync(p => p.UserId == pass.UserId, cancellation) || await db.Authenticators.AnyAsync(a => a.UserId == pass.UserId, cancellation)
            || await db.CodeMethods.AnyAsync(c => c.UserId == pass.UserId, cancellation))
        {
            return null;
        }

        var opened = await db.Sessions.AsNoTracking().Where(s => s.FirstMethodId == pass.Id && s.Kind == SessionKind.Browser).Take(2).ToListAsync(cancellation);
        return opened is [{ EndedAt: null } only] && only.CreatedAt >= pass.UsedAt ? only : null;
    }

    /// <summary>Whether the pass that opened this session lets an Authenticator in once more.</summary>
    public async Task<bool> LetsInOnceMoreAsync(SignedIn signedIn, CancellationToken cancellation) =>
        await db.TemporaryAccessPasses.AsNoTracking().FirstOrDefaultAsync(p => p.UserId == signedIn.User.Id, cancellation) is { } pass
        && await FirstUseAsync(pass, time.GetUtcNow(), cancellation) is { } session && session.Id == signedIn.Session.Id;

    // Not by UserManager, which goes on to write the whole person: a request that only reads them has nothing to write.
    private async Task<Guid?> RedeemRecoveryCodeAsync(User user, string typed, CancellationToken cancellation) =>
        await recoveryCodes.RedeemCodeAsync(user, typed, cancellation) ? user.Id : null;
}
