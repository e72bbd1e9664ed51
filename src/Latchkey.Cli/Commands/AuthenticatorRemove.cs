using System.CommandLine;

namespace Latchkey.Cli.Commands;

/// <summary><c>latchkey authenticator remove</c>: takes an account out of the vault, and ends its sign-in at the server.</summary>
internal static class AuthenticatorRemove
{
    public static Command Create()
    {
        var which = new Argument<string>("ACCOUNT") { Description = "The account's user name, or its server." };
        var (vault, yes) = (new VaultOptions(), Sure.Option());
        var command = new Command("remove", "Removes an account: its sign-in ends at the server. Its passkeys stay, here and there.") { which, yes };
        vault.AddTo(command);
        command.SetAction((parsed, cancellationToken) => AuthenticatorVault.RunAsync(
            vault, parsed, create: false, opened => RemoveAsync(opened, parsed.GetRequiredValue(which), parsed.GetValue(yes), cancellationToken), cancellationToken));
        return command;
    }

    private static async Task<int> RemoveAsync(AuthenticatorVault vault, string which, bool yes, CancellationToken cancellationToken)
    {
        var found = vault.Accounts.All.Where(account => string.Equals(account.UserName, which, StringComparison.OrdinalIgnoreCase)
            || string.Equals(account.Server.Authority, which, StringComparison.OrdinalIgnoreCase)
            || (Uri.TryCreate(which, UriKind.Absolute, out var server) && server == account.Server)).ToList();
        if (found is not [var account])
        {
            return await CommandOutput.FailAsync(found.Count == 0
                ? $"No account in this vault is meant by {which}. `latchkey authenticator list` shows them."
                : "Several accounts are meant. Name one by its user name.");
        }

        await Sure.DemandAsync(yes, $"Remove {account}, and sign it out there?", cancellationToken);
        var left = await vault.Accounts.RemoveAsync(account.Id, cancellationToken);
        vault.Output.Json(new() { ["removed"] = account.UserName, ["server"] = account.Server.ToString(), ["signedOut"] = left is null });
        vault.Output.Say(left is null
            ? $"{account} was removed, and is signed out there."
            : $"{account} was removed. {(left.IsTransient ? "The server could not be told yet; any `latchkey authenticator` command tells it." : $"The server may still list this device; delete it in My Security info. {CommandOutput.Describe(left)}")}");
        return ExitCode.Done;
    }
}
