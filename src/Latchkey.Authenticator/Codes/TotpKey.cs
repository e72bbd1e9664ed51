using System.Diagnostics.CodeAnalysis;
using Latchkey.Protocol;
using OtpNet;

namespace Latchkey.Authenticator.Codes;

/// <summary>The hash under a code. <see href="https://www.rfc-editor.org/rfc/rfc6238#section-1.2"/></summary>
public enum TotpAlgorithm
{
    /// <summary>HMAC-SHA-1, the default nearly everywhere.</summary>
    Sha1,

    /// <summary>HMAC-SHA-256.</summary>
    Sha256,

    /// <summary>HMAC-SHA-512.</summary>
    Sha512,
}

/// <summary>A shared secret and how codes come out of it. <see href="https://www.rfc-editor.org/rfc/rfc6238"/></summary>
public sealed record TotpKey
{
    /// <summary>Digits of a code.</summary>
    public const int MinDigits = 6, MaxDigits = 8;

    /// <summary>Seconds a code is good for.</summary>
    public const int MinPeriod = 10, MaxPeriod = 600;

    /// <summary>Bytes of a secret.</summary>
    public const int MaxSecretLength = 128;

    /// <summary>Characters of an issuer or an account's name.</summary>
    public const int MaxNameLength = 120;

    /// <param name="issuer">Who asks for the code; empty when nobody said.</param>
    /// <param name="accountName">Whose it is.</param>
    /// <param name="secret">The shared secret.</param>
    public TotpKey(string issuer, string accountName, ByteString secret) => (Issuer, AccountName, Secret) = (issuer, accountName, secret);

    /// <summary>Who asks for the code; empty when nobody said.</summary>
    public string Issuer
    {
        get;
        init => field = IsName(value) ? value : throw new ArgumentException("An issuer is short and printable.", nameof(value));
    }

    /// <summary>Whose it is, as the issuer calls the account; not empty.</summary>
    public string AccountName
    {
        get;
        init => field = IsName(value) && value.Length > 0 ? value : throw new ArgumentException("An account has a name, short and printable.", nameof(value));
    }

    /// <summary>The shared secret, 1 to <see cref="MaxSecretLength"/> bytes.</summary>
    public ByteString Secret
    {
        get;
        init => field = IsSecret(value) ? value : throw new ArgumentException("A secret has 1 to 128 bytes.", nameof(value));
    }

    /// <summary>The hash.</summary>
    public TotpAlgorithm Algorithm
    {
        get;
        init => field = Enum.IsDefined(value) ? value : throw new ArgumentOutOfRangeException(nameof(value));
    }

    /// <summary>How many digits a code has.</summary>
    public int Digits
    {
        get;
        init => field = IsDigits(value) ? value : throw new ArgumentOutOfRangeException(nameof(value));
    } = MinDigits;

    /// <summary>How many seconds a code is good for.</summary>
    public int Period
    {
        get;
        init => field = IsPeriod(value) ? value : throw new ArgumentOutOfRangeException(nameof(value));
    } = 30;

    /// <summary>Whether a text can be an issuer, or an account's name when it is not empty.</summary>
    public static bool IsName(string text) => text.Length <= MaxNameLength && text.Trim() == text && !text.Any(char.IsControl) && text.IsWellFormed();

    /// <summary>Whether bytes can be a secret.</summary>
    public static bool IsSecret(ByteString bytes) => bytes.Length is >= 1 and <= MaxSecretLength;

    /// <summary>Whether codes can have so many digits.</summary>
    public static bool IsDigits(int digits) => digits is >= MinDigits and <= MaxDigits;

    /// <summary>Whether codes can be good for so many seconds.</summary>
    public static bool IsPeriod(int seconds) => seconds is >= MinPeriod and <= MaxPeriod;

    /// <summary>The code of a moment, with its leading zeros.</summary>
    public string CodeAt(DateTimeOffset time) => new Totp(Secret.ToArray(), Period, Algorithm switch
    {
        TotpAlgorithm.Sha256 => OtpHashMode.Sha256,
        TotpAlgorithm.Sha512 => OtpHashMode.Sha512,
        _ => OtpHashMode.Sha1,
    }, Digits).ComputeTotp(time.UtcDateTime);

    /// <summary>How long the code of a moment is good for still: more than nothing, at most a <see cref="Period"/>.</summary>
    public TimeSpan LeftAt(DateTimeOffset time)
    {
        var period = TimeSpan.FromSeconds(Period).Ticks;
        return new(period - (time - DateTimeOffset.UnixEpoch).Ticks % period);
    }

    /// <summary>Gives the very same codes, whatever it is called.</summary>
    public bool GivesSameCodes([NotNullWhen(true)] TotpKey? other) =>
        other is not null && (Secret, Algorithm, Digits, Period) == (other.Secret, other.Algorithm, other.Digits, other.Period);

    /// <summary>What may be printed: never the secret.</summary>
    public override string ToString() => Issuer.Length == 0 ? $"codes of {AccountName}" : $"codes of {AccountName} at {Issuer}";
}
