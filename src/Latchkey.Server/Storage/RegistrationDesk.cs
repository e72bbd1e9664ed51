using Latchkey.Protocol;
using Latchkey.Protocol.WebAuthn;
using Latchkey.RelyingParty;
using Latchkey.RelyingParty.Registration;
using Microsoft.EntityFrameworkCore;

namespace Latchkey.Server.Storage;

/// <summary>A registration that ended: the passkey, or the code of the refusal.</summary>
/// <param name="Passkey">The passkey.</param>
/// <param name="Problem">The code of the refusal.</param>
/// <param name="Beside">
/// Passkeys of the same model that were added while this one was being made, so that its authenticator was not told to leave them alone: one kept
/// in the same place has been replaced there, since an authenticator keeps one passkey an account (CTAP §6.1.2 step 17).
/// </param>
/// <param name="Model">The model the policy refused.</param>
public readonly record struct Registered(Passkey? Passkey, string? Problem, IReadOnlyList<Passkey>? Beside = null, Guid? Model = null);

/// <summary>Where a passkey is to be made, as the person chose.</summary>
public enum RegistrationWay
{
    /// <summary>Wherever the browser offers.</summary>
    Anywhere,

    /// <summary>On another device that scans a QR code.</summary>
    AnotherDevice,

    /// <summary>On this device, by whatever the system or the browser hands it to.</summary>
    ThisDevice,

    /// <summary>In a program that registers what its own authenticator made.</summary>
    App,
}

/// <summary>Begins registrations and keeps what they bring. The portal and the API stand at the same desk.</summary>
public sealed class RegistrationDesk(
    WebAuthnRelyingParty relyingParty, LatchkeyDb db, PasskeyStore passkeys, PasskeyNames names, OrganisationStore organisations, PolicyStore policies,
    AttestationAuthorities authorities, Refusals refusals, AuditLog audit, AccountChanges changes, TimeProvider time)
{
    public const string LimitReached = "passkey_limit_reached", Malformed = "response_malformed", NameInvalid = "display_name_invalid", Gone = "passkey_not_found";

    public const string SomebodyElses = "attestation_person_mismatch";

    /// <summary>Why the person can't add a passkey, known before anything starts: a problem code, or null when they can.</summary>
    public async Task<string?> WhyNotAsync(User user, CancellationToken cancellation) =>
        (await policies.ForAsync(user.Id, cancellation)).Passkeys.AtBegin(await authorities.AnchorsAsync(cancellation))?.Code();

    /// <summary>Begins, unless what would come of it would be refused.</summary>
    /// <param name="user">Whose passkey it will be.</param>
    /// <param name="session">Where it is made.</param>
    /// <param name="way">Where the person chose to make it.</param>
    /// <param name="replaces">The passkey whose place it takes: the authenticator that keeps that one is not told to leave it alone.</param>
    /// <param name="cancellation">Ends the wait.</param>
    public Task<(PublicKeyCredentialCreationOptions? Options, DateTimeOffset Expires, string? Problem)> BeginAsync(
        User user, Session session, RegistrationWay way, Guid? replaces, CancellationToken cancellation) =>
        BeginAsync(user, session, way, replaces, WebAuthnRelyingParty.CeremonyLife, cancellation);

    /// <inheritdoc cref="BeginAsync(User, Session, RegistrationWay, Guid?, CancellationToken)"/>
    /// <param name="life">How long it can be completed.</param>
    public async Task<(PublicKeyCredentialCreationOptions? Options, DateTimeOffset Expires, string? Problem)> BeginAsync(
        User user, Session session, RegistrationWay way, Guid? replaces, TimeSpan life, CancellationToken cancellation)
    {
        var all = await passkeys.ListAsync(user.Id, cancellation);
        var existing = Without(all, replaces);
        if (replaces is not null && existing.Count == all.Count)
        {
            return (null, default, Gone); // deleted meanwhile, perhaps in another tab
        }

        if (existing.Count >= Passkey.MaxPerUser)
        {
            return (null, default, LimitReached);
        }

        var request = new RegistrationRequest
        {
            User = new PublicKeyCredentialUserEntity(new UserHandle(new ByteString(user.UserHandle)), user.UserName!, user.DisplayName),
            SessionBinding = BindingOf(session, replaces),
            Life = life,
            ExcludeCredentials = [.. existing.Select(p => p.ToDescriptor())],
            TrustAnchors = await authorities.AnchorsAsync(cancellation),
            // A browser asks the person before it shows a site what vouches for a security key: there it is asked for only where the policy looks at it.
            Attestation = way is RegistrationWay.App ? Requirements.Direct : Requirements.None,
        };
        if (way is RegistrationWay.AnotherDevice or RegistrationWay.ThisDevice)
        {
            var isHere = way is RegistrationWay.ThisDevice;
            request = request with
            {
                AuthenticatorSelection = request.AuthenticatorSelection with { AuthenticatorAttachment = isHere ? "platform" : "cross-platform" },
                Hints = [isHere ? "client-device" : "hybrid"],
            };
        }

        var policy = (await policies.ForAsync(user.Id, cancellation)).Passkeys;
        if (way is RegistrationWay.Anywhere && names.WantsSecurityKey(policy))
        {
            request = request with { Hints = ["security-key"] };
        }

        var beginning = relyingParty.BeginRegistration(request, policy);
        return beginning switch
        {
            // What a person reads while they save the passkey: the organisation's own name.
            RegistrationBeginning.Begun begun => (
                begun.Options with { Rp = begun.Options.Rp with { Name = (await organisations.GetAsync(cancellation)).DisplayName } }, begun.Pending.Expires, null),
            RegistrationBeginning.Refused refused => (null, default, refused.Error.Code()),
            _ => throw new InvalidOperationException("The union is closed."),
        };
    }

    /// <summary>
    /// Completes; the passkey it replaces goes with the same commit. The same response gets the same answer, for as long as its mark is kept, whatever
    /// has expired meanwhile.
    /// </summary>
    public async Task<Registered> CompleteAsync(
        ReadOnlyMemory<byte> responseJson, User user, Session session, Guid? replaces, string? displayName, CancellationToken cancellation)
    {
        if (displayName is not null && !ForeignText.IsName(displayName, Passkey.MaxDisplayName))
        {
            return new(null, NameInvalid);
        }

        try
        {
            if (relyingParty.OpenRegistration(responseJson.Span) is not { } opened)
            {
                return new(null, RegistrationError.CeremonyUnknown.Code());
            }

            var mark = opened.Pending.Id.Value.ToByteArray(bigEndian: true);
            return await AnswerGivenAsync(mark, opened, user, cancellation)
                ?? await CompleteAsync(opened, mark, user, session, replaces, displayName, cancellation);
        }
        catch (WireFormatException)
        {
            return new(null, Malformed);
        }
        catch (DbUpdateException)
        {
            // Another request accepted the same ceremony, or the same credential, at the same moment: ask again what it answered.
            db.ChangeTracker.Clear();
            var opened = relyingParty.OpenRegistration(responseJson.Span)!;
            return await AnswerGivenAsync(opened.Pending.Id.Value.ToByteArray(bigEndian: true), opened, user, cancellation)
                ?? new(null, RegistrationError.CredentialAlreadyRegistered.Code());
        }
    }

    private async Task<Registered?> AnswerGivenAsync(byte[] mark, OpenedRegistration opened, User user, CancellationToken cancellation)
    {
        if (await db.UsedCeremonies.AsNoTracking().FirstOrDefaultAsync(u => u.CeremonyId == mark, cancellation) is not { } used)
        {
            return null;
        }

        if (!opened.ResponseHash.Span.SequenceEqual(used.ResponseHash) || opened.Pending.User?.Bytes.Span.SequenceEqual(user.UserHandle) != true)
        {
            return new(null, RegistrationError.CeremonyAlreadyUsed.Code());
        }

        return await passkeys.FindAsync(user.Id, Guid.Parse(used.Answer), cancellation) is { } passkey
            ? new(passkey, null, Beside(passkey, opened, await passkeys.ListAsync(user.Id, cancellation)))
            : new(null, Gone);
    }

    private async Task<Registered> CompleteAsync(
        OpenedRegistration opened, byte[] mark, User user, Session session, Guid? replaces, string? displayName, CancellationToken cancellation)
    {
        var context = new RegistrationContext
        {
            User = new UserHandle(new ByteString(user.UserHandle)),
            SessionBinding = BindingOf(session, replaces),
            CredentialIsRegistered = await passkeys.FindByCredentialIdAsync(opened.Response.Id.Bytes.ToArray(), cancellation) is not null,
            TrustAnchors = await authorities.AnchorsAsync(cancellation),
        };
        var result = relyingParty.CompleteRegistration(opened, context, (await policies.ForAsync(user.Id, cancellation)).Passkeys);
        if (result is RegistrationResult.Refused(var error, var model))
        {
            // The same response a moment ago, in another request, is no second passkey.
            if (error is RegistrationError.CredentialAlreadyRegistered && await AnswerGivenAsync(mark, opened, user, cancellation) is { } given)
            {
                return given;
            }

            return await RefusedAsync(user, error.Code(), model?.Value, cancellation);
        }

        var credential = ((RegistrationResult.Accepted)result).Credential;

        // All anchors are authorities of ours, and they know what they issued, and to whom.
        var vouching = credential.AttestationTrusted ? await authorities.FindAsync(credential.AttestationCertificate.Span, cancellation) : null;
        if (credential.AttestationTrusted && vouching?.UserId != user.Id)
        {
            return await RefusedAsync(user, vouching is null ? RegistrationError.AttestationUntrusted.Code() : SomebodyElses, null, cancellation);
        }

        await using var transaction = await db.Database.BeginTransactionAsync(cancellation); // record, mark and audit rows, and the end of what it replaces
        if (!await db.LockPersonAsync(user.Id, cancellation))
        {
            return new(null, Gone); // removed meanwhile
        }

        // Counted now that nobody else adds one. A passkey is replaced by one and no more: by the first of several that were begun for its place.
        var place = replaces?.ToByteArray(bigEndian: true);
        if (place is not null && await db.UsedCeremonies.AnyAsync(u => u.CeremonyId == place, cancellation))
        {
            return await AnswerGivenAsync(mark, opened, user, cancellation) ?? new(null, Gone);
        }

        var all = await passkeys.ListAsync(user.Id, cancellation);
        var (existing, replaced) = (Without(all, replaces), all.FirstOrDefault(passkey => passkey.Id == replaces));
        if (existing.Count >= Passkey.MaxPerUser)
        {
            return new(null, LimitReached);
        }

        if (replaced is not null)
        {
            await passkeys.DeleteAsync(replaced, session.Id, cancellation);
            audit.Add("method.deleted", user.Id, method: MethodKind.Passkey, methodId: replaced.Id);
        }

        var now = time.GetUtcNow();
        var name = displayName?.Trim() ?? (replaced?.Aaguid == credential.Aaguid.Value ? replaced.DisplayName : names.DefaultFor(credential, existing));
        var passkey = Passkey.Of(credential, user.Id, name, now);
        passkey.AttestationCertificate = vouching;
        db.Passkeys.Add(passkey);
        db.UsedCeremonies.Add(new UsedCeremony
        {
            CeremonyId = mark, ResponseHash = opened.ResponseHash.ToArray(), Answer = passkey.Id.ToString(),
            At = now > opened.Pending.Expires ? now : opened.Pending.Expires, // kept for as long as the challenge could be answered once more, and a day
        });
        if (place is not null)
        {
            // That its place is taken; one the person deleted meanwhile leaves no such mark, and is no obstacle.
            db.UsedCeremonies.Add(new UsedCeremony { CeremonyId = place, ResponseHash = opened.ResponseHash.ToArray(), Answer = passkey.Id.ToString(), At = now });
        }

        audit.Add("method.added", user.Id, method: MethodKind.Passkey, methodId: passkey.Id);
        await db.SaveChangesAsync(cancellation);
        await transaction.CommitAsync(cancellation);
        changes.Tell(user.Id, AccountChange.Methods);
        return new(passkey, null, Beside(passkey, opened, existing));
    }

    private async Task<Registered> RefusedAsync(User user, string code, Guid? model, CancellationToken cancellation)
    {
        var problem = await refusals.NoteAsync("method.added", user.Id, code, MethodKind.Passkey, actor: null, cancellation);
        return new(null, problem, Model: problem == code ? model : null);
    }

    private static List<Passkey> Without(IReadOnlyList<Passkey> passkeys, Guid? replaced) => [.. passkeys.Where(passkey => passkey.Id != replaced)];

    /// <summary>What is sealed into the challenge: the session, and what is replaced, so that a ceremony begun to replace one passkey removes no other.</summary>
    private static ByteString BindingOf(Session session, Guid? replaces) =>
        replaces is { } id ? new((byte[])[.. session.Binding.Span, .. id.ToByteArray(bigEndian: true)]) : session.Binding;

    private static List<Passkey> Beside(Passkey passkey, OpenedRegistration opened, IReadOnlyList<Passkey> existing)
    {
        var begun = opened.Pending.Expires - WebAuthnRelyingParty.CeremonyLife;
        return [.. existing.Where(other => other.Aaguid == passkey.Aaguid && other.CreatedAt > begun && other.CreatedAt <= passkey.CreatedAt && other.Id != passkey.Id)];
    }
}
