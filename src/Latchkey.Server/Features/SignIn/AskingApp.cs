using Latchkey.Server.Shell;

namespace Latchkey.Server.Features.SignIn;

/// <summary>What a sign-in is for, as people call it: the program that waits behind it, or My Security info.</summary>
internal sealed class AskingApp(AskingProgram program)
{
    public async Task<string> NameOfAsync(string returnUrl, CancellationToken cancellation) =>
        await program.BehindAsync(returnUrl, cancellation)
        ?? (returnUrl.StartsWith("/connect/verify", StringComparison.Ordinal) ? SignInTexts.AppOnAnotherDevice : SignInTexts.AppPortal);
}
