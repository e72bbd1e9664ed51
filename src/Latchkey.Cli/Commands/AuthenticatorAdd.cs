using System.CommandLine;
using Latchkey.Accounts;

namespace Latchkey.Cli.Commands;

/// <summary><c>latchkey authenticator add --server URL</c>: signs in through a browser anywhere, and makes a passkey here.</summary>
internal static class AuthenticatorAdd
{
    public static Command Create()
    {
        var server = ServerAddress.Option();
        var replace = new Option<bool>("--replace") { Description = "Replaces the passkey this vault already holds for the account, once the server has accepted the new one." };
        var code = new Option<string?>("--code") { Description = "The short code the portal shows, so that its page sees the passkey arrive.", HelpName = "XXXX-XXXX" };
        var vault = new VaultOptions();
        var command = new Command("add", "Signs in with a code in any browser, and makes a passkey in this vault.") { server, replace, code };
        vault.AddTo(command);
        command.SetAction((parsed, cancellationToken) => ServerAddress.Root(parsed.GetRequiredValue(server)) is { } address
            ? AuthenticatorVault.RunAsync(vault, parsed, create: true, opened => AddAsync(opened, address, parsed.GetValue(replace), parsed.GetValue(code), cancellationToken), cancellationToken)
            : ServerAddress.WrongAsync(parsed.GetRequiredValue(server)));
        return command;
    }

    private static async Task<int> AddAsync(AuthenticatorVault vault, Uri server, bool replace, string? code, CancellationToken cancellationToken)
    {
        vault.Gesture.Replace = replace;
        using var http = AuthenticatorVault.Connect(server);
        var account = await vault.Accounts.AddAsync(server, await DeviceSignIn.RunAsync(http, cancellationToken), cancellationToken);
        Console.WriteLine($"Signed in as {account.UserName} ({account.Organisation}).");
        if (vault.Store.Contents.Work.Exists(work => work.AccountId == account.Id))
        {
            // What was owed while the sign-in had ended comes first.
            if (await vault.Reconciliation.ReconcileAsync(account, cancellationToken) is { } kept) return await AuthenticatorVault.FailAsync($"The server has not been told everything yet: {AuthenticatorVault.Describe(kept)}");
            Console.WriteLine("The server has been told what was done here meanwhile. `latchkey authenticator list` shows where the passkeys stand.");
            return ExitCode.Done;
        }

        var outcome = await vault.Registration.RegisterAsync(account, replace, code, cancellationToken);
        switch (outcome)
        {
            case RegistrationOutcome.Registered registered:
                Console.WriteLine($"Passkey added: {registered.Method.DisplayName} ({registered.Method.Id}). It lives in this vault and nowhere else.");
                if (registered.Replaced is { } old) Console.WriteLine($"It replaces {old.DisplayName ?? old.Id.ToString()}, which is kept among the recently deleted for 30 days.");
                return ExitCode.Done;
            case RegistrationOutcome.AlreadyRegistered(var existing):
                return await AuthenticatorVault.FailAsync(
                    $"This vault already has a passkey for you: {existing.DisplayName ?? existing.Id.ToString()}, added {existing.CreatedAt.LocalDateTime:d MMMM yyyy}. Try it with `latchkey authenticator test`, or make a new one with --replace.");
            case RegistrationOutcome.Outstanding(_, var problem):
                return await AuthenticatorVault.FailAsync($"The passkey is made, but the server has not answered: {AuthenticatorVault.Describe(problem)} Any `latchkey authenticator` command asks again.");
            case RegistrationOutcome.Refused(var problem):
                return await AuthenticatorVault.FailAsync($"The server refused: {AuthenticatorVault.Describe(problem)}");
            default:
                return await AuthenticatorVault.FailAsync("No passkey was made.");
        }
    }
}
