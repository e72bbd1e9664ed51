using System.Globalization;
using Latchkey.Authenticator.Codes;

namespace Latchkey.AuthenticatorApp.Features.Codes;

/// <summary>Why codes could not be added: what is wrong, and what to do.</summary>
/// <param name="Message">What it is.</param>
/// <param name="NextStep">What to do.</param>
internal sealed record CodeProblem(string Message, string NextStep)
{
    /// <summary>What a person reads of a text that is no key.</summary>
    public static CodeProblem Of(TotpUriProblem problem) => problem switch
    {
        TotpUriProblem.NotOtpAuth => new(CodesTexts.NotAKey, CodesTexts.NotAKeyNext),
        TotpUriProblem.Export => new(CodesTexts.Export, CodesTexts.ExportNext),
        TotpUriProblem.CounterBased => new(CodesTexts.CounterBased, CodesTexts.OtherKindNext),
        TotpUriProblem.UnknownType => new(CodesTexts.UnknownType, CodesTexts.OtherKindNext),
        TotpUriProblem.BadName => new(CodesTexts.BadName, CodesTexts.BadNameNext),
        TotpUriProblem.BadSecret => new(CodesTexts.BadSecret, CodesTexts.BadSecretNext),
        TotpUriProblem.UnknownAlgorithm => new(CodesTexts.UnknownAlgorithm, CodesTexts.OtherKindNext),
        TotpUriProblem.BadDigits => new(CodesTexts.BadDigits, CodesTexts.OtherKindNext),
        TotpUriProblem.BadPeriod => new(CodesTexts.BadPeriod, CodesTexts.OtherKindNext),
        _ => new(CodesTexts.Malformed, CodesTexts.MalformedNext),
    };
}

/// <summary>A key as a person types it, field by field.</summary>
internal static class CodeEntry
{
    /// <summary>The key, or what is wrong with it.</summary>
    /// <param name="fields">The form: issuer, account, secret; algorithm, digits and period where they were shown.</param>
    public static (TotpKey? Key, CodeProblem? Problem) Read(IReadOnlyDictionary<string, string> fields)
    {
        var (issuer, account, written) = (Field(fields, "issuer"), Field(fields, "account"), Field(fields, "secret"));
        if (TotpUri.Looks(written))
        {
            // Where a site says "or copy this", it is at times the whole link.
            return TotpUri.TryParse(written, out var whole, out var problem) ? (whole, null) : (null, CodeProblem.Of(problem));
        }

        if (!TotpKey.IsName(issuer) || account.Length == 0 || !TotpKey.IsName(account)) return Wrong(TotpUriProblem.BadName);
        if (!Base32.TryDecode(written, out var secret) || !TotpKey.IsSecret(secret.Value)) return Wrong(TotpUriProblem.BadSecret);
        if (!TryNumber(Field(fields, "digits"), TotpKey.MinDigits, out var digits) || !TotpKey.IsDigits(digits)) return Wrong(TotpUriProblem.BadDigits);
        if (!TryNumber(Field(fields, "period"), 30, out var period) || !TotpKey.IsPeriod(period)) return Wrong(TotpUriProblem.BadPeriod);
        var algorithm = Enum.TryParse<TotpAlgorithm>(Field(fields, "algorithm"), out var chosen) && Enum.IsDefined(chosen) ? chosen : TotpAlgorithm.Sha1;
        return (new(issuer, account, secret.Value) { Algorithm = algorithm, Digits = digits, Period = period }, null);
    }

    private static string Field(IReadOnlyDictionary<string, string> fields, string name) => fields.GetValueOrDefault(name, "").Trim();

    private static (TotpKey?, CodeProblem?) Wrong(TotpUriProblem problem) => (null, CodeProblem.Of(problem));

    private static bool TryNumber(string text, int byDefault, out int number)
    {
        number = byDefault;
        return text.Length == 0 || int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number);
    }
}
