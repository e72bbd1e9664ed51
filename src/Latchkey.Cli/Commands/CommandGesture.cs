using Latchkey.Authenticator;

namespace Latchkey.Cli.Commands;

/// <summary>The person said yes by giving the command and the PIN; there is no screen to choose on.</summary>
internal sealed class CommandGesture(string pin) : IAuthorizationGesture
{
    /// <summary>Set by <c>--replace</c>: the person agreed that an existing passkey is replaced.</summary>
    public bool Replace { get; set; }

    public bool CanChoose => false;

    public Task<AuthorizationAnswer> AskAsync(AuthorizationRequest request, CancellationToken cancellationToken) =>
        // A PIN that was right when the vault was opened is not guessed at again.
        Task.FromResult<AuthorizationAnswer>(request.Pin is { PreviousWasWrong: true }
            ? new AuthorizationAnswer.Declined()
            : new AuthorizationAnswer.Granted { Pin = request.Pin is null ? null : pin, Replace = Replace });
}
