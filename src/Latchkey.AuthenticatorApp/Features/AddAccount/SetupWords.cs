using System.Globalization;
using Latchkey.Accounts;
using Latchkey.Api.Plan;
using Latchkey.Protocol;

namespace Latchkey.AuthenticatorApp.Features.AddAccount;

/// <summary>What the methods of a plan are called, and how they stand, in a person's words.</summary>
internal static class SetupWords
{
    public static string Name(string method) => Text(method, "Name");

    public static string Lead(string method) => Text(method, "Lead");

    /// <summary>While it is set up.</summary>
    public static string Doing(string method) => Text(method, "Doing");

    /// <summary>When it was not.</summary>
    public static string NotDone(string method, bool declined) => Text(method, declined ? "Declined" : "Failed");

    public static string Icon(string method) => method switch
    {
        PlannedMethods.Passkey => "passkey",
        PlannedMethods.Codes => "code",
        _ => "authenticator",
    };

    /// <summary>How it stands, and why.</summary>
    public static string State(SetupItem item, bool isLast) => item.State switch
    {
        SetupState.Here => AddAccountTexts.StateHere,
        SetupState.Owed => AddAccountTexts.StateOwed,
        SetupState.BeingDeleted => AddAccountTexts.StateBeingDeleted,
        SetupState.Withheld when item.Planned.Problem is { } problem => string.Format(CultureInfo.CurrentCulture, AddAccountTexts.NotOffered, ForeignText.Of(problem.Message, ForeignText.Sentence), ForeignText.Of(problem.NextStep, ForeignText.Sentence)),
        SetupState.Waiting when !isLast => AddAccountTexts.StateWaiting,
        _ => AddAccountTexts.StateNot,
    };

    private static string Text(string method, string what) =>
        AddAccountTexts.ResourceManager.GetString(char.ToUpperInvariant(method[0]) + method[1..] + what, CultureInfo.CurrentUICulture) ?? method;
}
