using Latchkey.Authenticator.Vault;
using Latchkey.AuthenticatorApp.Shell;

namespace Latchkey.AuthenticatorApp.Features.Welcome;

/// <summary>A vault's and a PIN's problems, in a person's words.</summary>
internal static class PinRules
{
    /// <summary>What is wrong with a new PIN; null when nothing is.</summary>
    public static string? ProblemOf(string pin, string repeated) => Pin.Judge(pin) switch
    {
        PinProblem.None => pin == repeated ? null : WelcomeTexts.NotSame,
        PinProblem.TooShort => string.Format(System.Globalization.CultureInfo.CurrentCulture, WelcomeTexts.TooShort, Pin.MinCharacters),
        _ => WelcomeTexts.TooLong,
    };

    /// <summary>Why the vault did not open.</summary>
    public static string WordsFor(VaultException problem) => problem switch
    {
        WrongPinException wrong => string.Format(System.Globalization.CultureInfo.CurrentCulture, ShellTexts.WrongPin, wrong.AttemptsLeft),
        PinBlockedException { ForGood: true } => ShellTexts.PinBlocked,
        PinBlockedException => ShellTexts.PinBlockedUntilRestart,
        VaultNewerVersionException => WelcomeTexts.Newer,
        VaultInUseException => WelcomeTexts.InUse,
        VaultDirectoryException => WelcomeTexts.NotHere,
        _ => WelcomeTexts.Damaged,
    };
}
