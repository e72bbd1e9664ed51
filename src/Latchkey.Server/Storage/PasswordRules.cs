using System.Globalization;
using System.Text;
using Latchkey.Server.Hosting;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;

namespace Latchkey.Server.Storage;

/// <summary>
/// What a password that is chosen must be, after NIST SP 800-63B-4 §3.1.1.2: long enough for what it is used for, none that many use, not made of
/// names; nothing about kinds of characters. One that is refused is refused with the reason and with what would do.
/// </summary>
internal sealed class PasswordRules(LatchkeyDb db, ServerOptions options) : IPasswordValidator<User>
{
    /// <summary>Lengths in code points. Eight are asked for beside another factor, which is how it is used here; we ask for ten.</summary>
    public const int Shortest = 10;

    /// <summary>Where the password alone lets somebody on, it is the single factor: "a minimum of 15 characters".</summary>
    public const int ShortestAlone = 15;

    /// <summary>"at least 64"; with an end, since every one of them is hashed.</summary>
    public const int Longest = 256;

    private const int ShortestName = 3;

    // What the service is called, and what everybody calls a password.
    private static readonly string[] Known = ["latchkey", "password", "passwort", "passphrase"];

    /// <summary>The form that is hashed: the same characters, however a keyboard puts them together.</summary>
    public static string FormOf(string password) => IsText(password) ? password.Normalize(NormalizationForm.FormKC) : password;

    public static int LengthOf(string password) => password.EnumerateRunes().Count();

    public async Task<IdentityResult> ValidateAsync(UserManager<User> manager, User user, string? password)
    {
        password ??= "";
        var length = LengthOf(password);
        var isAlone = await IsAloneAsync(user);
        if (!IsText(password)) return Refused(nameof(StorageTexts.PasswordNoText), StorageTexts.PasswordNoText);
        if (length > Longest) return Refused(nameof(StorageTexts.PasswordTooLong), StorageTexts.PasswordTooLong, length, Longest);
        if (length < Shortest) return Refused(nameof(StorageTexts.PasswordTooShort), StorageTexts.PasswordTooShort, length, Shortest);
        if (CommonPasswords.Contains(password)) return Refused(nameof(StorageTexts.PasswordCommon), StorageTexts.PasswordCommon);
        if (IsPattern(password)) return Refused(nameof(StorageTexts.PasswordPattern), StorageTexts.PasswordPattern);
        if (IsMadeOf(password, await NamesAsync(user))) return Refused(nameof(StorageTexts.PasswordOwnName), StorageTexts.PasswordOwnName);
        return isAlone && length < ShortestAlone
            ? Refused(nameof(StorageTexts.PasswordTooShortAlone), StorageTexts.PasswordTooShortAlone, length, ShortestAlone)
            : IdentityResult.Success;
    }

    /// <summary>One piece again and again (the piece too short or common by itself), or each character the neighbour of the one before it.</summary>
    private static bool IsPattern(string password)
    {
        for (var piece = 1; piece <= password.Length / 2; piece++)
        {
            if (password.AsSpan(piece).SequenceEqual(password.AsSpan(0, password.Length - piece)) && (piece < Shortest || CommonPasswords.Contains(password[..piece])))
            {
                return true;
            }
        }

        return IsRow(1) || IsRow(-1);

        bool IsRow(int step) => password.Zip(password.Skip(1)).All(pair => pair.Second - pair.First == step
            || (char.IsAsciiDigit(pair.First) && char.IsAsciiDigit(pair.Second) && (pair.Second - pair.First - step) % 10 == 0));
    }

    /// <summary>Whether nothing is left of its letters, but one or two, when the names are taken out; forwards or backwards.</summary>
    private static bool IsMadeOf(string password, IReadOnlyList<string> names)
    {
        var letters = LettersOf(password);
        return letters.Length > 0 && (IsCovered(letters) || IsCovered(new string([.. letters.Reverse()])));

        bool IsCovered(string rest)
        {
            var before = rest.Length;
            foreach (var name in names)
            {
                rest = rest.Replace(name, "", StringComparison.Ordinal);
            }

            return rest.Length < before && rest.Length <= 2;
        }
    }

    private async Task<IReadOnlyList<string>> NamesAsync(User user)
    {
        var organisation = await db.Organisations.AsNoTracking().Select(o => o.DisplayName).FirstOrDefaultAsync();
        string?[] names = [user.UserName, user.DisplayName, user.Email, organisation, options.RpId];
        return [.. names.OfType<string>().SelectMany(name => name.Split([' ', '.', '-', '_', '@', '+'], StringSplitOptions.RemoveEmptyEntries).Append(name))
            .Concat(Known).Select(LettersOf).Where(name => name.Length >= ShortestName).Distinct(StringComparer.Ordinal).OrderByDescending(name => name.Length)];
    }

    /// <summary>Whether the password alone lets the person register their first other method: the organisation allows it, and there is none.</summary>
    private async Task<bool> IsAloneAsync(User user) =>
        await db.Organisations.AnyAsync(o => o.AllowsCodeAsFirstFactor)
        && !await db.CodeMethods.AnyAsync(c => c.UserId == user.Id)
        && !await db.Passkeys.AnyAsync(p => p.UserId == user.Id)
        && !await db.Authenticators.AnyAsync(a => a.UserId == user.Id);

    private static string LettersOf(string text) => string.Concat(NameForm.Of(text).Where(char.IsLetter));

    /// <summary>Whether it is characters throughout: no half of a surrogate pair, and no code point that stands for none.</summary>
    private static bool IsText(string text) =>
        new StringBuilder().AppendJoin("", text.EnumerateRunes()).Equals(text) && !text.EnumerateRunes().Any(NameForm.IsNoncharacter);

    private static IdentityResult Refused(string code, string text, params ReadOnlySpan<object?> about) =>
        IdentityResult.Failed(new IdentityError { Code = code, Description = string.Format(CultureInfo.CurrentCulture, text, about) });
}
