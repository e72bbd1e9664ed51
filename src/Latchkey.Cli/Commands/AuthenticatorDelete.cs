using System.CommandLine;

namespace Latchkey.Cli.Commands;

/// <summary><c>latchkey authenticator delete</c>: deletes a passkey, on the server first, then here.</summary>
internal static class AuthenticatorDelete
{
    public static Command Create()
    {
        var which = new Argument<string>("PASSKEY") { Description = "The beginning of its ID, or the account's user name." };
        var vault = new VaultOptions();
        var command = new Command("delete", "Deletes a passkey, on the server first, then here.") { which };
        vault.AddTo(command);
        command.SetAction((parsed, cancellationToken) => AuthenticatorVault.RunAsync(vault, parsed, create: false, opened => DeleteAsync(opened, parsed.GetRequiredValue(which), cancellationToken), cancellationToken));
        return command;
    }

    private static async Task<int> DeleteAsync(AuthenticatorVault vault, string which, CancellationToken cancellationToken)
    {
        if (await vault.FindAsync(which) is not { } passkey) return ExitCode.Failed;
        if (passkey.AccountId is not { } accountId || vault.Accounts.Find(accountId) is not { } account)
        {
            await vault.Store.DeleteAsync(passkey.Id, cancellationToken);
            Console.WriteLine("Deleted here. Delete it where it belongs, too: this vault is not signed in there.");
            return ExitCode.Done;
        }

        if (await vault.Deletion.DeleteAsync(account, passkey, cancellationToken) is { } problem)
        {
            return await AuthenticatorVault.FailAsync($"The server has not deleted it yet: {AuthenticatorVault.Describe(problem)} Any `latchkey authenticator` command asks again; until then the passkey stays.");
        }

        Console.WriteLine($"Deleted on {account.Server} and here. It is kept among the recently deleted for 30 days.");
        return ExitCode.Done;
    }
}
