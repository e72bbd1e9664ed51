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
        command.SetAction((parsed, cancellationToken) => AuthenticatorVault.RunAsync(vault, parsed, create: false, opened => Task.FromResult(Show(opened.Output, opened.Store.Contents)), cancellationToken));
        return command;
    }

    private static int Show(CommandOutput output, VaultContents contents)
    {
        var now = TimeProvider.System.GetUtcNow();
        foreach (var code in contents.Codes)
        {
            output.Json(new()
            {
                ["code"] = code.Key.CodeAt(now), ["issuer"] = code.Key.Issuer, ["account"] = code.Key.AccountName, ["secondsLeft"] = Math.Ceiling(code.Key.LeftAt(now).TotalSeconds),
            });
        }

        if (output.IsJson) return ExitCode.Done;
        if (contents.Codes.Count == 0) Console.WriteLine("This vault shows no codes yet.");
        else
        {
            TextTable.Write(Console.Out, ["Code", "Issuer", "Account", "Seconds left"], [.. contents.Codes.Select(code =>
                new[] { code.Key.CodeAt(now), code.Key.Issuer ?? "", code.Key.AccountName, $"{code.Key.LeftAt(now).TotalSeconds:0}" })]);
        }

        return ExitCode.Done;
    }
}
