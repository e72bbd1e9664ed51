using Latchkey.Authenticator.Vault;
using Latchkey.AuthenticatorApp.Shell;

namespace Latchkey.AuthenticatorApp.Features.Welcome;

/// <summary>A vault's and a PIN's problems, in a person's words.</summary>
internal static class PinRules
{
    /// <summary>What is wrong with a new PIN; null when nothing is.</summary>
    /// <param name="pin">The PIN.</param>
    /// <param name="repeated">The same again, as the person typed it.</param>
    /// <param name="names">The person's own names, where there is a vault that knows them.</param>
    public static string? ProblemOf(string pin, string repeated, IEnumerable<string>? names = null) => Pin.Judge(pin, names) switch
    {
        PinProblem.None => pin == repeated ? null : WelcomeTexts.NotSame,
        PinProblem.TooShort => string.Format(System.Globalization.CultureInfo.CurrentCulture, WelcomeTexts.TooShort, Pin.MinCharacters),
        PinProblem.Common => WelcomeTexts.Common,
        PinProblem.Name => WelcomeTexts.OwnName,
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
        VaultReadException => WelcomeTexts.NotReadable,
        VaultWriteException => WelcomeTexts.NotWritable,
        VaultMemoryException => WelcomeTexts.NoMemory,
        _ => WelcomeTexts.Damaged,
    };
}
