using System.Collections.Immutable;
using Latchkey.Accounts;
using Latchkey.Api;
using Latchkey.Api.Approvals;
using Latchkey.Authenticator.Vault;
using Latchkey.AuthenticatorApp.Device;

namespace Latchkey.AuthenticatorApp.Features.Approvals;

/// <summary>A sign-in that waits for this person.</summary>
/// <param name="Account">Whose.</param>
/// <param name="Request">What the server says of it.</param>
/// <param name="Since">When the server said so, by this device's stopwatch.</param>
public sealed record WaitingApproval(VaultAccount Account, PendingApproval Request, long Since)
{
    /// <summary>For how long it still waits: the server's seconds, less those that went by since; no clock is compared with another.</summary>
    public int SecondsLeft(TimeProvider time) => (int)Math.Ceiling(Request.SecondsLeft - time.GetElapsedTime(Since).TotalSeconds);
}

/// <summary>What waits in all accounts, and what became of the last answer. Knows no user interface.</summary>
internal sealed class WaitingApprovals(VaultSession session, TimeProvider time)
{
    private readonly Lock _gate = new();
    private ImmutableList<WaitingApproval> _waiting = [];
    private string? _answering;

    /// <summary>Something to show, or to take away.</summary>
    public event Action? Changed;

    /// <summary>The request to show: the oldest that waits still. None while an answer is on its way.</summary>
    public WaitingApproval? Current => session.Open is null || _answering is not null ? null : _waiting.Find(waiting => waiting.SecondsLeft(time) > 0);

    /// <summary>The code of an answer that was not sent, because the vault was locked before it could be.</summary>
    public const string Locked = "locked_meanwhile";

    /// <summary>What became of the last answer, until it is read.</summary>
    public ApprovalOutcome? Outcome { get; private set; }

    /// <summary>Whether the one that was answered last came by a name alone, without a password.</summary>
    public bool CameByName { get; private set; }

    /// <summary>Asks an account's server what waits. An account that can't be asked keeps what it had, until its time is over.</summary>
    public async Task RefreshAsync(VaultAccount account, CancellationToken cancellationToken)
    {
        if (session.Open is not { } vault)
        {
            return;
        }

        try
        {
            var pending = await vault.Approvals.ListAsync(account, cancellationToken);
            var now = time.GetTimestamp();
            lock (_gate)
            {
                var before = _waiting;
                // One that is known keeps its place, so that what the person is typing into does not begin anew.
                _waiting = [.. before.Where(waiting => waiting.Account.Id != account.Id), .. pending.Select(request =>
                    before.Find(waiting => waiting.Request.Id == request.Id) ?? new WaitingApproval(account, request, now))];
            }
        }
        catch (Exception e) when (e is ApiException or ObjectDisposedException or OperationCanceledException)
        {
            // Not reached, signed out, locked meanwhile, or the program stops: asked again.
        }

        Changed?.Invoke();
    }

    /// <summary>The person typed a number; the PIN window comes next.</summary>
    public Task ApproveAsync(WaitingApproval waiting, string number) =>
        AnswerAsync(waiting, (vault, cancellation) => vault.Approvals.ApproveAsync(waiting.Account, waiting.Request, number.Trim(), cancellation));

    /// <summary>It wasn't me.</summary>
    public Task DenyAsync(WaitingApproval waiting)
    {
        CameByName = waiting.Request.Kind == ApprovalKinds.PhoneSignIn;
        return AnswerAsync(waiting, (vault, cancellation) => vault.Approvals.DenyAsync(waiting.Account, waiting.Request, cancellation));
    }

    /// <summary>The outcome was read.</summary>
    public void Read()
    {
        Outcome = null;
        Changed?.Invoke();
    }

    private async Task AnswerAsync(WaitingApproval waiting, Func<OpenVault, CancellationToken, Task<ApprovalOutcome>> answer)
    {
        if (session.Open is not { } vault)
        {
            return;
        }

        _answering = waiting.Request.Id;
        Changed?.Invoke();
        try
        {
            // The PIN window goes when the request's time is over: a PIN typed after it would be for nothing.
            using var over = new CancellationTokenSource(TimeSpan.FromSeconds(Math.Max(1, waiting.SecondsLeft(time) + 1)), time);
            var outcome = await answer(vault, over.Token);
            // No PIN given: the request is still there, until it is answered or over.
            Outcome = outcome is ApprovalOutcome.Declined ? null : outcome;
            if (outcome is not ApprovalOutcome.Declined)
            {
                lock (_gate) _waiting = _waiting.RemoveAll(known => known.Request.Id == waiting.Request.Id);
            }
        }
        catch (OperationCanceledException)
        {
            Outcome = new ApprovalOutcome.Refused(new(System.Net.HttpStatusCode.Conflict, ApprovalsClient.Over, ApprovalsTexts.TooLate));
        }
        catch (ObjectDisposedException)
        {
            // Locked meanwhile, after the person had answered: nothing was sent.
            Outcome = new ApprovalOutcome.Refused(new(System.Net.HttpStatusCode.Conflict, Locked, ApprovalsTexts.LockedMeanwhile));
        }
        finally
        {
            _answering = null;
            Changed?.Invoke();
        }
    }
}
