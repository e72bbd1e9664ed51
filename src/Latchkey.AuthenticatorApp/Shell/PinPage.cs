using System.Globalization;
using Latchkey.Authenticator;
using Latchkey.AuthenticatorApp.Device;
using Latchkey.Protocol;

namespace Latchkey.AuthenticatorApp.Shell;

/// <summary>Which page asks, in words: where the name in the question does not already say it.</summary>
internal static class PinPage
{
    // As long as a name in the domain name system may be: the one thing a person should read to its end.
    private const int MaxRpId = 253;

    /// <summary>Whose account it is and at which relying party: a name that is not given leaves no mark, and an endless one its end.</summary>
    public static string Who(string? userName, string rpId) => ForeignText.Of(userName) is { IsBlank: false } name ? $"{name} · {ForeignText.Of(rpId, MaxRpId)}" : ForeignText.Of(rpId, MaxRpId).ToString();

    /// <summary>Null when there is nothing to add: no page asks, or it is the very site of the question, on its own.</summary>
    public static string? WordsOf(PinQuestion question)
    {
        if (question.Page is not { } page)
        {
            return null;
        }

        var rpId = question.Request switch
        {
            AuthorizationRequest.CreatePasskey create => create.Rp.Id,
            AuthorizationRequest.UsePasskey use => use.RpId,
            _ => null,
        };
        return page.TopOrigin is { } around ? string.Format(CultureInfo.CurrentCulture, ShellTexts.AskedByWithin, page.Origin, around)
            : page.Origin.Host != rpId ? string.Format(CultureInfo.CurrentCulture, ShellTexts.AskedBy, page.Origin)
            : null;
    }
}
