using System.CommandLine;
using Latchkey.Authenticator.Vault;

namespace Latchkey.Cli.Commands;

/// <summary>The options every <c>latchkey authenticator</c> command has.</summary>
internal sealed class VaultOptions
{
    private const string Variable = "LATCHKEY_VAULT";

    public Option<string?> Vault { get; } = new("--vault")
    {
        Description = $"The vault's directory. Default: ${Variable}, else latchkey/vault among this person's application data.",
        HelpName = "DIR",
    };

    public Option<FileInfo?> PinFile { get; } = new("--pin-file")
    {
        Description = "A file whose first line is the vault's PIN. Default: asked for, or the first line of standard input.",
        HelpName = "FILE",
    };

    public Option<bool> Json { get; } = CommandOutput.Option();

    public void AddTo(Command command)
    {
        command.Options.Add(Json);
        command.Options.Add(Vault);
        command.Options.Add(PinFile);
    }

    public string Directory(ParseResult parsed) =>
        parsed.GetValue(Vault) ?? Environment.GetEnvironmentVariable(Variable) ?? Path.Combine(
            Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.DoNotVerify), "latchkey", "vault");
}

/// <summary>Gets the PIN: from a file, from the keyboard without showing it, or from the first line of a pipe.</summary>
internal static class PinInput
{
    /// <summary>The PIN; null, said on standard error, when a new one breaks the rules or was not typed the same way twice.</summary>
    public static async Task<string?> ReadAsync(FileInfo? file, bool isNew, CancellationToken cancellationToken)
    {
        var pin = file is not null ? await FirstLineAsync(file.OpenText(), cancellationToken)
            : Console.IsInputRedirected ? await FirstLineAsync(Console.In, cancellationToken)
            : Ask(isNew ? "Set a PIN for the new vault: " : "PIN: ");
        if (!isNew) return pin;
        if (Pin.Judge(pin) is var problem and not PinProblem.None)
        {
            await Console.Error.WriteLineAsync(problem switch
            {
                PinProblem.Common => "Many people use that PIN, so it is guessed first. Choose one that means something to you alone; letters are welcome.",
                PinProblem.Name => "A name is easy to guess for whoever knows you. Choose a PIN that is not your own name or this program's.",
                _ => $"The PIN needs at least {Pin.MinCharacters} characters, and at most {Pin.MaxBytes} bytes. Letters are welcome.",
            });
            return null;
        }

        if (file is not null || Console.IsInputRedirected || Ask("The same PIN again: ") == pin) return pin;
        await Console.Error.WriteLineAsync("The two PINs are not the same. Run it again.");
        return null;
    }

    /// <summary>A backup's passphrase; null, said on standard error, when a new one is too weak or was not typed the same way twice.</summary>
    public static async Task<string?> ReadPassphraseAsync(FileInfo? file, bool isNew, CancellationToken cancellationToken)
    {
        var passphrase = file is not null ? await FirstLineAsync(file.OpenText(), cancellationToken)
            : Console.IsInputRedirected ? await FirstLineAsync(Console.In, cancellationToken)
            : Ask(isNew ? "Set a passphrase for the backup: " : "The backup's passphrase: ");
        if (!isNew) return passphrase;
        if (!BackupPassphrase.IsTaken(passphrase))
        {
            await Console.Error.WriteLineAsync($"That passphrase is too easy to guess. Use at least {BackupPassphrase.MinCharacters} characters; several words are best.");
            return null;
        }

        if (file is not null || Console.IsInputRedirected || Ask("The same passphrase again: ") == passphrase) return passphrase;
        await Console.Error.WriteLineAsync("The two passphrases are not the same. Run it again.");
        return null;
    }

    private static async Task<string> FirstLineAsync(TextReader reader, CancellationToken cancellationToken) => await reader.ReadLineAsync(cancellationToken) ?? "";

    private static string Ask(string question)
    {
        Console.Error.Write(question);
        var typed = new System.Text.StringBuilder();
        while (Console.ReadKey(intercept: true) is var key && key.Key != ConsoleKey.Enter)
        {
            if (key.Key == ConsoleKey.Backspace) typed.Length = Math.Max(0, typed.Length - 1);
            else if (key.KeyChar != '\0') typed.Append(key.KeyChar);
        }

        Console.Error.WriteLine();
        return typed.ToString();
    }
}
