using Latchkey.Api;
using Latchkey.Api.Approvals;
using Latchkey.Authenticator;
using Latchkey.Authenticator.Vault;

namespace Latchkey.Accounts;

/// <summary>What came of an answer; one of the types below.</summary>
public abstract record ApprovalOutcome
{
    private ApprovalOutcome()
    {
    }

    /// <summary>The sign-in goes on.</summary>
    public sealed record Approved : ApprovalOutcome;

    /// <summary>The sign-in is over, and the server keeps quiet for a while.</summary>
    public sealed record Denied : ApprovalOutcome;

    /// <summary>The person gave no PIN; nothing was sent.</summary>
    public sealed record Declined : ApprovalOutcome;

    /// <summary>Too many wrong PINs; nothing was sent.</summary>
    /// <param name="UntilRestart">A restart helps; else nothing does.</param>
    public sealed record PinBlocked(bool UntilRestart) : ApprovalOutcome;

    /// <summary>The server refused the answer, or did not take it.</summary>
    /// <param name="Problem">Its words.</param>
    public sealed record Refused(ApiException Problem) : ApprovalOutcome;
}

/// <summary>
/// Sees which sign-ins wait for this device, and answers them: a yes with the typed number, after the PIN was checked here, signed by the device's
/// key. A wrong PIN sends nothing.
/// </summary>
/// <param name="pins">Checks the PIN.</param>
/// <param name="gesture">Asks for it.</param>
/// <param name="accounts">The accounts and their devices.</param>
public sealed class ApprovalAnswering(IPinVerifier pins, IAuthorizationGesture gesture, AccountBook accounts)
{
    /// <summary>What waits; nothing when this device is not registered for the account.</summary>
    /// <exception cref="ApiException">A refusal, or no answer.</exception>
    public async Task<IReadOnlyList<PendingApproval>> ListAsync(VaultAccount account, CancellationToken cancellationToken)
    {
        if (accounts.Find(account.Id)?.Device?.Id is not { } device)
        {
            return [];
        }

        using var http = await accounts.ConnectAsync(account, cancellationToken);
        return await new ApprovalsClient(http).ListAsync(device, cancellationToken);
    }

    /// <summary>
    /// Approves a request, once the PIN was right; giving up takes the question away, and an answer that was sent is waited for. The PIN is asked
    /// for with that request in front of the person, after its number was typed, and goes no further than this answer; what waits is not even known
    /// before the vault is open, so no PIN given earlier can count.
    /// </summary>
    public async Task<ApprovalOutcome> ApproveAsync(VaultAccount account, PendingApproval approval, string number, CancellationToken cancellationToken)
    {
        for (var wrong = false; ; wrong = true)
        {
            var question = new AuthorizationRequest.ApproveSignIn(approval.App, account.UserName, account.Organisation) { Pin = new(pins.PinAttemptsLeft, wrong) };
            if (await gesture.AskAsync(question, cancellationToken) is not AuthorizationAnswer.Granted granted)
            {
                return new ApprovalOutcome.Declined();
            }

            PinCheck check;
            try
            {
                check = await pins.CheckPinAsync(granted.Pin ?? "", cancellationToken);
            }
            catch (VaultException e)
            {
                return new ApprovalOutcome.Refused(new(e.Message, e));
            }

            switch (check)
            {
                case PinCheck.Right: return await SendAsync(account, approval, ApprovalDecisions.Approve, number, new ApprovalOutcome.Approved(), CancellationToken.None);
                case PinCheck.Wrong: continue;
                case PinCheck.BlockedUntilRestart: return new ApprovalOutcome.PinBlocked(UntilRestart: true);
                default: return new ApprovalOutcome.PinBlocked(UntilRestart: false);
            }
        }
    }

    /// <summary>"It wasn't me": at once, without a PIN.</summary>
    public Task<ApprovalOutcome> DenyAsync(VaultAccount account, PendingApproval approval, CancellationToken cancellationToken) =>
        SendAsync(account, approval, ApprovalDecisions.Deny, number: null, new ApprovalOutcome.Denied(), cancellationToken);

    private async Task<ApprovalOutcome> SendAsync(
        VaultAccount account, PendingApproval approval, string decision, string? number, ApprovalOutcome done, CancellationToken cancellationToken)
    {
        if (accounts.Find(account.Id)?.Device is not { Id: { } id } device)
        {
            return new ApprovalOutcome.Refused(new(System.Net.HttpStatusCode.NotFound, AuthenticatorMethodsClient.NotFound, "This device is not registered."));
        }

        try
        {
            using var http = await accounts.ConnectAsync(account, cancellationToken);
            var statement = DeviceStatement.Answer(account.Server, account.Subject, approval.Id, id, decision, number);
            await new ApprovalsClient(http).AnswerAsync(approval.Id, new(id, decision, number, device.Sign(statement).ToBase64Url()), cancellationToken);
            return done;
        }
        catch (ApiException e)
        {
            return new ApprovalOutcome.Refused(e);
        }
    }
}
