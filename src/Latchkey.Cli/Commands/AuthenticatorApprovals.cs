using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Serialization;
using Latchkey.Accounts;
using Latchkey.Api;
using Latchkey.Api.Approvals;
using Latchkey.Authenticator.Vault;
using Latchkey.Protocol;

namespace Latchkey.Cli.Commands;

/// <summary><c>latchkey authenticator approvals</c>: the sign-ins that wait for this vault's accounts, and the answer to them.</summary>
internal static class AuthenticatorApprovals
{
    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(1);

    public static Command Create()
    {
        var register = new Option<bool>("--register") { Description = "Registers this vault as an Authenticator that may approve sign-ins of the newest account, then ends; signs in with a code first." };
        var watch = new Option<bool>("--watch") { Description = "Waits for sign-ins: until one is answered, with --approve or --deny, else until it is stopped." };
        var once = new Option<bool>("--once") { Description = "Looks once, and ends: the default." };
        var approve = new Option<string?>("--approve") { Description = "Approves the sign-in that waits: the number its page shows.", HelpName = "NUMBER" };
        var deny = new Option<bool>("--deny") { Description = "Says that it wasn't you." };
        var vault = new VaultOptions();
        var command = new Command("approvals", "Shows the sign-ins that wait for an answer, and answers them.") { register, watch, once, approve, deny };
        vault.AddTo(command);
        command.Validators.Add(result =>
        {
            if (result.GetValue(watch) && result.GetValue(once)) result.AddError("Either --watch or --once.");
            if (result.GetValue(deny) && result.GetValue(approve) is not null) result.AddError("Either --approve or --deny.");
            if (result.GetValue(approve) is { } typed && ApprovalNumber.Read(typed) is null) result.AddError("--approve takes the two digits that the sign-in page shows.");
        });
        command.SetAction((parsed, cancellationToken) => AuthenticatorVault.RunAsync(
            vault,
            parsed,
            create: false,
            opened => parsed.GetValue(register)
                ? RegisterAsync(opened, cancellationToken)
                : AnswerAsync(opened, parsed.GetValue(watch), ApprovalNumber.Read(parsed.GetValue(approve) ?? ""), parsed.GetValue(deny), cancellationToken),
            cancellationToken));
        return command;
    }

    private static async Task<int> RegisterAsync(AuthenticatorVault vault, CancellationToken cancellationToken)
    {
        if (vault.Accounts.All is not [.., var account])
        {
            return await CommandOutput.FailAsync("This vault is signed in nowhere. Add an account with `latchkey authenticator add --server URL`.");
        }

        AuthenticatorAuthenticationMethod method;
        try
        {
            method = await vault.Devices.RegisterAsync(account, cancellationToken);
        }
        catch (ApiException e) when (e.Code is "step_up_required" or AccountBook.SignInRequired)
        {
            using var http = AuthenticatorVault.Connect(account.Server);
            account = await vault.Accounts.AddAsync(account.Server, await DeviceSignIn.RunAsync(http, vault.Output, cancellationToken), cancellationToken);
            method = await vault.Devices.RegisterAsync(account, cancellationToken);
        }

        vault.Output.Json(new() { ["account"] = account.UserName, ["server"] = account.Server.ToString(), ["registered"] = method.Id, ["displayName"] = method.DisplayName });
        vault.Output.Say($"{account} can be approved here now: {ForeignText.Of(method.DisplayName).Plain}.");
        return ExitCode.Done;
    }

    private static async Task<int> AnswerAsync(AuthenticatorVault vault, bool watch, string? number, bool deny, CancellationToken cancellationToken)
    {
        var answers = number is not null || deny;
        var accounts = vault.Accounts.All.Where(account => account.Device?.Id is not null).ToList();
        if (accounts.Count == 0)
        {
            return await CommandOutput.FailAsync("This vault approves sign-ins of no account yet. Register it with `latchkey authenticator approvals --register`.");
        }

        using var timer = new PeriodicTimer(LookEvery);
        for (var seen = new HashSet<string>(StringComparer.Ordinal); ;)
        {
            var waiting = new List<(VaultAccount Account, PendingApproval Request)>();
            foreach (var account in accounts)
            {
                waiting.AddRange((await vault.Approvals.ListAsync(account, cancellationToken)).Select(request => (account, request)));
            }

            foreach (var (account, request) in waiting.Where(one => seen.Add(one.Request.Id)))
            {
                await Console.Error.WriteLineAsync($"{account}: {ForeignText.Of(request.App).Plain}, from {ForeignText.FirstOf(request.Address, "an unknown address").Plain}, {request.SecondsLeft} s left.");
            }

            if (answers && waiting is [var (whose, what)])
            {
                return Print(whose, what, deny
                    ? await vault.Approvals.DenyAsync(whose, what, cancellationToken)
                    : await vault.Approvals.ApproveAsync(whose, what, number!, cancellationToken));
            }

            if (answers && waiting.Count > 1)
            {
                return await CommandOutput.FailAsync("Several sign-ins wait, of several accounts. Use a vault with one account to answer here.");
            }

            if (!watch)
            {
                Console.WriteLine(JsonSerializer.Serialize(
                    new ApprovalsLine(waiting.Count, null, null, null, [.. waiting.Select(one => one.Request)]), ApprovalsCliJson.Default.ApprovalsLine));
                return answers ? await CommandOutput.FailAsync("No sign-in waits.") : ExitCode.Done;
            }

            await timer.WaitForNextTickAsync(cancellationToken);
        }
    }

    private static int Print(VaultAccount account, PendingApproval request, ApprovalOutcome outcome)
    {
        var (decision, problem) = outcome switch
        {
            ApprovalOutcome.Approved => ("approved", null),
            ApprovalOutcome.Denied => ("denied", null),
            ApprovalOutcome.Refused refused => ("refused", refused.Problem.Code),
            ApprovalOutcome.PinBlocked => ("refused", "pin_blocked"),
            _ => ("declined", (string?)null),
        };
        if (outcome is ApprovalOutcome.Refused(var why)) Console.Error.WriteLine(CommandOutput.Describe(why));
        Console.WriteLine(JsonSerializer.Serialize(new ApprovalsLine(1, account.UserName, decision, problem, [request]), ApprovalsCliJson.Default.ApprovalsLine));
        return outcome is ApprovalOutcome.Approved or ApprovalOutcome.Denied ? ExitCode.Done : ExitCode.Failed;
    }
}

/// <summary>The last line of <c>approvals</c>, for programs.</summary>
/// <param name="Waiting">How many waited.</param>
/// <param name="Account">Whose was answered.</param>
/// <param name="Decision"><c>approved</c>, <c>denied</c>, <c>refused</c> by the server, <c>declined</c> here; absent when none was answered.</param>
/// <param name="Problem">The code of what went wrong, such as <c>approval_number_wrong</c>.</param>
/// <param name="Requests">The requests.</param>
internal sealed record ApprovalsLine(int Waiting, string? Account, string? Decision, string? Problem, IReadOnlyList<PendingApproval> Requests);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(ApprovalsLine))]
internal sealed partial class ApprovalsCliJson : JsonSerializerContext;
