using System.Net;
using Latchkey.Protocol;

namespace Latchkey.Api;

/// <summary>The server's refusal, with the code its problem table gives it; or no answer at all.</summary>
public sealed class ApiException : Exception
{
    /// <summary>A refusal the server explained.</summary>
    /// <param name="status">The HTTP status.</param>
    /// <param name="code">The problem code, such as <c>passkey_already_registered</c>.</param>
    /// <param name="message">A sentence for a person.</param>
    public ApiException(HttpStatusCode status, string code, string message)
        : base(ForeignText.Of(message, ForeignText.Sentence).Plain)
    {
        Status = status;
        Code = code;
    }

    /// <summary>The server could not be reached, or broke off: nobody knows whether it acted.</summary>
    public ApiException(string message, Exception inner)
        : base(message, inner) => Code = Unreachable;

    /// <summary>The code of an exchange that got no answer.</summary>
    public const string Unreachable = "server_unreachable";

    /// <summary>The problem code.</summary>
    public string Code { get; }

    /// <summary>What to do about it, where the server says.</summary>
    public string? NextStep { get; init => field = value is null ? null : ForeignText.Of(value, ForeignText.Sentence).Plain; }

    /// <summary>The HTTP status; absent when there was no answer.</summary>
    public HttpStatusCode? Status { get; }

    /// <summary>
    /// True when nobody knows whether the server acted, or when the same request may succeed later: no answer, one that is not in the
    /// server's own words, a busy or a broken server. Everything else is final for these bytes.
    /// </summary>
    public bool IsTransient =>
        Status is not { } status
        || (int)status is < 400 or >= 500
        || status is HttpStatusCode.RequestTimeout or HttpStatusCode.TooManyRequests
        || Code.StartsWith("http_", StringComparison.Ordinal);
}
