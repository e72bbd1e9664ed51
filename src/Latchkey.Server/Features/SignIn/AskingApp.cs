using Microsoft.AspNetCore.WebUtilities;
using OpenIddict.Abstractions;

namespace Latchkey.Server.Features.SignIn;

/// <summary>What a sign-in is for, as people call it: the program that waits behind it, or My Security info.</summary>
internal sealed class AskingApp(IOpenIddictApplicationManager applications)
{
    public async Task<string> NameOfAsync(string returnUrl, CancellationToken cancellation)
    {
        var query = returnUrl.IndexOf('?', StringComparison.Ordinal) is >= 0 and var at ? QueryHelpers.ParseQuery(returnUrl[at..]) : [];
        return returnUrl.StartsWith("/connect/authorize", StringComparison.Ordinal)
            && query.TryGetValue("client_id", out var client) && client.ToString() is { Length: > 0 } id
            && await applications.FindByClientIdAsync(id, cancellation) is { } application
            && await applications.GetLocalizedDisplayNameAsync(application, cancellation) is { Length: > 0 } name
                ? name
                : returnUrl.StartsWith("/connect/verify", StringComparison.Ordinal) ? SignInTexts.AppOnAnotherDevice : SignInTexts.AppPortal;
    }
}
