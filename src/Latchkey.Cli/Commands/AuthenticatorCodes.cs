using System.CommandLine;
using Latchkey.Authenticator.Vault;

namespace Latchkey.Cli.Commands;

/// <summary><c>latchkey authenticator codes</c>: the codes of this vault, as they are now.</summary>
internal static class AuthenticatorCodes
{
    public static Command Create()
    {
        var vault = new VaultOptions();
        var command = new Command("codes", "Shows the codes of this vault, as they are now.");
        vault.AddTo(command);
        command.SetAction((parsed, cancellationToken) => AuthenticatorVault.RunAsync(vault, parsed, create: false, opened => Task.FromResult(Show(opened.Store.Contents)), cancellationToken));
        return command;
    }

    private static int Show(VaultContents contents)
    {
        var now = TimeProvider.System.GetUtcNow();
        if (contents.Codes.Count == 0) Console.WriteLine("This vault shows no codes yet.");
        foreach (var code in contents.Codes)
        {
            Console.WriteLine($"{code.Key.CodeAt(now)}  {code.Key.Issuer} {code.Key.AccountName}  ({code.Key.LeftAt(now).TotalSeconds:0} s)");
        }

        return ExitCode.Done;
    }
}
