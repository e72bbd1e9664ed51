using System.Globalization;
using Latchkey.Authenticator.Codes;
using Latchkey.Authenticator.Vault;
using Latchkey.Protocol;

namespace Latchkey.AuthenticatorApp.Shell;

/// <summary>How codes, and what they are for, are written.</summary>
internal static class CodeWords
{
    /// <summary>A code in two halves, as it is read aloud: 123 456, 1234 567, 1234 5678.</summary>
    public static string Grouped(string code) => $"{code[..((code.Length + 1) / 2)]} {code[((code.Length + 1) / 2)..]}";

    /// <summary>Whose code it is, in one line.</summary>
    public static string NameOf(TotpKey key) => key.Issuer.Length == 0 ? ForeignText.Of(key.AccountName).ToString() : $"{ForeignText.Of(key.Issuer)}, {ForeignText.Of(key.AccountName)}";

    /// <summary>Whether every word somebody looks for is in a code's names, in any case and without regard to accents.</summary>
    public static bool Fits(VaultCode code, string search) => search.Split(' ', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).All(word =>
        CultureInfo.InvariantCulture.CompareInfo.IndexOf($"{code.Key.Issuer} {code.Key.AccountName}", word, CompareOptions.IgnoreCase | CompareOptions.IgnoreNonSpace) >= 0);
}
