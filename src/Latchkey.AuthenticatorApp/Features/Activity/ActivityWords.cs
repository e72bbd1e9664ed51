using System.Globalization;
using Latchkey.Api.Me;

namespace Latchkey.AuthenticatorApp.Features.Activity;

/// <summary>What happened to an account, in a person's words.</summary>
internal static class ActivityWords
{
    /// <summary>One line for an entry; null for what says nothing to the person.</summary>
    public static string? Of(ActivityEntry entry) => (entry.Action, entry.Outcome == ActivityEntry.Success) switch
    {
        ("sign_in", true) => Format(ActivityTexts.SignedIn, entry.Method),
        ("sign_in", false) => ActivityTexts.SignInFailed,
        ("step_up", true) => Format(ActivityTexts.SteppedUp, entry.Method),
        ("step_up", false) => ActivityTexts.StepUpFailed,
        ("approval.answered", true) => ActivityTexts.Approved,
        ("approval.answered", false) => ActivityTexts.NotApproved,
        ("approvals.locked", _) => ActivityTexts.ApprovalsLocked,
        ("sign_out", _) => ActivityTexts.SignedOut,
        ("app.authorized", true) => ActivityTexts.AppAllowed,
        ("app.authorized", false) => ActivityTexts.AppRefused,
        ("method.added", true) => Format(ActivityTexts.Added, entry.Method),
        ("method.added", false) => Format(ActivityTexts.AddingFailed, entry.Method),
        ("method.deleted", true) => Format(ActivityTexts.Deleted, entry.Method),
        ("method.renamed", true) => Format(ActivityTexts.Renamed, entry.Method),
        ("method.changed", true) => Format(ActivityTexts.Changed, entry.Method),
        ("method.tested", true) => ActivityTexts.Tested,
        ("person.added", _) => ActivityTexts.PersonAdded,
        ("person.unlocked", _) => ActivityTexts.Unlocked,
        _ => null,
    };

    /// <summary>Whether it is one of those a person should look at twice.</summary>
    public static bool IsOdd(ActivityEntry entry) => entry.Action is "sign_in" or "step_up" or "approval.answered" or "approvals.locked" && entry.Outcome != ActivityEntry.Success;

    private static string Format(string text, string? method) => string.Format(CultureInfo.CurrentCulture, text, method switch
    {
        "passkey" => ActivityTexts.Passkey,
        "password" => ActivityTexts.Password,
        "authenticator_code" => ActivityTexts.Code,
        "temporary_access_pass" => ActivityTexts.Pass,
        "recovery_codes" => ActivityTexts.RecoveryCode,
        "authenticator" => ActivityTexts.Authenticator,
        _ => ActivityTexts.Method,
    });
}
