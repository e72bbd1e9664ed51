using System.Globalization;

namespace Latchkey.Api.Approvals;

/// <summary>The number of two digits on a sign-in page, as a person types it.</summary>
public static class ApprovalNumber
{
    /// <summary>How many digits it has.</summary>
    public const int Length = 2;

    /// <summary>Reads what was typed, in the digits of any script; white space around it is nobody's.</summary>
    /// <returns>Two ASCII digits; null when it is no such number.</returns>
    public static string? Read(string typed)
    {
        var digits = typed.Trim().Select(CharUnicodeInfo.GetDecimalDigitValue).ToList();
        return digits.Count == Length && digits.TrueForAll(digit => digit >= 0) ? string.Concat(digits) : null;
    }
}
