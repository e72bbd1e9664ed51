using System.Text;
using Latchkey.Protocol;

namespace Latchkey.Authenticator.Vault;

/// <summary>How well a passphrase would guard a backup.</summary>
public enum PassphraseStrength
{
    /// <summary>Fewer than <see cref="BackupPassphrase.MinCharacters"/> characters: not taken.</summary>
    TooShort,

    /// <summary>Long enough, but made of so little, or of so common words, that it is soon guessed; or no text at all: not taken.</summary>
    Guessable,

    /// <summary>Taken; longer is better.</summary>
    Fair,

    /// <summary>Good.</summary>
    Good,
}

/// <summary>
/// The rules for a backup's passphrase. A backup lies where anybody may try as often as they like, so it asks for more than a PIN, whose attempts
/// are counted. It is no estimate of entropy: it refuses what is plainly weak, and says what helps, which is length.
/// </summary>
public static class BackupPassphrase
{
    /// <summary>The fewest characters.</summary>
    public const int MinCharacters = 12;

    private const int FewKinds = 6, GoodLength = 20;

    /// <summary>Judges a passphrase before it is used.</summary>
    public static PassphraseStrength Judge(string passphrase)
    {
        // Half a character has no normal form, and no key of its own.
        if (!passphrase.IsWellFormed()) return PassphraseStrength.Guessable;
        var runes = passphrase.Trim().EnumerateRunes().ToList();
        if (runes.Count < MinCharacters) return PassphraseStrength.TooShort;
        if (runes.Distinct().Count() < FewKinds || runes.TrueForAll(Rune.IsDigit) && runes.Count < GoodLength || GuessableSecret.IsMadeOfCommon(passphrase.Trim())) return PassphraseStrength.Guessable;
        return runes.Count >= GoodLength ? PassphraseStrength.Good : PassphraseStrength.Fair;
    }

    /// <summary>Whether it will do.</summary>
    public static bool IsTaken(string passphrase) => Judge(passphrase) >= PassphraseStrength.Fair;
}
