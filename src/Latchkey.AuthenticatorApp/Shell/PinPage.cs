using System.Globalization;
using Latchkey.Authenticator;
using Latchkey.AuthenticatorApp.Device;

namespace Latchkey.AuthenticatorApp.Shell;

/// <summary>Which page asks, in words: where the name in the question does not already say it.</summary>
internal static class PinPage
{
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
