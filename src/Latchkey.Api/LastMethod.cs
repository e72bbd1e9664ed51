namespace Latchkey.Api;

/// <summary>
/// The warning before a person's last way to sign in goes. A program's deletion is refused with <see cref="Code"/> until the person has said that they
/// mean it; the administration's is refused only where it asks to be.
/// </summary>
public static class LastMethod
{
    /// <summary>The code of the refusal.</summary>
    public const string Code = "last_method";

    /// <summary>The header.</summary>
    public const string Header = "Latchkey-Last-Method";

    /// <summary>The person has been warned, and means it.</summary>
    public const string Confirmed = "confirmed";

    /// <summary>Refuse if it is the last one.</summary>
    public const string Ask = "ask";

    internal static HttpRequestMessage Says(this HttpRequestMessage request, string? word)
    {
        if (word is not null) request.Headers.Add(Header, word);
        return request;
    }
}
