using System.Data.Common;
using Latchkey.Server.Shell;
using Microsoft.EntityFrameworkCore;

namespace Latchkey.Server.Storage;

/// <summary>What a person proved when they signed in or stepped up.</summary>
/// <param name="Amr">Authentication method references, separated by blanks.</param>
/// <param name="Mfa">Whether it amounts to two factors.</param>
public sealed record Proof(string Amr, bool Mfa, Guid? FirstMethodId = null, Guid? SecondMethodId = null);

/// <summary>Opens, finds, raises and ends sessions.</summary>
public sealed class SessionStore(LatchkeyDb db, AccountChanges changes, IHttpContextAccessor http, TimeProvider time)
{
    /// <summary>How long a second factor counts as recent.</summary>
    public static readonly TimeSpan Freshness = TimeSpan.FromMinutes(5);

    /// <summary>How long the wizard that a step-up opens may begin ceremonies.</summary>
    public static readonly TimeSpan WizardLife = TimeSpan.FromMinutes(15);

    /// <summary>How long a session is used before that is written down again.</summary>
    public static readonly TimeSpan SeenAgain = TimeSpan.FromMinutes(5);

    private static readonly TimeSpan BrowserLife = TimeSpan.FromHours(12), AppLife = TimeSpan.FromDays(90);

    public Task<Session> OpenBrowserAsync(Guid userId, Proof proof, CancellationToken cancellation) =>
        OpenAsync(userId, proof, SessionKind.Browser, clientId: null, BrowserLife, cancellation);

    /// <summary>An app's session that no browser stands behind.</summary>
    public Task<Session> OpenAppAsync(Guid userId, Proof proof, string clientId, CancellationToken cancellation) =>
        OpenAsync(userId, proof, SessionKind.App, clientId, AppLife, cancellation);

    /// <summary>An app's own session, opened by what opened the browser's: signing out of the portal does not sign the app out.</summary>
    /// <param name="browser">The browser's.</param>
    /// <param name="clientId">The app.</param>
    /// <param name="device">What the app calls its device; null when it does not say.</param>
    /// <param name="cancellation">Ends the wait.</param>
    public async Task<Session> OpenAppAsync(Session browser, string clientId, string? device, CancellationToken cancellation)
    {
        var now = time.GetUtcNow();
        var session = new Session
        {
            Id = Guid.CreateVersion7(now),
            UserId = browser.UserId,
            Kind = SessionKind.App,
            ClientId = clientId,
            Device = DeviceLabel.Fit(device),
            Address = AddressNow,
            CreatedAt = now,
            LastSeenAt = now,
            ExpiresAt = now + AppLife,
            Amr = browser.Amr,
            AuthenticatedAt = browser.AuthenticatedAt,
            MfaAt = browser.MfaAt,
            FirstMethodId = browser.FirstMethodId,
            SecondMethodId = browser.SecondMethodId,
        };
        db.Sessions.Add(session);
        await db.SaveChangesAsync(cancellation);
        return session;
    }

    public async Task<SignedIn?> FindAsync(Guid id, CancellationToken cancellation)
    {
        var now = time.GetUtcNow();
        var found = await db.Sessions.AsNoTracking()
            .Where(s => s.Id == id && s.EndedAt == null && s.ExpiresAt > now)
            .Join(db.Users.AsNoTracking(), s => s.UserId, u => u.Id, (session, user) => new { session, user })
            .FirstOrDefaultAsync(cancellation);
        if (found is null || found.user.IsDisabled)
        {
            return null;
        }

        if (now - (found.session.LastSeenAt ?? found.session.CreatedAt) >= SeenAgain || found.session.LastSeenAt > now)
        {
            await SeeAsync(found.session, now, cancellation);
        }

        return new SignedIn(found.session, found.user);
    }

    /// <summary>A person's sessions that have not ended, the one used last first.</summary>
    public async Task<IReadOnlyList<Session>> ListAsync(Guid userId, CancellationToken cancellation)
    {
        var now = time.GetUtcNow();
        var open = await db.Sessions.AsNoTracking().Where(s => s.UserId == userId && s.EndedAt == null && s.ExpiresAt > now).ToListAsync(cancellation);
        return [.. open.OrderByDescending(s => s.LastSeenAt ?? s.CreatedAt).ThenByDescending(s => s.Id)];
    }

    /// <summary>Ends one of a person's own; false when they have no such session, or no longer.</summary>
    public async Task<bool> TryEndAsync(Guid userId, Guid id, CancellationToken cancellation)
    {
        if (!await db.Sessions.AnyAsync(s => s.Id == id && s.UserId == userId && s.EndedAt == null, cancellation))
        {
            return false;
        }

        await EndAsync(id, cancellation);
        return true;
    }

    /// <summary>A second factor was proved again in this session: it is fresh for five minutes.</summary>
    public async Task StepUpAsync(Session session, Proof proof, CancellationToken cancellation)
    {
        var now = time.GetUtcNow();
        var amr = string.Join(' ', session.Amr.Split(' ').Union(proof.Amr.Split(' ')).Append("mfa").Distinct());
        await db.Sessions.Where(s => s.Id == session.Id)
            .ExecuteUpdateAsync(set => set.SetProperty(s => s.MfaAt, now).SetProperty(s => s.Amr, amr), cancellation);
        session.MfaAt = now;
        session.Amr = amr;
    }

    /// <summary>Whether a second factor was proved within the last five minutes.</summary>
    public bool IsFresh(Session session) => session.MfaAt is { } at && at.IsWithin(Freshness, time.GetUtcNow());

    /// <summary>Whether the session's wizard may still begin ceremonies.</summary>
    public bool HasOpenWizard(Session session) => session.WizardUntil is { } until && until.Lasts(WizardLife, time.GetUtcNow());

    /// <summary>Opens one wizard of fifteen minutes, if the second factor is fresh.</summary>
    public async Task<bool> TryOpenWizardAsync(Session session, CancellationToken cancellation)
    {
        if (!IsFresh(session))
        {
            return false;
        }

        var until = time.GetUtcNow() + WizardLife;
        await db.Sessions.Where(s => s.Id == session.Id)
            .ExecuteUpdateAsync(set => set.SetProperty(s => s.WizardUntil, until), cancellation);
        session.WizardUntil = until;
        return true;
    }

    public async Task CloseWizardAsync(Session session, CancellationToken cancellation)
    {
        await db.Sessions.Where(s => s.Id == session.Id)
            .ExecuteUpdateAsync(set => set.SetProperty(s => s.WizardUntil, (DateTimeOffset?)null), cancellation);
        session.WizardUntil = null;
    }

    public Task EndAsync(Guid id, CancellationToken cancellation) =>
        EndAsync(db.Sessions.Where(s => s.Id == id), cancellation);

    /// <summary>A method was deleted: the other sessions it opened end.</summary>
    public Task EndOthersOpenedByAsync(Guid methodId, Guid? except, CancellationToken cancellation) =>
        EndAsync(db.Sessions.Where(s => (s.FirstMethodId == methodId || s.SecondMethodId == methodId) && s.Id != except), cancellation);

    /// <summary>The password was changed, or the account is in doubt: every other session ends.</summary>
    public Task EndAllOthersAsync(Guid userId, Guid? except, CancellationToken cancellation) =>
        EndAsync(db.Sessions.Where(s => s.UserId == userId && s.Id != except), cancellation);

    private async Task<Session> OpenAsync(Guid userId, Proof proof, SessionKind kind, string? clientId, TimeSpan life, CancellationToken cancellation)
    {
        var now = time.GetUtcNow();
        var session = new Session
        {
            Id = Guid.CreateVersion7(now),
            UserId = userId,
            Kind = kind,
            ClientId = clientId,
            Device = kind is SessionKind.Browser ? BrowserNow : null,
            Address = AddressNow,
            CreatedAt = now,
            LastSeenAt = now,
            ExpiresAt = now + life,
            Amr = proof.Amr,
            AuthenticatedAt = now,
            MfaAt = proof.Mfa ? now : null,
            FirstMethodId = proof.FirstMethodId,
            SecondMethodId = proof.SecondMethodId,
        };
        db.Sessions.Add(session);
        await db.SaveChangesAsync(cancellation);
        return session;
    }

    private string? AddressNow => http.HttpContext?.Connection.RemoteIpAddress?.ToString();

    private string? BrowserNow => DeviceLabel.Of(http.HttpContext?.Request.Headers.UserAgent) switch
    {
        ({ } browser, { } system) => StorageTexts.BrowserOn.With(browser, system),
        var (browser, system) => browser ?? system,
    };

    /// <summary>Written beside the request's own work. What is missed by it is a time in a list, and keeps nobody from anything.</summary>
    private async Task SeeAsync(Session session, DateTimeOffset now, CancellationToken cancellation)
    {
        var (seen, address) = (session.LastSeenAt, AddressNow);
        try
        {
            await db.Sessions.Where(s => s.Id == session.Id && s.LastSeenAt == seen)
                .ExecuteUpdateAsync(set => set.SetProperty(s => s.LastSeenAt, now).SetProperty(s => s.Address, address), cancellation);
            (session.LastSeenAt, session.Address) = (now, address);
        }
        catch (DbException)
        {
            // the database is busy, or read only: seen again at the next request
        }
    }

    private async Task EndAsync(IQueryable<Session> sessions, CancellationToken cancellation)
    {
        var now = time.GetUtcNow();
        var open = sessions.Where(s => s.EndedAt == null);
        var owners = await open.Select(s => s.UserId).Distinct().ToListAsync(cancellation);
        await open.ExecuteUpdateAsync(set => set.SetProperty(s => s.EndedAt, now), cancellation);
        db.OnceCommitted(() => owners.ForEach(owner => changes.Tell(owner, AccountChange.Sessions)));
    }
}
