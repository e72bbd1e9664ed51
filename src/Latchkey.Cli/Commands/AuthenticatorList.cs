using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Latchkey.Accounts;
using Latchkey.Authenticator;
using Latchkey.Authenticator.Vault;

namespace Latchkey.Cli.Commands;

/// <summary><c>latchkey authenticator list</c>: the passkeys of the vault.</summary>
internal static class AuthenticatorList
{
    // A person who looks waits for nobody longer; a program wants what is so, and waits as every other command does.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    public static Command Create()
    {
        var vault = new VaultOptions();
        var command = new Command("list", "Shows the passkeys of this vault.");
        vault.AddTo(command);
        command.SetAction((parsed, cancellationToken) => AuthenticatorVault.RunAsync(vault, parsed, create: false, opened => Task.FromResult(List(opened)), cancellationToken, patience: parsed.GetValue(vault.Json) ? null : Patience));
        return command;
    }

    private static int List(AuthenticatorVault vault)
    {
        var all = vault.Store.Credentials;
        foreach (var passkey in all) vault.Output.Json(ToJson(vault, passkey));
        if (vault.Output.IsJson) return ExitCode.Done;
        if (all.Count == 0)
        {
            Console.WriteLine("This vault holds no passkey yet.");
            return ExitCode.Done;
        }

        string[] ids = [.. all.Select(passkey => passkey.Id.ToString())];
        TextTable.Write(Console.Out, ["ID", "Name", "Account", "For", "State", "Added", "Last used"], [.. all.Select(passkey => new[]
        {
            Named.Short(passkey.Id.ToString(), ids),
            passkey.DisplayName ?? "",
            passkey.UserName ?? "",
            AccountOf(vault, passkey)?.Server.ToString() ?? passkey.RpId,
            State(vault.Store.Contents, passkey),
            Date(passkey.CreatedAt),
            passkey.LastUsedAt is { } used ? Date(used) : "never",
        })]);
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
        PasskeyStanding.RecentlyDeleted => $"deleted{(passkey.DeletedThere ? " in the portal" : "")}, kept until {Date(passkey.DeletedAt.GetValueOrDefault() + PublicKeyCredentialSource.DeletedLifetime)}",
        _ => "being made",
    };

    private static string Date(DateTimeOffset moment) => moment.LocalDateTime.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    private static VaultAccount? AccountOf(AuthenticatorVault vault, PublicKeyCredentialSource passkey) =>
        passkey.AccountId is { } id ? vault.Accounts.Find(id) : null;

    private static JsonObject ToJson(AuthenticatorVault vault, PublicKeyCredentialSource passkey)
    {
        var facts = new JsonObject
        {
            ["id"] = passkey.Id.ToString(),
            ["displayName"] = passkey.DisplayName,
            ["rpId"] = passkey.RpId,
            ["userName"] = passkey.UserName,
            ["server"] = AccountOf(vault, passkey)?.Server.ToString(),
            ["state"] = JsonNamingPolicy.CamelCase.ConvertName(passkey.State.ToString()),
            ["createdAt"] = passkey.CreatedAt,
        };
        if (passkey.LastUsedAt is { } used) facts["lastUsedAt"] = used;
        return facts;
    }
}
