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

    /// <summary>A type other than <c>totp</c> and <c>hotp</c>.</summary>
    UnknownType,

    /// <summary>Longer than any key is, not percent-encoded as URIs are, or with a parameter twice.</summary>
    Malformed,

    /// <summary>No account name, or one that cannot be shown.</summary>
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

    /// <summary>Writes a URI that every app reads: the issuer in both places, and each parameter that is not the default.</summary>
    public static string Encode(TotpKey key)
    {
        var uri = new StringBuilder(Scheme).Append(Totp).Append('/');
        if (key.Issuer.Length > 0) uri.Append(Uri.EscapeDataString(key.Issuer)).Append(':');
        uri.Append(Uri.EscapeDataString(key.AccountName)).Append('?').Append(SecretName).Append('=').Append(Base32.Encode(key.Secret));
        if (key.Issuer.Length > 0) uri.Append('&').Append(IssuerName).Append('=').Append(Uri.EscapeDataString(key.Issuer));
        if (key.Algorithm != TotpAlgorithm.Sha1) uri.Append('&').Append(AlgorithmName).Append('=').Append(key.Algorithm == TotpAlgorithm.Sha256 ? "SHA256" : "SHA512");
        if (key.Digits != TotpKey.MinDigits) uri.Append(CultureInfo.InvariantCulture, $"&{DigitsName}={key.Digits}");
        if (key.Period != 30) uri.Append(CultureInfo.InvariantCulture, $"&{PeriodName}={key.Period}");
        return uri.ToString();
    }

    private static (TotpKey? Key, TotpUriProblem Problem) Parse(string text)
    {
        if (text.StartsWith(ExportScheme, StringComparison.OrdinalIgnoreCase)) return (null, TotpUriProblem.Export);
        if (!text.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase)) return (null, TotpUriProblem.NotOtpAuth);
        if (text.Length > MaxLength) return (null, TotpUriProblem.Malformed);

        // "otpauth://TYPE/LABEL?PARAMETERS"
        var fragment = text.IndexOf('#', StringComparison.Ordinal);
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
                || !parameters.TryAdd(name, value))
            {
                return (null, TotpUriProblem.Malformed);
            }
        }

        // "label = accountname / issuer (":" / "%3A") *"%20" accountname"; the first colon parts the two.
        if (Unescape(rawLabel) is not { } label) return (null, TotpUriProblem.Malformed);
        var colon = label.IndexOf(':', StringComparison.Ordinal);
        var prefix = colon < 0 ? "" : label[..colon].Trim();
        var accountName = label[(colon + 1)..].Trim();
        // The two "should be equal"; where they are not, the parameter is the newer and stronger word.
        var issuer = parameters.TryGetValue(IssuerName, out var said) && said.Trim() is { Length: > 0 } trimmed ? trimmed : prefix;
        if (accountName.Length == 0 || !TotpKey.IsName(accountName) || !TotpKey.IsName(issuer)) return (null, TotpUriProblem.BadName);

        if (!parameters.TryGetValue(SecretName, out var written) || !Base32.TryDecode(written, out var secret) || !TotpKey.IsSecret(secret.Value)) return (null, TotpUriProblem.BadSecret);
        if (AlgorithmOf(parameters.GetValueOrDefault(AlgorithmName)) is not { } algorithm) return (null, TotpUriProblem.UnknownAlgorithm);
        if (!TryNumber(parameters.GetValueOrDefault(DigitsName), TotpKey.MinDigits, out var digits) || !TotpKey.IsDigits(digits)) return (null, TotpUriProblem.BadDigits);
        if (!TryNumber(parameters.GetValueOrDefault(PeriodName), 30, out var period) || !TotpKey.IsPeriod(period)) return (null, TotpUriProblem.BadPeriod);
        return (new(issuer, accountName, secret.Value) { Algorithm = algorithm, Digits = digits, Period = period }, TotpUriProblem.None);
    }

    // "SHA1 (Default), SHA256, SHA512"; HmacSHA256 and SHA-256 are met too.
    private static TotpAlgorithm? AlgorithmOf(string? name) => name?.Replace("-", "", StringComparison.Ordinal).ToUpperInvariant() switch
    {
        null or "" or "SHA1" or "HMACSHA1" => TotpAlgorithm.Sha1,
        "SHA256" or "HMACSHA256" => TotpAlgorithm.Sha256,
        "SHA512" or "HMACSHA512" => TotpAlgorithm.Sha512,
        _ => null,
    };

    private static bool TryNumber(string? text, int byDefault, out int number)
    {
        number = byDefault;
        return string.IsNullOrEmpty(text) || int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number);
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
