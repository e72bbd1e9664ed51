using System.Collections.Frozen;
using System.Text;
using Latchkey.Protocol;

namespace Latchkey.Authenticator.Vault;

/// <summary>
/// What is tried first by whoever guesses: a PIN or passphrase of that kind is not taken, and nothing else is asked of it (no digits, no signs).
/// "The authenticator SHALL contain a blocklist (either specified by specific values or by an algorithm) of at least 10 commonly used activation
/// values and SHALL prevent their use as activation secrets." <see href="https://pages.nist.gov/800-63-4/sp800-63b.html"/>, §3.2.10
/// </summary>
internal static class GuessableSecret
{
    private const int ShortestUnit = 6, ShortestRun = 3, ShortestName = 3, ShortestWord = 6;

    // Rows of keyboards, their columns, and the ways over a keypad.
    private static readonly string[] Paths =
    [
        "1234567890", "qwertyuiop", "asdfghjkl", "zxcvbnm", "qwertzuiop", "yxcvbnm", "azertyuiop", "qsdfghjklm", "wxcvbn",
        "qwertyuiopasdfghjklzxcvbnm", "1qaz2wsx3edc4rfv5tgb6yhn7ujm", "qazwsxedcrfvtgbyhnujmikolp", "1q2w3e4r5t6y7u8i9o0p", "qawsedrftgyhujikolp",
        "147258369", "741852963", "159357", "357159", "159753", "258456", "123654789", "147896325", "321456987",
    ];

    private static readonly Lazy<FrozenSet<string>> Common = new(() =>
    {
        using var reader = new StreamReader(typeof(GuessableSecret).Assembly.GetManifestResourceStream("data/common-secrets.txt")!);
        return reader.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries).ToFrozenSet(StringComparer.Ordinal);
    });

    /// <summary>Whether a secret is commonly used: on the list, one short thing again and again, a run, or a path over the keys.</summary>
    public static bool IsCommon(string secret)
    {
        var text = Fold(secret);
        var unit = UnitOf(text);
        // One character more than 32 times is nobody's habit: how often is what has to be guessed.
        if (unit.Length == 1 && text.Length > 32) return false;
        return unit.Length < ShortestUnit || Common.Value.Contains(unit) || Common.Value.Contains(Unleet(unit)) || IsRunOrTwo(unit) || IsRunOrTwo(WithoutRepeats(text)) || IsPath(unit);
    }

    /// <summary>Whether a passphrase is made of what is commonly used: at most two such words or runs, whatever digits and signs are around them.</summary>
    public static bool IsMadeOfCommon(string passphrase)
    {
        var text = Fold(passphrase);
        if (IsCommon(text)) return true;
        var words = new HashSet<string>(StringComparer.Ordinal);
        return ((string[])[text, Unleet(text)]).Any(form => Left(form, words) <= 1 && words.Count <= 2);
    }

    /// <summary>Whether a secret is a name of the person or of what it is for, whatever digits and signs are around it.</summary>
    /// <param name="secret">The PIN or passphrase.</param>
    /// <param name="names">User names, mail addresses, names in full.</param>
    public static bool IsName(string secret, IEnumerable<string> names)
    {
        var letters = Letters(Fold(secret));
        return letters.Length >= ShortestName && names.SelectMany(PartsOf).Any(name => name.Length >= ShortestName && (letters == name || letters == name + name || letters == Reversed(name)));
    }

    // The whole, what stands before the @, and each word: as letters alone.
    private static IEnumerable<string> PartsOf(string name)
    {
        var folded = Fold(name);
        var local = folded.Split('@')[0];
        return ((IEnumerable<string>)[folded, local, .. local.Split([' ', '.', '-', '_', '+'], StringSplitOptions.RemoveEmptyEntries)]).Select(Letters);
    }

    // NFKC, so that wide digits and small letters of every kind are what they look like.
    private static string Fold(string text) => text.IsWellFormed() ? text.Normalize(NormalizationForm.FormKC).ToLowerInvariant() : "";

    private static string Letters(string text) => string.Concat(text.Normalize(NormalizationForm.FormD).Where(char.IsLetter));

    private static string Reversed(string text) => string.Concat(text.Reverse());

    private static string Unleet(string text) => string.Concat(text.Select(c => c switch { '@' or '4' => 'a', '0' => 'o', '1' or '!' => 'i', '3' => 'e', '$' or '5' => 's', '7' => 't', _ => c }));

    /// <summary>The shortest beginning that makes the whole text when it is said again and again, the last time perhaps not to its end.</summary>
    private static string UnitOf(string text)
    {
        for (var length = 1; length <= text.Length / 2; length++)
        {
            if (text.AsSpan(length).SequenceEqual(text.AsSpan(0, text.Length - length))) return text[..length];
        }

        return text;
    }

    /// <summary>112233 without the repeats; the text itself where its characters are not all repeated equally often.</summary>
    private static string WithoutRepeats(string text)
    {
        var groups = new List<(char First, int Count)>();
        foreach (var c in text)
        {
            if (groups.Count > 0 && groups[^1].First == c) groups[^1] = (c, groups[^1].Count + 1);
            else groups.Add((c, 1));
        }

        return groups.Count >= ShortestRun && groups.TrueForAll(group => group.Count == groups[0].Count) ? string.Concat(groups.Select(group => group.First)) : text;
    }

    /// <summary>One run with whatever step (123456, 135790), or two with a step of one or none (123789, 123321, 111222).</summary>
    private static bool IsRunOrTwo(string text)
    {
        var first = RunLength(text, anyStep: true);
        if (first == text.Length) return true;
        first = RunLength(text, anyStep: false);
        return first >= ShortestRun && text.Length - first >= ShortestRun && RunLength(text[first..], anyStep: false) == text.Length - first;
    }

    private static int RunLength(string text, bool anyStep)
    {
        if (text.Length < 2) return text.Length;
        var step = Step(text, 1);
        if (!(step is -1 or 0 or 1 || (anyStep && text.All(char.IsAsciiDigit)))) return 1;
        var length = 2;
        while (length < text.Length && Step(text, length) == step) length++;
        return length;
    }

    // Digits go round: 890123 is a run.
    private static int Step(string text, int at)
    {
        var step = text[at] - text[at - 1];
        if (!char.IsAsciiDigit(text[at]) || !char.IsAsciiDigit(text[at - 1])) return step;
        return step switch { > 5 => step - 10, < -4 => step + 10, _ => step };
    }

    private static bool IsPath(string text) => Array.Exists(Paths, path => path.Contains(text, StringComparison.Ordinal) || Reversed(path).Contains(text, StringComparison.Ordinal));

    /// <summary>How many letters are left when common words and runs are taken out, the longest first; the words are noted.</summary>
    private static int Left(string text, HashSet<string> words)
    {
        words.Clear();
        var left = 0;
        for (var at = 0; at < text.Length;)
        {
            var length = text.Length - at;
            while (length >= ShortestWord && !IsWord(text.Substring(at, length))) length--;
            if (length >= ShortestWord)
            {
                words.Add(text.Substring(at, length));
                at += length;
                continue;
            }

            if (char.IsLetter(text[at])) left++;
            at++;
        }

        return words.Count == 0 ? int.MaxValue : left;
    }

    private static bool IsWord(string text) => Common.Value.Contains(text) || IsPath(text) || RunLength(text, anyStep: false) == text.Length;
}
