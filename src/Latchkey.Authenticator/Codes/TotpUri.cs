using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;

namespace Latchkey.Authenticator.Codes;

/// <summary>Why a text is no key for codes.</summary>
public enum TotpUriProblem
{
    /// <summary>It is one.</summary>
    None,

    /// <summary>It does not begin with <c>otpauth://</c>.</summary>
    NotOtpAuth,

    /// <summary>Another app's export of several keys at once (<c>otpauth-migration:</c>).</summary>
    Export,

    /// <summary>A key whose codes are counted, not timed (<c>otpauth://hotp</c>).</summary>
    CounterBased,

    /// <summary>A type other than <c>totp</c> and <c>hotp</c>, or a parameter that makes other codes than RFC 6238 has, such as <c>encoder=steam</c>.</summary>
    UnknownType,

    /// <summary>Longer than any key is, not percent-encoded as URIs are, with a parameter twice, or with parameters after a number sign.</summary>
    Malformed,

    /// <summary>Neither an account name nor an issuer, or one that cannot be shown.</summary>
    BadName,

    /// <summary>No secret, or one that is not Base32, or too long.</summary>
    BadSecret,

    /// <summary>A hash other than SHA-1, SHA-256 and SHA-512.</summary>
    UnknownAlgorithm,

    /// <summary>Fewer than six digits, or more than eight.</summary>
    BadDigits,

    /// <summary>A period out of <see cref="TotpKey.MinPeriod"/> to <see cref="TotpKey.MaxPeriod"/> seconds.</summary>
    BadPeriod,
}

/// <summary>
/// A <see cref="TotpKey"/> as QR codes carry it: <c>otpauth://totp/Issuer:account?secret=…&amp;issuer=…</c>.
/// <see href="https://github.com/google/google-authenticator/wiki/Key-Uri-Format"/>
/// </summary>
public static class TotpUri
{
    private const string Scheme = "otpauth://", ExportScheme = "otpauth-migration:", Totp = "totp", Hotp = "hotp";
    private const string SecretName = "secret", IssuerName = "issuer", AlgorithmName = "algorithm", DigitsName = "digits", PeriodName = "period";
    private const int MaxLength = 2048;
    private const int DefaultPeriod = 30;

    // Parameters that are met beside the format's own and change the codes: where one says anything, these are not the codes we make.
    private static readonly string[] OtherCodes = ["encoder", "t0", "epoch", "offset", "interval", "step", "timestep", "hash", "algo", "length"];

    // A page that escapes the text of its QR code as HTML writes one of these for each &, once or more often.
    private static readonly string[] Ampersands = ["&amp;", "&#38;", "&#038;", "&#x26;"];

    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>Whether a text means to be a key, a good one or not.</summary>
    public static bool Looks(string text) => text.TrimStart().StartsWith("otpauth", StringComparison.OrdinalIgnoreCase);

    /// <summary>Reads a URI.</summary>
    /// <param name="text">The URI; white space around it is nobody's.</param>
    /// <param name="key">The key.</param>
    /// <param name="problem">Why there is none; <see cref="TotpUriProblem.None"/> when there is.</param>
    public static bool TryParse(string text, [NotNullWhen(true)] out TotpKey? key, out TotpUriProblem problem)
    {
        (key, problem) = Parse(text.Trim());
        return key is not null;
    }

    /// <summary>
    /// Writes a URI that every app reads: the issuer in both places, and each parameter that is not the default. An issuer with a colon stands in the
    /// parameter alone, since the label's first colon ends its prefix; <see cref="TryParse"/> gives the same key again.
    /// </summary>
    public static string Encode(TotpKey key)
    {
        var uri = new StringBuilder(Scheme).Append(Totp).Append('/');
        var hasPrefix = key.Issuer.Length > 0 && !key.Issuer.Contains(':', StringComparison.Ordinal);
        if (hasPrefix) uri.Append(Uri.EscapeDataString(key.Issuer));
        if (hasPrefix || key.AccountName.Contains(':', StringComparison.Ordinal)) uri.Append(':');
        uri.Append(Uri.EscapeDataString(key.AccountName)).Append('?').Append(SecretName).Append('=').Append(Base32.Encode(key.Secret));
        if (key.Issuer.Length > 0) uri.Append('&').Append(IssuerName).Append('=').Append(Uri.EscapeDataString(key.Issuer));
        if (key.Algorithm != TotpAlgorithm.Sha1) uri.Append('&').Append(AlgorithmName).Append('=').Append(key.Algorithm == TotpAlgorithm.Sha256 ? "SHA256" : "SHA512");
        if (key.Digits != TotpKey.MinDigits) uri.Append(CultureInfo.InvariantCulture, $"&{DigitsName}={key.Digits}");
        if (key.Period != DefaultPeriod) uri.Append(CultureInfo.InvariantCulture, $"&{PeriodName}={key.Period}");
        return uri.ToString();
    }

    private static (TotpKey? Key, TotpUriProblem Problem) Parse(string text)
    {
        if (text.StartsWith(ExportScheme, StringComparison.OrdinalIgnoreCase)) return (null, TotpUriProblem.Export);
        if (!text.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase)) return (null, TotpUriProblem.NotOtpAuth);
        if (text.Length > MaxLength) return (null, TotpUriProblem.Malformed);

        foreach (var ampersand in Ampersands)
        {
            // The escape of an escape begins with an escape: &amp;amp;
            while (text.Contains(ampersand, StringComparison.OrdinalIgnoreCase)) text = text.Replace(ampersand, "&", StringComparison.OrdinalIgnoreCase);
        }

        // "otpauth://TYPE/LABEL?PARAMETERS"
        var fragment = text.IndexOf('#', StringComparison.Ordinal);
        // A name with a number sign that was not escaped would hide what follows it.
        if (fragment >= 0 && text.AsSpan(fragment).ContainsAny('=', '?')) return (null, TotpUriProblem.Malformed);
        var rest = text[Scheme.Length..(fragment < 0 ? text.Length : fragment)];
        var question = rest.IndexOf('?', StringComparison.Ordinal);
        var (path, query) = question < 0 ? (rest, "") : (rest[..question], rest[(question + 1)..]);
        var slash = path.IndexOf('/', StringComparison.Ordinal);
        var (type, rawLabel) = slash < 0 ? (path, "") : (path[..slash], path[(slash + 1)..]);
        if (type.Equals(Hotp, StringComparison.OrdinalIgnoreCase)) return (null, TotpUriProblem.CounterBased);
        if (!type.Equals(Totp, StringComparison.OrdinalIgnoreCase)) return (null, TotpUriProblem.UnknownType);

        var parameters = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (var pair in query.Split('&', StringSplitOptions.RemoveEmptyEntries))
        {
            var equals = pair.IndexOf('=', StringComparison.Ordinal);
            if (Unescape(equals < 0 ? pair : pair[..equals]) is not { } name || Unescape(equals < 0 ? "" : pair[(equals + 1)..]) is not { } value
                || !parameters.TryAdd(name.Trim(), value.Trim()))
            {
                return (null, TotpUriProblem.Malformed);
            }
        }

        if (OtherCodes.Any(name => parameters.TryGetValue(name, out var value) && value is not ("" or "0"))) return (null, TotpUriProblem.UnknownType);

        if (Unescape(rawLabel) is not { } label) return (null, TotpUriProblem.Malformed);
        var (prefix, accountName) = PartLabel(label, parameters.GetValueOrDefault(IssuerName, ""));
        // The two "should be equal"; where they are not, the parameter is the newer and stronger word.
        var issuer = parameters.GetValueOrDefault(IssuerName, "") is { Length: > 0 } said ? said : prefix;
        // Sites that know one account only leave its name out: it is called as they are.
        if (accountName.Length == 0) accountName = issuer;
        if (accountName.Length == 0 || !TotpKey.IsName(accountName) || !TotpKey.IsName(issuer)) return (null, TotpUriProblem.BadName);

        if (!parameters.TryGetValue(SecretName, out var written) || !Base32.TryDecode(written, out var secret) || !TotpKey.IsSecret(secret.Value)) return (null, TotpUriProblem.BadSecret);
        if (AlgorithmOf(parameters.GetValueOrDefault(AlgorithmName)) is not { } algorithm) return (null, TotpUriProblem.UnknownAlgorithm);
        if (!TryNumber(parameters.GetValueOrDefault(DigitsName), TotpKey.MinDigits, out var digits) || !TotpKey.IsDigits(digits)) return (null, TotpUriProblem.BadDigits);
        if (!TryNumber(parameters.GetValueOrDefault(PeriodName), DefaultPeriod, out var period) || !TotpKey.IsPeriod(period)) return (null, TotpUriProblem.BadPeriod);
        return (new(issuer, accountName, secret.Value) { Algorithm = algorithm, Digits = digits, Period = period }, TotpUriProblem.None);
    }

    // "label = accountname / issuer (":" / "%3A") *"%20" accountname". An issuer that has a colon itself is known by the parameter; else the first colon parts the two.
    private static (string Prefix, string AccountName) PartLabel(string label, string issuer)
    {
        label = label.Trim();
        if (issuer.Length > 0 && issuer[0] != ':' && label.StartsWith(issuer, StringComparison.OrdinalIgnoreCase)
            && label[issuer.Length..].TrimStart() is [':', .. var after])
        {
            return (issuer, after.Trim());
        }

        var colon = label.IndexOf(':', StringComparison.Ordinal);
        return (colon < 0 ? "" : label[..colon].Trim(), label[(colon + 1)..].Trim());
    }

    // "SHA1 (Default), SHA256, SHA512"; HmacSHA256, SHA-256 and sha_256 are met too.
    private static TotpAlgorithm? AlgorithmOf(string? name) =>
        name?.Replace("-", "", StringComparison.Ordinal).Replace("_", "", StringComparison.Ordinal).ToUpperInvariant() switch
    {
        null or "" or "SHA1" or "HMACSHA1" => TotpAlgorithm.Sha1,
        "SHA256" or "HMACSHA256" => TotpAlgorithm.Sha256,
        "SHA512" or "HMACSHA512" => TotpAlgorithm.Sha512,
        _ => null,
    };

    // Zero is how some say nothing.
    private static bool TryNumber(string? text, int byDefault, out int number)
    {
        number = byDefault;
        if (string.IsNullOrEmpty(text)) return true;
        if (!int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number)) return false;
        if (number == 0) number = byDefault;
        return true;
    }

    /// <summary>RFC 3986 §2.1, strictly: null for half an escape, or bytes that are not UTF-8. A plus is a plus.</summary>
    private static string? Unescape(string text)
    {
        if (!text.Contains('%', StringComparison.Ordinal)) return text;
        var bytes = new List<byte>(text.Length);
        Span<byte> utf8 = stackalloc byte[4];
        try
        {
            for (var i = 0; i < text.Length; i++)
            {
                if (text[i] != '%')
                {
                    if (!Rune.TryGetRuneAt(text, i, out var rune)) return null;
                    bytes.AddRange(utf8[..rune.EncodeToUtf8(utf8)]);
                    i += rune.Utf16SequenceLength - 1;
                }
                else if (i + 2 < text.Length && byte.TryParse(text.AsSpan(i + 1, 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var value))
                {
                    bytes.Add(value);
                    i += 2;
                }
                else
                {
                    return null;
                }
            }

            return StrictUtf8.GetString([.. bytes]);
        }
        catch (DecoderFallbackException)
        {
            return null;
        }
    }
}
