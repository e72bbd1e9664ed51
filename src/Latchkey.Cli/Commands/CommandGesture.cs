using Latchkey.Authenticator;

namespace Latchkey.Cli.Commands;

/// <summary>The person said yes by giving the command and the PIN; there is no screen to choose on.</summary>
internal sealed class CommandGesture(string pin) : IAuthorizationGesture
{
    /// <summary>Set by <c>--replace</c>: the person agreed that an existing passkey is replaced.</summary>
    public bool Replace { get; set; }

    /// <summary>Whether the person is asked on the terminal; when there is none, that is a no.</summary>
    public bool AsksFirst { get; set; }

    public bool CanChoose => false;

    public Task<AuthorizationAnswer> AskAsync(AuthorizationRequest request, CancellationToken cancellationToken) =>
        // A PIN that was right when the vault was opened is not guessed at again.
        Task.FromResult<AuthorizationAnswer>(request.Pin is { PreviousWasWrong: true } || (AsksFirst && !SaysYes(request))
            ? new AuthorizationAnswer.Declined()
            : new AuthorizationAnswer.Granted { Pin = request.Pin is null ? null : pin, Replace = Replace });

    private static bool SaysYes(AuthorizationRequest request)
    {
        Console.Error.Write(request switch
        {
            AuthorizationRequest.CreatePasskey create => $"Save a passkey for {create.User.DisplayName ?? create.User.Name} at {create.Rp.Name ?? create.Rp.Id} ({create.Rp.Id})? [y/N] ",
            AuthorizationRequest.UsePasskey { Accounts: [var first, ..] } use => $"Sign in as {first.UserDisplayName ?? first.UserName} at {first.RpName ?? use.RpId} ({use.RpId})? [y/N] ",
            AuthorizationRequest.ApproveSignIn approve => $"Approve the sign-in of {approve.UserName} to {approve.App} ({approve.Organisation})? [y/N] ",
            AuthorizationRequest.UsePasskey use => $"There is no passkey for {use.RpId} here. Say so? [y/N] ",
            _ => "Use this Authenticator? [y/N] ",
        });
        var answer = Console.ReadLine();
        return answer?.Trim() is "y" or "Y" or "yes";
    }
}
