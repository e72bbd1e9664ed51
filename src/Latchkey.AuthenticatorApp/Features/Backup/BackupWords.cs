using System.Globalization;
using Latchkey.Authenticator.Vault;

namespace Latchkey.AuthenticatorApp.Features.Backup;

/// <summary>What a person reads when a backup is not made, or not read, and what to do.</summary>
internal static class BackupWords
{
    /// <summary>What is wrong with a new passphrase; null when nothing is.</summary>
    public static (string Words, string Next)? ProblemOf(string passphrase, string repeated) => BackupPassphrase.Judge(passphrase) switch
    {
        PassphraseStrength.TooShort => (BackupTexts.TooShort, string.Format(CultureInfo.CurrentCulture, BackupTexts.PassphraseHint, BackupPassphrase.MinCharacters)),
        PassphraseStrength.Guessable => (BackupTexts.Guessable, BackupTexts.GuessableNext),
        _ => passphrase == repeated ? null : (BackupTexts.NotSame, BackupTexts.NotSameNext),
    };

    /// <summary>Why a backup was not read.</summary>
    public static (string Words, string Next) Of(BackupProblem problem) => problem switch
    {
        BackupProblem.WrongPassphrase => (BackupTexts.WrongPassphrase, BackupTexts.WrongPassphraseNext),
        BackupProblem.Damaged => (BackupTexts.Damaged, BackupTexts.DamagedNext),
        BackupProblem.NotEnoughMemory => (BackupTexts.NoMemory, BackupTexts.NoMemoryNext),
        BackupProblem.NewerVersion => (BackupTexts.Newer, BackupTexts.NewerNext),
        _ => (BackupTexts.NotABackup, BackupTexts.NotABackupNext),
    };
}
