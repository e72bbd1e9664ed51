using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Latchkey.Accounts;
using Latchkey.Authenticator;
using Latchkey.Authenticator.Vault;
using Spectre.Console;

namespace Latchkey.Cli.Commands;

/// <summary><c>latchkey authenticator list</c>: the passkeys of the vault.</summary>
internal static class AuthenticatorList
{
    // A person who looks waits for nobody longer; a program wants what is so, and waits as every other command does.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    public static Command Create()
    {
        var json = new Option<bool>("--json") { Description = "One JSON object per line, for programs." };
        var vault = new VaultOptions();
        var command = new Command("list", "Shows the passkeys of this vault.") { json };
        vault.AddTo(command);
        command.SetAction((parsed, cancellationToken) => AuthenticatorVault.RunAsync(vault, parsed, create: false, opened => Task.FromResult(List(opened, parsed.GetValue(json))), cancellationToken, patience: parsed.GetValue(json) ? null : Patience));
        return command;
    }

    private static int List(AuthenticatorVault vault, bool json)
    {
        if (json)
        {
            foreach (var passkey in vault.Store.Credentials) Console.WriteLine(ToJson(vault, passkey));
            return ExitCode.Done;
        }

        if (vault.Store.Credentials.Count == 0)
        {
            Console.WriteLine("This vault holds no passkey yet.");
            return ExitCode.Done;
        }

        var table = new Table().Border(TableBorder.Simple).AddColumns("ID", "Name", "Account", "For", "State", "Added", "Last used");
        foreach (var passkey in vault.Store.Credentials)
        {
            table.AddRow([.. new[]
            {
                passkey.Id.ToString()[..8],
                passkey.DisplayName ?? "",
                passkey.UserName ?? "",
                AccountOf(vault, passkey)?.Server.ToString() ?? passkey.RpId,
                State(vault.Store.Contents, passkey),
                Date(passkey.CreatedAt),
                passkey.LastUsedAt is { } used ? Date(used) : "never",
            }.Select(Markup.Escape)]);
        }

        AnsiConsole.Write(table);
        return ExitCode.Done;
    }

    private static string State(VaultContents contents, PublicKeyCredentialSource passkey) => contents.StandingOf(passkey) switch
    {
        PasskeyStanding.Ready => "ready",
        PasskeyStanding.RegistrationOwed or PasskeyStanding.Unconfirmed => "waiting for the server",
        PasskeyStanding.Hidden => "hidden",
        PasskeyStanding.DeletionOwed => "to be deleted on the server",
        PasskeyStanding.DeletionRefused => "ready; the server would not delete it",
        PasskeyStanding.StillRegistered => "deleted here, still registered on the server",
        PasskeyStanding.RecentlyDeleted => $"deleted, kept until {Date(passkey.DeletedAt.GetValueOrDefault() + PublicKeyCredentialSource.DeletedLifetime)}",
        _ => "being made",
    };

    private static string Date(DateTimeOffset moment) => moment.LocalDateTime.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    private static VaultAccount? AccountOf(AuthenticatorVault vault, PublicKeyCredentialSource passkey) =>
        passkey.AccountId is { } id ? vault.Accounts.Find(id) : null;

    private static string ToJson(AuthenticatorVault vault, PublicKeyCredentialSource passkey)
    {
        using var bytes = new MemoryStream();
        using (var writer = new Utf8JsonWriter(bytes))
        {
            writer.WriteStartObject();
            writer.WriteString("id", passkey.Id.ToString());
            writer.WriteString("displayName", passkey.DisplayName);
            writer.WriteString("rpId", passkey.RpId);
            writer.WriteString("userName", passkey.UserName);
            writer.WriteString("server", AccountOf(vault, passkey)?.Server.ToString());
            writer.WriteString("state", JsonNamingPolicy.CamelCase.ConvertName(passkey.State.ToString()));
            writer.WriteString("createdAt", passkey.CreatedAt);
            if (passkey.LastUsedAt is { } used) writer.WriteString("lastUsedAt", used);
            writer.WriteEndObject();
        }

        return System.Text.Encoding.UTF8.GetString(bytes.ToArray());
    }
}
