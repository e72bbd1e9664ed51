using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Serialization;
using Latchkey.Accounts;
using Latchkey.Hybrid;
using Latchkey.Hybrid.Advert;
using Latchkey.Hybrid.Proximity;
using Latchkey.Hybrid.Qr;
using Latchkey.Protocol;
using Latchkey.Protocol.Ctap;
using Latchkey.Protocol.WebAuthn;

namespace Latchkey.Cli.Commands;

/// <summary><c>latchkey authenticator answer "FIDO:/…"</c>: answers the QR code another device shows.</summary>
internal static class AuthenticatorAnswer
{
    public static Command Create()
    {
        var code = new Argument<string>("FIDO:/…") { Description = "What the QR code says." };
        var domain = new Option<ushort?>("--tunnel-domain") { Description = "The tunnel domain to meet at. Default: that of the newest account's organisation.", HelpName = "N" };
        var yes = new Option<bool>("--yes") { Description = "Says yes to what is asked, and so replaces the passkey this vault holds for the account unless the page excludes it; else it is asked on the terminal." };
        var replace = new Option<bool>("--replace") { Hidden = true }; // what a yes says by itself since 0.2.0
        var vault = new VaultOptions();
        var tunnel = new TunnelConnectionOptions();
        var command = new Command("answer", "Answers the QR code another device shows: makes a passkey for it, or signs in.") { code, domain, yes, replace };
        vault.AddTo(command);
        tunnel.AddTo(command);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            HybridQrCode qrCode;
            try
            {
                qrCode = HybridQrCode.Parse(parsed.GetRequiredValue(code));
            }
            catch (WireFormatException e)
            {
                await Console.Error.WriteLineAsync($"That is no code for a passkey: {e.Message}");
                return ExitCode.WrongUse;
            }

            return await AuthenticatorVault.RunAsync(
                vault,
                parsed,
                create: true,
                opened =>
                {
                    opened.Gesture.AsksFirst = !parsed.GetValue(yes);
                    opened.Gesture.YesReplaces = true;
                    return AnswerAsync(opened, qrCode, parsed.GetValue(domain), tunnel.Connector(parsed), cancellationToken);
                },
                cancellationToken);
        });
        return command;
    }

    private static async Task<int> AnswerAsync(AuthenticatorVault vault, HybridQrCode code, ushort? domain, Hybrid.Tunnel.TunnelConnector tunnels, CancellationToken cancellationToken)
    {
        if ((domain ?? vault.Accounts.All.LastOrDefault(account => account.TunnelDomain is not null)?.TunnelDomain) is not { } number)
        {
            return await CommandOutput.FailAsync("There is no tunnel domain to meet at. Name one with --tunnel-domain N; an organisation sets its own with `latchkey organisation set --tunnel-domain N`.");
        }

        if (!TunnelDomain.IsKnown((ushort)number)) return await CommandOutput.FailAsync($"Nobody has been given tunnel domain {number}.");

        MakeCredentialResponse? delivered = null;
        var responder = new HybridResponder(vault.Remote, Bluetooth.Advertiser, tunnels, new((ushort)number), TimeProvider.System);
        var outcome = await responder.AnswerAsync(code, new HybridStory(Words), MadeAsync, cancellationToken);
        if (delivered is null)
        {
            Print(outcome, null, null);
            return outcome.Succeeded ? ExitCode.Done : ExitCode.Failed;
        }

        var id = PasskeyDelivery.IdOf(delivered);
        await Console.Error.WriteLineAsync("Asking the server whether it has registered the passkey …");
        Print(outcome, id, await vault.Delivery.SettleAsync(id, cancellationToken) switch
        {
            DeliveryOutcome.Foreign => "confirmed",
            DeliveryOutcome.Registered => "registered",
            _ => "delivered",
        });
        return outcome.Succeeded ? ExitCode.Done : ExitCode.Failed;

        async Task MadeAsync(MakeCredentialResponse created, bool written)
        {
            await vault.Delivery.WrittenAsync(created, written);
            if (written) delivered = created;
        }
    }

    private static string? Words(HybridProgress progress) => progress switch
    {
        HybridProgress.Connecting => "Connecting to the meeting point …",
        HybridProgress.Waiting => "Waiting for the other device to hear our Bluetooth …",
        HybridProgress.Connected => "Connected.",
        HybridProgress.Asking => "The other device asks.",
        HybridProgress.Saving => "Handing over the answer …",
        HybridProgress.Done => "Answered.",
        _ => null,
    };

    private static string WhyNot(CtapStatus status) => status switch
    {
        CtapStatus.CredentialExcluded => "The answer was no: this vault already holds a passkey for that account.",
        CtapStatus.OperationDenied => "The answer was no: it was declined here.",
        CtapStatus.NoCredentials => "The answer was no: this vault holds no passkey for that page.",
        _ => $"The answer was no ({status}).",
    };

    private static void Print(HybridOutcome outcome, CredentialId? passkey, string? state)
    {
        var text = outcome.Problem is { } problem ? HybridProblemText.Of(problem) : null;
        if (text is not null) Console.Error.WriteLine(outcome.Proximity is null ? $"{text.Message} {text.NextStep}" : outcome.Detail);
        else if (outcome.Status is { } status and not CtapStatus.Success) Console.Error.WriteLine(WhyNot(status));
        Console.WriteLine(JsonSerializer.Serialize(
            new AnswerLine(
                outcome.Succeeded,
                outcome.Operation switch { HybridOperation.MakeCredential => "create", HybridOperation.GetAssertion => "sign-in", _ => null },
                outcome.Status?.ToString(),
                text?.Code,
                outcome.Proximity?.ToString(),
                outcome.Detail,
                passkey?.ToString(),
                state),
            AnswerJson.Default.AnswerLine));
    }
}

/// <summary>The last line of <c>answer</c>, for programs.</summary>
/// <param name="Succeeded">A passkey was made or used, and the other device has the answer.</param>
/// <param name="Operation"><c>create</c> or <c>sign-in</c>; absent when nothing was asked.</param>
/// <param name="Status">The CTAP status that was answered; absent when nothing was.</param>
/// <param name="Problem">The code of what went wrong, such as <c>timed_out</c>.</param>
/// <param name="Bluetooth">What is wrong with Bluetooth, when that is it.</param>
/// <param name="Detail">A sentence about it.</param>
/// <param name="CredentialId">The new passkey.</param>
/// <param name="State"><c>registered</c>: the server said so; <c>confirmed</c>: it is no server of ours; <c>delivered</c>: not known yet, asked again each time.</param>
internal sealed record AnswerLine(bool Succeeded, string? Operation, string? Status, string? Problem, string? Bluetooth, string? Detail, string? CredentialId, string? State);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(AnswerLine))]
internal sealed partial class AnswerJson : JsonSerializerContext;
