using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Nodes;
using Latchkey.Accounts;
using Latchkey.Api.Plan;
using Latchkey.Authenticator;
using Latchkey.Authenticator.Vault;
using Latchkey.Protocol;

namespace Latchkey.Cli.Commands;

/// <summary><c>latchkey authenticator add --server URL</c>: signs in through a browser anywhere, and sets up here what policy offers.</summary>
internal static class AuthenticatorAdd
{
    public static Command Create()
    {
        var server = ServerAddress.Option();
        var replace = new Option<bool>("--replace") { Description = "Replaces the passkey this vault already holds for the account, once the server has accepted the new one." };
        var code = new Option<string?>("--code") { Description = "The short code the portal shows, so that its page sees the passkey arrive.", HelpName = "XXXX-XXXX" };
        var only = new Option<string[]>("--only")
        {
            Description = $"Sets up these alone, of {string.Join(", ", AccountSetup.Known)}; separated by commas. Default: all that policy offers.",
            HelpName = "METHODS",
            CustomParser = result => [.. result.Tokens.SelectMany(token => token.Value.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))],
        };
        only.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<string[]>() is { } methods && methods.Except(AccountSetup.Known).FirstOrDefault() is { } unknown)
            {
                result.AddError($"{unknown} is none of {string.Join(", ", AccountSetup.Known)}.");
            }
        });
        var vault = new VaultOptions();
        var command = new Command("add", "Signs in with a code in any browser, and sets up in this vault what the organisation offers: a passkey first of all.") { server, replace, code, only };
        vault.AddTo(command);
        command.SetAction((parsed, cancellationToken) => ServerAddress.Root(parsed.GetRequiredValue(server)) is { } address
            ? AuthenticatorVault.RunAsync(
                vault, parsed, create: true, opened => AddAsync(opened, address, parsed.GetValue(replace), parsed.GetValue(code), parsed.GetValue(only) ?? [], cancellationToken), cancellationToken)
            : ServerAddress.WrongAsync(parsed.GetRequiredValue(server)));
        return command;
    }

    private static async Task<int> AddAsync(AuthenticatorVault vault, Uri server, bool replace, string? code, string[] only, CancellationToken cancellationToken)
    {
        vault.Gesture.Replace = replace;
        using var http = AuthenticatorVault.Connect(server);
        var account = await vault.Accounts.AddAsync(server, await DeviceSignIn.RunAsync(http, vault.Output, cancellationToken), cancellationToken);
        vault.Output.Say($"Signed in as {ForeignText.Of(account.UserName).Plain} ({ForeignText.Of(account.Organisation).Plain}).");
        if (vault.Store.Contents.Work.Exists(work => work.AccountId == account.Id))
        {
            // What was owed while the sign-in had ended comes first.
            if (await vault.Reconciliation.ReconcileAsync(account, cancellationToken) is { } kept) return await CommandOutput.FailAsync($"The server has not been told everything yet: {CommandOutput.Describe(kept)}");
            vault.Output.Say("The server has been told what was done here meanwhile. `latchkey authenticator list` shows where the passkeys stand.");
            return ExitCode.Done;
        }

        await vault.Setup.BeginAsync(account, code, cancellationToken);
        var exit = ExitCode.Done;
        foreach (var method in (await vault.Setup.PlanAsync(account, cancellationToken)).Select(item => item.Method).Where(method => only is [] || only.Contains(method)).ToList())
        {
            // One step may have done the next one's work, or taken the server away.
            var item = (await vault.Setup.PlanAsync(account, cancellationToken)).First(now => now.Method == method);
            switch (item.State)
            {
                case SetupState.Withheld:
                    vault.Output.Say($"{Name(method)}: not offered. {ForeignText.Of(item.Planned.Problem!.Message, ForeignText.Sentence).Plain} {ForeignText.Of(item.Planned.Problem.NextStep, ForeignText.Sentence).Plain} ({item.Planned.Problem.Code})");
                    if (only is not []) exit = ExitCode.Failed;
                    break;
                case SetupState.Here when method != PlannedMethods.Passkey:
                    vault.Output.Say($"{Name(method)}: set up.");
                    break;
                case SetupState.BeingDeleted:
                    await Console.Error.WriteLineAsync("Passkey: the one in this vault waits to be deleted on the server. Keep it with `latchkey authenticator delete --undo`, or add one once it is gone.");
                    exit = ExitCode.Failed;
                    break;
                default:
                    if (method == PlannedMethods.Passkey) await SayElsewhereAsync(vault, account, item, cancellationToken);
                    if (!await SayAsync(vault.Output, item, await vault.Setup.DoAsync(account, method, replace, elsewhere: null, cancellationToken))) exit = ExitCode.Failed;
                    break;
            }
        }

        await vault.Setup.EndAsync(account, CancellationToken.None);
        if (vault.Output.IsJson)
        {
            var plan = await vault.Setup.PlanAsync(account, cancellationToken);
            vault.Output.Json(new()
            {
                ["userName"] = account.UserName, ["server"] = account.Server.ToString(),
                ["methods"] = new JsonArray([.. plan.Select(item => new JsonObject
                {
                    ["method"] = item.Method, ["state"] = JsonNamingPolicy.CamelCase.ConvertName(item.State.ToString()), ["problem"] = item.Planned.Problem?.Code,
                })]),
            });
        }

        return exit;
    }

    /// <summary>What the server knows and this vault has no key of: this one comes beside it.</summary>
    private static async Task SayElsewhereAsync(AuthenticatorVault vault, VaultAccount account, SetupItem item, CancellationToken cancellationToken)
    {
        foreach (var passkey in await vault.Setup.ElsewhereAsync(account, item.Planned, cancellationToken))
        {
            vault.Output.Say($"You have a passkey that is not in this vault: {ForeignText.Of(passkey.DisplayName).Plain}, added {passkey.CreatedDateTime.LocalDateTime:d MMMM yyyy}. If its device or vault is gone, delete it in My Security info.");
        }
    }

    /// <summary>Says how a step ended; false when it did not do what was wanted.</summary>
    private static async Task<bool> SayAsync(CommandOutput output, SetupItem item, SetupOutcome outcome)
    {
        switch (outcome)
        {
            case SetupOutcome.Done { Passkey: { } passkey } done:
                output.Say($"Passkey added: {ForeignText.Of(passkey.DisplayName).Plain} ({passkey.Id}). It lives in this vault and nowhere else.");
                if (done.Replaced is { } old) output.Say($"It replaces {ForeignText.FirstOf(old.DisplayName, old.Id.ToString()).Plain}, which is kept among the recently deleted for 30 days.");
                return true;
            case SetupOutcome.Done:
                output.Say($"{Name(item.Method)}: set up.");
                return true;
            case SetupOutcome.Already(var existing):
                await Console.Error.WriteLineAsync($"This vault already has a passkey for you: {Describe(existing)}. {Side(item, existing)} Try it with `latchkey authenticator test`, or make a new one with --replace.");
                return false;
            case SetupOutcome.Unreachable(var problem):
                await Console.Error.WriteLineAsync($"{Name(item.Method)}: the server has not answered. {CommandOutput.Describe(problem)} What was made is kept; any `latchkey authenticator` command asks again.");
                return false;
            case SetupOutcome.Refused(var problem):
                await Console.Error.WriteLineAsync($"{Name(item.Method)}: the server refused. {CommandOutput.Describe(problem)}");
                return false;
            case SetupOutcome.SignInFirst:
                await Console.Error.WriteLineAsync($"{Name(item.Method)}: your organisation wants to be sure it's you. Run `latchkey authenticator add` again.");
                return false;
            default:
                await Console.Error.WriteLineAsync("No passkey was made.");
                return false;
        }
    }

    private static string Name(string method) => method switch
    {
        PlannedMethods.Passkey => "Passkey",
        PlannedMethods.PhoneSignIn => "Sign-in with the Authenticator",
        PlannedMethods.Notifications => "Approvals",
        PlannedMethods.Codes => "Codes",
        _ => method,
    };

    private static string Describe(PublicKeyCredentialSource passkey) => $"{ForeignText.FirstOf(passkey.DisplayName, passkey.Id.ToString()).Plain}, added {passkey.CreatedAt.LocalDateTime:d MMMM yyyy}";

    private static string Side(SetupItem item, PublicKeyCredentialSource existing) => item.Planned.Registered.Any(registered => registered.Id == existing.Id.ToString())
        ? "It is here, and the server knows it."
        : "It is here, but the server does not list it.";
}
