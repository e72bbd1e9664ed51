using Latchkey.Server.Hosting;
using OpenIddict.Abstractions;

namespace Latchkey.Server.Shell;

/// <summary>The program whose authorization request waits at an address.</summary>
internal sealed class AskingProgram(IOpenIddictApplicationManager applications)
{
    /// <summary>Its name, as people know it; null when no program waits there.</summary>
    public async Task<string?> BehindAsync(string returnUrl, CancellationToken cancellation) =>
        AuthorizeFlow.ParametersAt(returnUrl)?.FirstOrDefault(parameter => parameter.Key == OpenIddictConstants.Parameters.ClientId).Value is { Length: > 0 } client
        && await applications.FindByClientIdAsync(client, cancellation) is { } application
        && await applications.GetLocalizedDisplayNameAsync(application, cancellation) is { Length: > 0 } name
            ? name
            : null;
}
