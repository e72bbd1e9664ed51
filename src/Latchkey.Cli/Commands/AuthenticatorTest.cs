using System.CommandLine;
using Latchkey.Accounts;
using Latchkey.Client;
using Latchkey.Protocol;

namespace Latchkey.Cli.Commands;

/// <summary><c>latchkey authenticator test</c>: a real authentication ceremony with one passkey, which opens no session.</summary>
internal static class AuthenticatorTest
{
    public static Command Create()
    {
        var which = new Argument<string?>("PASSKEY") { Description = "The beginning of its ID, or the account's user name; not needed when there is only one.", Arity = ArgumentArity.ZeroOrOne };
        var vault = new VaultOptions();
        var command = new Command("test", "Runs a sign-in with a passkey that opens no session: does it still work?") { which };
        vault.AddTo(command);
        command.SetAction((parsed, cancellationToken) => AuthenticatorVault.RunAsync(vault, parsed, create: false, opened => TestAsync(opened, parsed.GetValue(which), cancellationToken), cancellationToken));
        return command;
    }

    private static async Task<int> TestAsync(AuthenticatorVault vault, string? which, CancellationToken cancellationToken)
    {
        var passkey = vault.Find(which);
        if (passkey.AccountId is not { } accountId || vault.Accounts.Find(accountId) is not { } account)
        {
            return await CommandOutput.FailAsync("This vault is not signed in where the passkey belongs, so there is nobody to test it with.");
        }

        try
        {
            var result = await new PasskeyTest(vault.Keys, vault.Accounts, TimeProvider.System).TestAsync(account, passkey, cancellationToken);
            vault.Output.Json(new() { ["works"] = true, ["id"] = passkey.Id.ToString(), ["userName"] = account.UserName, ["server"] = account.Server.ToString() });
            vault.Output.Say($"It works: {ForeignText.Of(result.DisplayName).Plain} signs in {ForeignText.Of(account.UserName).Plain} at {account.Server}.");
            return ExitCode.Done;
        }
        catch (WebAuthnClientException e)
        {
            return await CommandOutput.FailAsync($"It does not work: {e.Message} ({e.Name})");
        }
    }
}
