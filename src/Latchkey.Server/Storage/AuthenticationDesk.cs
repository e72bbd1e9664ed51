using Latchkey.Protocol;
using Latchkey.Protocol.WebAuthn;
using Latchkey.RelyingParty;
using Latchkey.RelyingParty.Authentication;
using Latchkey.RelyingParty.Ceremonies;
using Latchkey.RelyingParty.Policy;
using Microsoft.EntityFrameworkCore;

namespace Latchkey.Server.Storage;

/// <summary>An authentication that ended: whose passkey it was, or the code of the refusal.</summary>
/// <param name="Mark">The used mark, not saved yet: write the answer into it.</param>
/// <param name="Model">The model the policy refused.</param>
/// <param name="Before">What the very same response was answered before.</param>
public sealed record Authenticated(User? User, Passkey? Passkey, string? Problem, UsedCeremony? Mark = null, string? Before = null, Guid? Model = null);

/// <summary>Begins and judges authentications with passkeys, of every kind.</summary>
public sealed partial class AuthenticationDesk(
    WebAuthnRelyingParty relyingParty, LatchkeyDb db, PasskeyStore passkeys, PolicyStore policies, Refusals refusals, AuditLog audit, TimeProvider time,
    ILogger<AuthenticationDesk> log)
{
    /// <summary>The account lets nobody in until an administrator enables it.</summary>
    public const string Disabled = "account_disabled";

    /// <summary>Begins one. A person who is known is asked for their own passkeys only.</summary>
    public async Task<PublicKeyCredentialRequestOptions> BeginAsync(CeremonyKind kind, User? user, ByteString session, CancellationToken cancellation) =>
        user is null
            ? Begin(kind, null, session, [])
            : Begin(kind, HandleOf(user), session, [.. (await AskedForAsync(kind, user, cancellation)).Select(p => p.ToDescriptor())]);

    /// <summary>Begins a test of one passkey and no other.</summary>
    public PublicKeyCredentialRequestOptions BeginTest(User user, ByteString session, Passkey passkey) =>
        Begin(CeremonyKind.Test, HandleOf(user), session, [passkey.ToDescriptor()]);

    /// <summary>Ends a test: a real ceremony that proves nothing to anybody but the person. The very same response gets the same answer.</summary>
    public async Task<Authenticated> TestAsync(ReadOnlyMemory<byte> responseJson, User user, ByteString session, CancellationToken cancellation)
    {
        var outcome = await CompleteAsync(CeremonyKind.Test, responseJson, user, session, cancellation);
        if (outcome.Before is { } before)
        {
            return await passkeys.FindAsync(user.Id, Guid.Parse(before), cancellation) is { } tested
                ? outcome with { User = user, Passkey = tested }
                : outcome with { Problem = RegistrationDesk.Gone };
        }

        if (outcome.Problem is { } problem)
        {
            return outcome with { Problem = await refusals.NoteAsync("method.tested", user.Id, problem, MethodKind.Passkey, actor: null, cancellation) };
        }

        audit.Add("method.tested", user.Id, method: MethodKind.Passkey, methodId: outcome.Passkey!.Id);
        outcome.Mark!.Answer = outcome.Passkey.Id.ToString();
        try
        {
            await db.SaveChangesAsync(cancellation);
            return outcome;
        }
        catch (DbUpdateException)
        {
            db.ChangeTracker.Clear();
            return Refused(AuthenticationError.CeremonyAlreadyUsed); // by another request with the same response, a moment ago
        }
    }

    /// <summary>Begins a sign-in for a name, and says nothing of it: no passkeys are listed, and a name nobody has is bound to nobody.</summary>
    public PublicKeyCredentialRequestOptions BeginForName(User? owner, ByteString session) =>
        Begin(CeremonyKind.SignIn, owner is null ? UserHandle.Random() : HandleOf(owner), session, []);

    /// <summary>Judges a response. On success the used mark and the record's changes are in the unit of work: the caller adds what
    /// follows from it and saves, all or nothing.</summary>
    public async Task<Authenticated> CompleteAsync(
        CeremonyKind kind, ReadOnlyMemory<byte> responseJson, User? user, ByteString session, CancellationToken cancellation)
    {
        try
        {
            if (relyingParty.OpenAuthentication(responseJson.Span) is not { } opened)
            {
                return Refused(AuthenticationError.CeremonyUnknown);
            }

            var id = opened.Pending.Id.Value.ToByteArray(bigEndian: true);
            if (await db.UsedCeremonies.AsNoTracking().FirstOrDefaultAsync(u => u.CeremonyId == id, cancellation) is { } used)
            {
                // The same answer, but only to the browser or app that began it: a response alone signs nobody in twice.
                return opened.ResponseHash.Span.SequenceEqual(used.ResponseHash) && opened.Pending.SessionBinding.FixedTimeEquals(session) && opened.Pending.Kind == kind
                    ? new Authenticated(null, null, null, Before: used.Answer)
                    : Refused(AuthenticationError.CeremonyAlreadyUsed);
            }

            return await JudgeAsync(kind, opened, id, user, session, cancellation);
        }
        catch (WireFormatException)
        {
            return new Authenticated(null, null, RegistrationDesk.Malformed);
        }
    }

    private async Task<Authenticated> JudgeAsync(
        CeremonyKind kind, OpenedAuthentication opened, byte[] id, User? user, ByteString session, CancellationToken cancellation)
    {
        var passkey = await passkeys.FindByCredentialIdAsync(opened.Response.Id.Bytes.ToArray(), cancellation);
        var owner = passkey is null ? null : await db.Users.AsNoTracking().SingleAsync(u => u.Id == passkey.UserId, cancellation);
        var result = relyingParty.CompleteAuthentication(
            opened,
            new AuthenticationContext
            {
                Kind = kind,
                User = user is null ? null : HandleOf(user),
                SessionBinding = session,
                Credential = passkey?.ToRecord(owner!),
            },
            // Whether a passkey is still registered is no question of policy: an authenticator throws away what is not.
            owner is null || kind is CeremonyKind.Status ? PasskeyPolicy.AllowAll : (await policies.ForAsync(owner.Id, cancellation)).Passkeys);
        if (result is AuthenticationResult.Refused(var error, var model))
        {
            return Refused(error, owner) with { Model = model?.Value };
        }

        if (owner!.IsDisabled && kind is not CeremonyKind.Status)
        {
            return new Authenticated(owner, null, Disabled); // told to nobody but who holds the key
        }

        var accepted = (AuthenticationResult.Accepted)result;
        var now = time.GetUtcNow();
        if (accepted.SignCountFell)
        {
            WarnOfCounter(passkey!.Id);
        }

        if (accepted.Changed)
        {
            passkey!.SignCount = accepted.Credential.SignCount;
            passkey.BackupState = accepted.Credential.BackupState;
        }

        if (kind is CeremonyKind.SignIn or CeremonyKind.StepUp)
        {
            passkey!.LastUsedAt = now;
        }

        var mark = new UsedCeremony { CeremonyId = id, ResponseHash = opened.ResponseHash.ToArray(), At = now };
        if (kind is not CeremonyKind.Status)
        {
            db.UsedCeremonies.Add(mark); // a status answer changes nothing, so nothing needs to be remembered of it
        }

        return new Authenticated(owner, passkey, null, mark);
    }

    /// <summary>Nobody is asked for a passkey that policy would refuse, but where it is tested: there it is told why.</summary>
    private async Task<IReadOnlyList<Passkey>> AskedForAsync(CeremonyKind kind, User user, CancellationToken cancellation)
    {
        var all = await passkeys.ListAsync(user.Id, cancellation);
        var policy = await policies.ForAsync(user.Id, cancellation);
        var accepted = all.Where(passkey => policy.AtSignIn(passkey, user) is null).ToList();
        return kind is CeremonyKind.Test || accepted.Count == 0 ? all : accepted;
    }

    private PublicKeyCredentialRequestOptions Begin(
        CeremonyKind kind, UserHandle? user, ByteString session, IReadOnlyList<PublicKeyCredentialDescriptor> allow) =>
        relyingParty.BeginAuthentication(new AuthenticationRequest
        {
            Kind = kind,
            User = user,
            SessionBinding = session,
            AllowCredentials = allow,
            UserVerification = kind is CeremonyKind.Status ? Requirements.Discouraged : Requirements.Required,
        }).Options;

    private static UserHandle HandleOf(User user) => new(new ByteString(user.UserHandle));

    private static Authenticated Refused(AuthenticationError error, User? owner = null) => new(owner, null, error.Code());

    [LoggerMessage(EventId = 0, Level = LogLevel.Warning, Message = "The counter of the synced passkey {Passkey} fell to zero. Its provider keeps none, or there is a copy of it.")]
    private partial void WarnOfCounter(Guid passkey);
}
