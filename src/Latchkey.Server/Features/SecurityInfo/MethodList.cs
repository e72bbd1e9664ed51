using Latchkey.Protocol;
using Latchkey.Server.Features.Policies;
using Latchkey.Server.Features.Problems;
using Latchkey.Server.Shell;
using Latchkey.Server.Storage;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;

namespace Latchkey.Server.Features.SecurityInfo;

/// <summary>One line of the list. What policy no longer accepts says so, and why.</summary>
public sealed record MethodLine(
    MethodKind Kind, Guid Id, string Icon, string Name, string Where, DateTimeOffset? CreatedAt, DateTimeOffset? LastUsedAt, string? Note = null,
    bool CanRename = false, bool CanDelete = true, string? NotAccepted = null)
{
    /// <summary>What names a passkey to the browser.</summary>
    public string? CredentialId { get; init; }

    public bool IsInAuthenticator { get; init; }

    /// <summary>Who keeps a passkey, by the name of the steps for deleting it there; null when it is not known.</summary>
    public string? Keeper { get; init; }

    /// <summary>Kind and ID, as they stand in addresses.</summary>
    public string Address => $"{MethodKinds.InAddress(Kind)}/{Id}";
}

/// <summary>All sign-in methods of a person, passkeys first.</summary>
internal sealed class MethodList(
    LatchkeyDb db, PasskeyStore passkeys, PasskeyNames names, AuthenticatorStore authenticators, SecondFactorStore factors, PolicyStore policies, UserManager<User> users, TimeProvider time)
{
    public async Task<IReadOnlyList<MethodLine>> OfAsync(User user, CancellationToken cancellation)
    {
        var lines = new List<MethodLine>(await PasskeysAsync(user, cancellation));
        var policy = await policies.ForAsync(user.Id, cancellation);

        foreach (var authenticator in await authenticators.ListAsync(user.Id, cancellation))
        {
            lines.Add(new MethodLine(
                MethodKind.Authenticator, authenticator.Id, "phone", Shown(authenticator.DisplayName), SecurityInfoTexts.WhereAuthenticatorApp, authenticator.CreatedAt,
                authenticator.LastUsedAt, UsesOf(authenticator, policy), CanRename: true, NotAccepted: WordsOf(policy.Withheld(MethodKind.Authenticator))));
        }

        foreach (var code in await db.CodeMethods.AsNoTracking().Where(c => c.UserId == user.Id).OrderBy(c => c.CreatedAt).ToListAsync(cancellation))
        {
            lines.Add(new MethodLine(
                MethodKind.Code, code.Id, "code", Shown(code.DisplayName), SecurityInfoTexts.WhereCode, code.CreatedAt, code.LastUsedAt, CanRename: true,
                NotAccepted: WordsOf(policy.Withheld(MethodKind.Code))));
        }

        if (await users.CountRecoveryCodesAsync(user) is > 0 and var left)
        {
            lines.Add(new MethodLine(
                MethodKind.RecoveryCode, user.Id, "recovery", SecurityInfoTexts.RecoveryCodes, SecurityInfoTexts.WhereRecoveryCodes, null, null,
                SecurityInfoTexts.RecoveryCodesLeft.With(left, SecondFactorStore.RecoveryCodeCount)));
        }

        // A spent one is no way in any more, and nothing is to be done about it.
        if (await factors.FindPassAsync(user.Id, cancellation) is { } pass && !pass.IsSpent(time.GetUtcNow()))
        {
            lines.Add(new MethodLine(
                MethodKind.TemporaryAccessPass, pass.Id, "pass", ShellTexts.Pass, SecurityInfoTexts.WherePass, pass.CreatedAt, pass.UsedAt,
                pass.IsUsable(time.GetUtcNow()) ? SecurityInfoTexts.PassUntil.With(pass.ExpiresAt) : SecurityInfoTexts.PassFrom.With(pass.StartsAt, pass.ExpiresAt),
                NotAccepted: WordsOf(policy.Withheld(MethodKind.TemporaryAccessPass))));
        }

        if (user.PasswordHash is not null)
        {
            lines.Add(new MethodLine(
                MethodKind.Password, user.Id, "password", SecurityInfoTexts.Password, SecurityInfoTexts.WherePassword, user.PasswordSetAt, user.PasswordLastUsedAt,
                CanDelete: false));
        }

        return lines;
    }

    /// <summary>The passkeys among them, oldest first.</summary>
    public async Task<IReadOnlyList<MethodLine>> PasskeysAsync(User user, CancellationToken cancellation)
    {
        var policy = await policies.ForAsync(user.Id, cancellation);
        return [.. (await passkeys.ListAsync(user.Id, cancellation)).Select(passkey => new MethodLine(
            MethodKind.Passkey, passkey.Id, IconOf(passkey), Shown(passkey.DisplayName), WhereOf(passkey), passkey.CreatedAt, passkey.LastUsedAt, CanRename: true,
            NotAccepted: WordsOf(policy.AtSignIn(passkey, user)))
        {
            CredentialId = new ByteString(passkey.CredentialId).ToBase64Url(),
            IsInAuthenticator = PasskeyNames.IsAuthenticator(passkey.Aaguid),
            Keeper = ProviderSteps.NameFor(passkey, names),
        })];
    }

    /// <summary>Where it lives. The model is what the authenticator says of itself; whether somebody vouches for it is for administrators.</summary>
    public string WhereOf(Passkey passkey)
    {
        var provider = names.ProviderOf(passkey.Aaguid);
        return PasskeyNames.IsAuthenticator(passkey.Aaguid) ? SecurityInfoTexts.WhereAuthenticator
            : passkey.BackupEligible ? provider is null ? SecurityInfoTexts.WhereSynced : SecurityInfoTexts.WhereSyncedBy.With(provider)
            : IsSecurityKey(passkey) ? provider is null ? SecurityInfoTexts.WhereSecurityKey : SecurityInfoTexts.WhereSecurityKeyModel.With(provider)
            : provider is null ? SecurityInfoTexts.WhereOneDevice : SecurityInfoTexts.WhereOneDeviceBy.With(provider);
    }

    /// <summary>What an Authenticator may be used for: as far as the person lets it, and policy lets the person.</summary>
    private static string UsesOf(AuthenticatorMethod authenticator, PersonPolicy policy)
    {
        var notification = IsUsable(authenticator, AuthenticatorUse.Notification, policy);
        return IsUsable(authenticator, AuthenticatorUse.PhoneSignIn, policy)
            ? notification ? SecurityInfoTexts.UsesBoth : SecurityInfoTexts.UsesPhoneSignIn
            : notification ? SecurityInfoTexts.UsesNotification : SecurityInfoTexts.UsesNothing;
    }

    private static bool IsUsable(AuthenticatorMethod authenticator, AuthenticatorUse use, PersonPolicy policy) => authenticator.IsAllowed(use) && policy.Withheld(use) is null;

    private static string? WordsOf(string? problem) =>
        problem is null ? null : SecurityInfoTexts.NotAccepted.With(ProblemTable.Of(problem).Text, ProblemTable.Of(problem).NextStep);

    private static string IconOf(Passkey passkey) =>
        PasskeyNames.IsAuthenticator(passkey.Aaguid) ? "authenticator" : passkey.BackupEligible ? "cloud" : IsSecurityKey(passkey) ? "key" : "laptop";

    /// <summary>Whether it says that it is carried about, and plugged in or held to.</summary>
    public static bool IsSecurityKey(Passkey passkey) => passkey.Transports.Split(' ').Any(t => t is "usb" or "nfc" or "ble" or "smart-card");

    // Names from before they were looked at may have anything in them.
    private static string Shown(string name) => ForeignText.Of(name, Passkey.MaxDisplayName).Plain;
}
