using System.Globalization;
using System.Security.Cryptography;
using Latchkey.Api.Approvals;
using Latchkey.Protocol;
using Latchkey.Protocol.Cose;
using Latchkey.Server.Hosting;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.EntityFrameworkCore;

namespace Latchkey.Server.Storage;

/// <summary>The registered Authenticators: registered by whoever holds the key, listed, changed, deleted.</summary>
public sealed class AuthenticatorStore(
    LatchkeyDb db, PolicyStore policies, AuditLog audit, AccountChanges changes, IDataProtectionProvider protection, ServerOptions options, TimeProvider time)
{
    public const string NotFound = AuthenticatorMethodsClient.NotFound, KeyInvalid = "device_key_invalid", KeyInUse = "device_key_in_use",
        SignatureInvalid = "device_signature_invalid", ChallengeInvalid = "device_challenge_invalid", LimitReached = "authenticator_limit_reached",
        NameInvalid = "display_name_invalid";

    private static readonly TimeSpan ChallengeLife = TimeSpan.FromMinutes(10);

    private readonly IDataProtector protector = protection.CreateProtector("Latchkey.AuthenticatorChallenge.v1");

    public async Task<IReadOnlyList<AuthenticatorMethod>> ListAsync(Guid userId, CancellationToken cancellation) =>
        await db.Authenticators.AsNoTracking().Where(a => a.UserId == userId).OrderBy(a => a.CreatedAt).ToListAsync(cancellation);

    public Task<AuthenticatorMethod?> FindAsync(Guid userId, Guid id, CancellationToken cancellation) =>
        db.Authenticators.FirstOrDefaultAsync(a => a.UserId == userId && a.Id == id, cancellation);

    /// <summary>Why policy keeps every use of an Authenticator from a person; null when one is left.</summary>
    public async Task<string?> WhyNotAsync(User user, CancellationToken cancellation) =>
        (await policies.ForAsync(user.Id, cancellation)).Withheld(MethodKind.Authenticator);

    /// <summary>What a device signs to be registered in this session: sealed, so that nothing is stored for a registration that is never finished.</summary>
    public AuthenticatorMethodChallenge Begin(SignedIn signedIn)
    {
        var expires = time.GetUtcNow() + ChallengeLife;
        var content = string.Create(
            CultureInfo.InvariantCulture, $"{signedIn.User.Id} {signedIn.Session.Id} {expires.ToUnixTimeMilliseconds()} {ByteString.Random(16).ToBase64Url()}");
        return new(protector.Protect(content), expires);
    }

    /// <summary>Registers a device that has proved that it holds its key. The same key gets the same answer.</summary>
    public async Task<(AuthenticatorMethod? Method, string? Problem)> RegisterAsync(
        SignedIn signedIn, AuthenticatorMethodRegistration registration, CancellationToken cancellation)
    {
        var (user, policy) = (signedIn.User, await policies.ForAsync(signedIn.User.Id, cancellation));
        if (policy.Withheld(MethodKind.Authenticator) is { } withheld)
        {
            return (null, withheld);
        }

        if (registration.DisplayName is { } wanted && !ForeignText.IsName(wanted, AuthenticatorMethod.MaxDisplayName))
        {
            return (null, NameInvalid);
        }

        if (!IsOurs(registration.Challenge, signedIn))
        {
            return (null, ChallengeInvalid);
        }

        if (ReadKey(registration.PublicKey) is not var (key, bytes))
        {
            return (null, KeyInvalid);
        }

        var statement = DeviceStatement.Registration(options.Origin, user.Id.ToString(), registration.Challenge, bytes);
        if (!Verifies(key, statement, registration.Signature))
        {
            return (null, SignatureInvalid);
        }

        var stored = bytes.ToArray();
        if (await db.Authenticators.FirstOrDefaultAsync(a => a.PublicKey == stored, cancellation) is { } known)
        {
            return known.UserId == user.Id ? (known, null) : (null, KeyInUse);
        }

        await using var transaction = await db.Database.BeginTransactionAsync(cancellation);
        await db.LockPersonAsync(user.Id, cancellation);
        var existing = await ListAsync(user.Id, cancellation);
        if (existing.FirstOrDefault(other => other.PublicKey.AsSpan().SequenceEqual(stored)) is { } same)
        {
            return (same, null);
        }

        if (existing.Count >= AuthenticatorMethod.MaxPerUser)
        {
            return (null, LimitReached);
        }

        var now = time.GetUtcNow();
        var method = new AuthenticatorMethod
        {
            Id = Guid.CreateVersion7(now),
            UserId = user.Id,
            PublicKey = stored,
            DisplayName = NameFor(registration.DisplayName?.Trim(), existing),
            // What policy lets now is what was agreed to: a policy that widens later turns nothing on by itself.
            IsNotificationAllowed = policy.Withheld(AuthenticatorUse.Notification) is null,
            IsPhoneSignInAllowed = policy.Withheld(AuthenticatorUse.PhoneSignIn) is null,
            CreatedAt = now,
        };
        db.Authenticators.Add(method);
        audit.Add("method.added", user.Id, method: MethodKind.Authenticator, methodId: method.Id);
        try
        {
            await db.SaveChangesAsync(cancellation);
            await transaction.CommitAsync(cancellation);
            changes.Tell(user.Id, AccountChange.Methods);
            return (method, null);
        }
        catch (DbUpdateException)
        {
            // Somebody else registered the same key at the same moment: a key belongs to one account.
            db.ChangeTracker.Clear();
            return (null, KeyInUse);
        }
    }

    /// <summary>Whether a statement was signed by a registered device.</summary>
    public static bool IsSignedBy(AuthenticatorMethod method, ByteString statement, string? signature) =>
        Verifies(CoseKey.Parse(method.PublicKey), statement, signature);

    private static bool Verifies(in CoseKey key, ByteString statement, string? signature)
    {
        try
        {
            return SignatureVerifier.Verify(key, statement, ByteString.FromBase64Url(signature ?? ""));
        }
        catch (WireFormatException)
        {
            return false;
        }
    }

    private static (CoseKey Key, ByteString Bytes)? ReadKey(string? text)
    {
        try
        {
            var bytes = ByteString.FromBase64Url(text ?? "");
            var key = CoseKey.Parse(bytes);
            return key is { Algorithm: CoseAlgorithm.ES256, Curve: CoseCurve.P256 } && SignatureVerifier.IsUsable(key) ? (key, bytes) : null;
        }
        catch (WireFormatException)
        {
            return null;
        }
    }

    private bool IsOurs(string? challenge, SignedIn signedIn)
    {
        try
        {
            return challenge is not null
                && protector.Unprotect(challenge).Split(' ') is [var user, var session, var expires, _]
                && user == signedIn.User.Id.ToString() && session == signedIn.Session.Id.ToString()
                && DateTimeOffset.FromUnixTimeMilliseconds(long.Parse(expires, CultureInfo.InvariantCulture)).Lasts(ChallengeLife, time.GetUtcNow());
        }
        catch (Exception problem) when (problem is CryptographicException or FormatException)
        {
            return false;
        }
    }

    private static string NameFor(string? wanted, IReadOnlyList<AuthenticatorMethod> existing)
    {
        var name = wanted ?? StorageTexts.AuthenticatorApp;
        name = ForeignText.Of(name, AuthenticatorMethod.MaxDisplayName - 2).Plain; // room for a number
        var taken = existing.Select(a => a.DisplayName).ToHashSet(StringComparer.CurrentCultureIgnoreCase);
        return taken.Contains(name) ? Enumerable.Range(2, AuthenticatorMethod.MaxPerUser).Select(n => $"{name} {n}").First(candidate => !taken.Contains(candidate)) : name;
    }
}
