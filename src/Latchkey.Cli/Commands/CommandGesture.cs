using Latchkey.Authenticator;
using Latchkey.Protocol;

namespace Latchkey.Cli.Commands;

/// <summary>The person said yes by giving the command and the PIN; there is no screen to choose on.</summary>
internal sealed class CommandGesture(string pin) : IAuthorizationGesture
{
    /// <summary>Set by <c>--replace</c>: the person agreed that an existing passkey is replaced.</summary>
    public bool Replace { get; set; }

    /// <summary>Whether the person is asked on the terminal; when there is none, that is a no.</summary>
    public bool AsksFirst { get; set; }

    /// <summary>Whether a yes replaces the passkey the vault holds for that account, as CTAP has it (§6.1.2, step 17), where the page does not exclude it.</summary>
    public bool YesReplaces { get; set; }

    public bool CanChoose => false;

    public Task<AuthorizationAnswer> AskAsync(AuthorizationRequest request, CancellationToken cancellationToken)
    {
        if (request is AuthorizationRequest.CreatePasskey { Excluded: true } excluded)
        {
            var held = excluded.Existing is { } existing ? $": {ForeignText.FirstOf(existing.DisplayName, existing.Id.ToString()).Plain}, added {existing.CreatedAt.LocalDateTime:d MMMM yyyy}" : "";
            Console.Error.WriteLine(
                $"No passkey is made, and none is replaced: this vault already holds one for {ForeignText.FirstOf(excluded.User.DisplayName, excluded.User.Name, excluded.Rp.Id).Plain} at {excluded.Rp.Id}{held}, and the page wants no other one beside it. Sign in with it, or delete it first, there and with `latchkey authenticator delete`.");
        }

        // A PIN that was right when the vault was opened is not guessed at again.
        return Task.FromResult<AuthorizationAnswer>(request.Pin is { PreviousWasWrong: true } || (AsksFirst && !SaysYes(request))
            ? new AuthorizationAnswer.Declined()
            : new AuthorizationAnswer.Granted { Pin = request.Pin is null ? null : pin, Replace = Replace || (YesReplaces && request is AuthorizationRequest.CreatePasskey { Existing: not null, Excluded: false }) });
    }

    private bool SaysYes(AuthorizationRequest request)
    {
        Console.Error.Write(request switch
        {
            AuthorizationRequest.CreatePasskey { Existing: { } held, Excluded: false } create when YesReplaces =>
                $"This vault holds a passkey for {ForeignText.FirstOf(create.User.DisplayName, create.User.Name, create.Rp.Id).Plain} at {create.Rp.Id}: {ForeignText.FirstOf(held.DisplayName, held.Id.ToString()).Plain}. Replace it, once the new one is in use? [y/N] ",
            AuthorizationRequest.CreatePasskey create => $"Save a passkey for {ForeignText.FirstOf(create.User.DisplayName, create.User.Name, create.Rp.Id).Plain} at {ForeignText.FirstOf(create.Rp.Name, create.Rp.Id).Plain} ({create.Rp.Id})? [y/N] ",
            AuthorizationRequest.UsePasskey { Accounts: [var first, ..] } use => $"Sign in as {ForeignText.FirstOf(first.UserDisplayName, first.UserName, use.RpId).Plain} at {ForeignText.FirstOf(first.RpName, use.RpId).Plain} ({use.RpId})? [y/N] ",
            AuthorizationRequest.ApproveSignIn approve => $"Approve the sign-in of {ForeignText.Of(approve.UserName).Plain} to {ForeignText.Of(approve.App).Plain} ({ForeignText.Of(approve.Organisation).Plain})? [y/N] ",
            AuthorizationRequest.UsePasskey use => $"There is no passkey for {use.RpId} here. Say so? [y/N] ",
            _ => "Use this Authenticator? [y/N] ",
        });
        var answer = Console.ReadLine();
        return answer?.Trim() is "y" or "Y" or "yes";
    }
}
