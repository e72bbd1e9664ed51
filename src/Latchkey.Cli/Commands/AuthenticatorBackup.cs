using System.CommandLine;
using Latchkey.Authenticator.Vault;
using Latchkey.Protocol;

namespace Latchkey.Cli.Commands;

/// <summary><c>latchkey authenticator backup</c> and <c>restore</c>: codes and accounts, in one encrypted file. Passkeys never leave the vault.</summary>
internal static class AuthenticatorBackup
{
    public static Command CreateBackup()
    {
        var file = new Argument<FileInfo>("FILE") { Description = $"The file to write, such as mine{BackupFile.Extension}. It must not be there yet." };
        var (vault, passphrase) = (new VaultOptions(), PassphraseOption());
        var command = new Command("backup", "Writes codes and accounts into an encrypted file. Passkeys and sign-ins are not in it: they stay on this device.") { file, passphrase };
        vault.AddTo(command);
        // Before anybody types a PIN and a passphrase for nothing.
        command.SetAction((parsed, cancellationToken) => WhyNotTo(parsed.GetRequiredValue(file)) is { } reason ? CommandOutput.FailAsync(reason) : AuthenticatorVault.RunAsync(vault, parsed, create: false, async opened =>
        {
            if (await PinInput.ReadPassphraseAsync(parsed.GetValue(passphrase), isNew: true, cancellationToken) is not { } words) return ExitCode.Failed;
            var contents = opened.Store.Contents;
            var sealedBytes = await BackupFile.SealAsync(contents, words, TimeProvider.System.GetUtcNow(), cancellationToken);
            try
            {
                await WriteAsync(parsed.GetRequiredValue(file).FullName, sealedBytes.Memory, cancellationToken);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                return await CommandOutput.FailAsync($"No backup was written. Make room, or name a file in a folder you may write to, then try again. {e.Message}");
            }

            opened.Output.Json(new() { ["file"] = parsed.GetRequiredValue(file).FullName, ["codes"] = contents.Codes.Count, ["accounts"] = contents.Accounts.Count });
            opened.Output.Say($"Backed up. Codes: {contents.Codes.Count}. Accounts: {contents.Accounts.Count}. Not in it: passkeys, which stay on this device; register new ones where you restore.");
            return ExitCode.Done;
        }, cancellationToken));
        return command;
    }

    public static Command CreateRestore()
    {
        var file = new Argument<FileInfo>("FILE") { Description = "The backup." };
        var (vault, passphrase) = (new VaultOptions(), PassphraseOption());
        var command = new Command("restore", "Adds the codes and accounts of a backup to this vault; what is here already stays. Makes the vault when there is none.") { file, passphrase };
        vault.AddTo(command);
        command.SetAction((parsed, cancellationToken) =>
        {
            if (WhyNotFrom(parsed.GetRequiredValue(file)) is { } reason) return CommandOutput.FailAsync(reason);
            BackupContents? contents = null;
            return AuthenticatorVault.RunAsync(vault, parsed, create: true, RestoreAsync, cancellationToken, OpenAsync);

            // First, so that no empty vault is left behind by a passphrase that was wrong.
            async Task<bool> OpenAsync()
            {
                if (await PinInput.ReadPassphraseAsync(parsed.GetValue(passphrase), isNew: false, cancellationToken) is not { } words) return false;
                (contents, var problem) = await BackupFile.OpenAsync(await File.ReadAllBytesAsync(parsed.GetRequiredValue(file).FullName, cancellationToken), words, cancellationToken);
                if (contents is null) await CommandOutput.FailAsync(WordsFor(problem));
                return contents is not null;
            }

            async Task<int> RestoreAsync(AuthenticatorVault opened)
            {
                IReadOnlyList<VaultAccount> accounts = [];
                var codes = 0;
                await opened.Store.UpdateAsync(before =>
                {
                    (var after, accounts, codes) = contents!.RestoreInto(before);
                    return accounts.Count + codes == 0 ? before : after;
                }, cancellationToken);
                opened.Output.Json(new() { ["codes"] = codes, ["accounts"] = accounts.Count });
                opened.Output.Say($"Restored. Codes: {codes}. Accounts: {accounts.Count}. Passkeys were not in the backup.");
                foreach (var account in accounts) opened.Output.Say($"Sign in again: latchkey authenticator add --server {account.Server}  ({ForeignText.Of(account.UserName).Plain})");
                return ExitCode.Done;
            }
        });
        return command;
    }

    private static Option<FileInfo?> PassphraseOption() => new("--passphrase-file")
    {
        Description = "A file whose first line is the backup's passphrase. Default: asked for, or the next line of standard input.",
        HelpName = "FILE",
    };

    private static string? WhyNotTo(FileInfo file) =>
        file.Exists || Directory.Exists(file.FullName) ? $"{file.FullName} is there already, and a backup writes over nothing. Name another file."
        : file.Directory is { Exists: false } folder ? $"There is no folder {folder.FullName}. Make it first, or name a file in another one."
        : null;

    private static string? WhyNotFrom(FileInfo file) =>
        !file.Exists ? $"There is no file {file.FullName}. Name the one that `latchkey authenticator backup`, or the Authenticator, wrote."
        : file.Length > BackupFile.MaxLength ? WordsFor(BackupProblem.NotABackup)
        : null;

    private static string WordsFor(BackupProblem problem) => problem switch
    {
        BackupProblem.WrongPassphrase => "The passphrase is another one. Try again; without it, nobody can read this backup.",
        BackupProblem.NewerVersion => "A newer version of Latchkey made this backup. Restore it with that version.",
        BackupProblem.NotEnoughMemory => "Too little memory is free to open the backup. Close other programs, then try again.",
        BackupProblem.Damaged => "The backup is damaged. Take another copy of it.",
        _ => "That file is no backup of an Authenticator. Name the file that was written when the backup was made.",
    };

    /// <summary>For its owner only, all of it or nothing, and never over another file.</summary>
    private static async Task WriteAsync(string path, ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        var partial = path + ".partial";
        var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write, Share = FileShare.None };
        if (!OperatingSystem.IsWindows()) options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        File.Delete(partial); // one that an end in the middle left behind
        try
        {
            await using (var file = new FileStream(partial, options))
            {
                await file.WriteAsync(bytes, cancellationToken);
                file.Flush(flushToDisk: true);
            }

            File.Move(partial, path);
        }
        catch
        {
            File.Delete(partial);
            throw;
        }
    }
}
