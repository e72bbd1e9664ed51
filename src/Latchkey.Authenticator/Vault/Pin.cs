using System.Text;

namespace Latchkey.Authenticator.Vault;

/// <summary>What is wrong with a PIN somebody wants to set.</summary>
public enum PinProblem
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>Fewer than <see cref="Pin.MinCharacters"/> characters.</summary>
    TooShort,

    /// <summary>More than <see cref="Pin.MaxBytes"/> bytes of UTF-8.</summary>
    TooLong,

    /// <summary>One that many people use, so that it is tried first: 123456, and what is like it.</summary>
    Common,

    /// <summary>The person's own name, or what the PIN is for.</summary>
    Name,
}

/// <summary>
/// The rules for PINs: letters and anything else are allowed; what counts are characters as a person counts them at least roughly
/// (Unicode code points in normal form C, as CTAP counts), and bytes for the upper end. What is guessed first is not taken
/// (<see cref="GuessableSecret"/>). A vault whose PIN was set under other rules opens with it.
/// <see href="https://fidoalliance.org/specs/fido-v2.2-ps-20250714/fido-client-to-authenticator-protocol-v2.2-ps-20250714.html#authnrClientPin-pin-composition"/>
/// </summary>
public static class Pin
{
    /// <summary>The fewest characters.</summary>
    public const int MinCharacters = 6;

    /// <summary>The most bytes, in UTF-8 of the normal form.</summary>
    public const int MaxBytes = 63;

    // What it is for is no secret either.
    private static readonly string[] Ours = ["latchkey", "authenticator", "passkey", "passkeys"];

    /// <summary>Judges a PIN before it is set.</summary>
    /// <param name="pin">The PIN.</param>
    /// <param name="names">The person's own names, where they are known: <see cref="VaultContents.OwnNames"/>.</param>
    public static PinProblem Judge(string pin, IEnumerable<string>? names = null)
    {
        if (!TryNormalize(pin, out var normal)) return PinProblem.TooShort;
        return Encoding.UTF8.GetByteCount(normal) > MaxBytes ? PinProblem.TooLong
            : normal.EnumerateRunes().Count() < MinCharacters ? PinProblem.TooShort
            : GuessableSecret.IsCommon(normal) ? PinProblem.Common
            : GuessableSecret.IsName(normal, [.. Ours, Environment.UserName, .. names ?? []]) ? PinProblem.Name
            : PinProblem.None;
    }

    /// <summary>The bytes a key is derived from: the same for every way to type the same PIN. The caller erases them.</summary>
    internal static byte[] ToBytes(string pin) => Encoding.UTF8.GetBytes(TryNormalize(pin, out var normal) ? normal : "");

    /// <exception cref="ArgumentException">The PIN breaks the rules; <see cref="Judge"/> says beforehand.</exception>
    internal static void ThrowIfBad(string pin, IEnumerable<string>? names = null)
    {
        if (Judge(pin, names) is var problem and not PinProblem.None) throw new ArgumentException($"The PIN is unfit: {problem}.", nameof(pin));
    }

    private static bool TryNormalize(string pin, out string normal)
    {
        try
        {
            normal = pin.Normalize(NormalizationForm.FormC);
            return true;
        }
        catch (ArgumentException)
        {
            // half a surrogate pair: no text at all
            normal = "";
            return false;
        }
    }
}
