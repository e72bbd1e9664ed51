using System.CommandLine;
using Latchkey.Accounts;
using Latchkey.Api;
using Latchkey.Protocol;

namespace Latchkey.Cli.Commands;

/// <summary><c>latchkey authenticator delete</c>: deletes a passkey, on the server first, then here.</summary>
internal static class AuthenticatorDelete
{
    public static Command Create()
    {
        var which = new Argument<string>("PASSKEY") { Description = "Its name, its ID or the beginning of that, or the account's user name." };
        var undo = new Option<bool>("--undo") { Description = "Keeps a passkey after all that the server has not been told to delete." };
        var (last, yes) = (LastWay.Option(), Sure.Option());
        var vault = new VaultOptions();
        var command = new Command("delete", "Deletes a passkey, on the server first, then here.") { which, undo, last, yes };
        vault.AddTo(command);
        command.SetAction((parsed, cancellationToken) => AuthenticatorVault.RunAsync(vault, parsed, create: false, opened => parsed.GetValue(undo)
            ? KeepAsync(opened, parsed.GetRequiredValue(which), cancellationToken)
            : DeleteAsync(opened, parsed.GetRequiredValue(which), parsed.GetValue(last), parsed.GetValue(yes), cancellationToken), cancellationToken));
        return command;
    }

    private static async Task<int> KeepAsync(AuthenticatorVault vault, string which, CancellationToken cancellationToken)
    {
        var passkey = vault.Find(which, isDeleting: true);
        await vault.Deletion.KeepAsync(passkey, cancellationToken);
        vault.Output.Json(new() { ["kept"] = passkey.Id.ToString() });
        vault.Output.Say("The passkey is kept.");
        return ExitCode.Done;
    }

    private static async Task<int> DeleteAsync(AuthenticatorVault vault, string which, bool evenIfLast, bool yes, CancellationToken cancellationToken)
    {
        var passkey = vault.Find(which);
        await Sure.DemandAsync(yes, $"Delete the passkey {ForeignText.FirstOf(passkey.DisplayName, passkey.Id.ToString()).Plain} of {ForeignText.Of(passkey.UserName).Plain} for {passkey.RpId}?", cancellationToken);
        if (passkey.AccountId is not { } accountId || vault.Accounts.Find(accountId) is not { } account)
        {
            await vault.Store.DeleteAsync(passkey.Id, cancellationToken);
            vault.Output.Json(new() { ["deleted"] = passkey.Id.ToString(), ["server"] = null });
            vault.Output.Say("Deleted here. Delete it where it belongs, too: this vault is not signed in there.");
            return ExitCode.Done;
        }

        var outcome = await vault.Deletion.DeleteAsync(account, passkey, cancellationToken, evenIfLast);
        if (outcome is DeletionOutcome.Refused { Problem.Code: LastMethod.Code } && await LastWay.IsMeantAsync($"your last way to sign in at {account.Server}", cancellationToken))
        {
            outcome = await vault.Deletion.DeleteAsync(account, passkey, cancellationToken, evenIfLast: true);
        }

        switch (outcome)
        {
            case DeletionOutcome.Refused { Problem.Code: LastMethod.Code }:
                return await CommandOutput.FailAsync(LastWay.NotDeleted);
            case DeletionOutcome.Pending(var problem):
                return await CommandOutput.FailAsync(
                    $"The server has not deleted it yet: {CommandOutput.Describe(problem)} {(AccountBook.IsSignInNeeded(problem) ? $"Sign in again with `latchkey authenticator add --server {account.Server}`, which sends it; any" : "Any")} `latchkey authenticator` command asks again. Until then the passkey is not offered; --undo keeps it after all.");
            case DeletionOutcome.Refused(var problem):
                return await CommandOutput.FailAsync($"The server did not delete it: {CommandOutput.Describe(problem)} It is still registered there, and still works here.");
        }

        vault.Output.Json(new() { ["deleted"] = passkey.Id.ToString(), ["server"] = account.Server.ToString() });
        vault.Output.Say($"Deleted on {account.Server} and here. It is kept among the recently deleted for 30 days.");
        return ExitCode.Done;
    }
}
