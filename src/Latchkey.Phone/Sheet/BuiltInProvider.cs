using System.Text;
using System.Text.Json.Nodes;
using Latchkey.Authenticator;
using Latchkey.Client;
using Latchkey.Phone.Settings;
using Latchkey.Protocol;
using Latchkey.Protocol.WebAuthn;

namespace Latchkey.Phone.Sheet;

/// <summary>The system's own place for passkeys: a real client and a real authenticator behind the passcode.</summary>
/// <param name="sheet">Where the passcode is asked for again, when it was wrong.</param>
internal sealed class BuiltInProvider(SystemSheet sheet)
{
    private readonly BuiltInStore _store = new();

    /// <summary>Answers a <c>create</c> or <c>get</c>.</summary>
    /// <param name="message">The request.</param>
    /// <param name="question">What the person was asked.</param>
    /// <param name="passcode">What they typed.</param>
    /// <param name="made">Takes what wants to know whether a new passkey arrived.</param>
    /// <param name="stop">The page gave up.</param>
    public async Task<JsonObject> AnswerAsync(JsonObject message, SheetQuestion question, string? passcode, Action<Func<bool, Task>> made, CancellationToken stop)
    {
        using var authenticator = new CtapAuthenticator(_store, new Gesture(sheet, question, passcode), _store, TimeProvider.System) { Aaguid = BuiltInStore.Model };
        var client = new WebAuthnClient(authenticator, TimeProvider.System);
        try
        {
            var options = Encoding.UTF8.GetBytes(message["options"]!.ToJsonString());
            var caller = CallerOf((JsonObject)message["caller"]!);
            if ((string?)message["type"] is "get") return Credential((await client.GetAsync(PublicKeyCredentialRequestOptions.Parse(options), caller, null, stop)).Encode());
            var response = await client.CreateAsync(PublicKeyCredentialCreationOptions.Parse(options), caller, stop);
            made(async arrived =>
            {
                if (!arrived) await _store.RollBackAsync(response.Id, CancellationToken.None);
                else await _store.ConfirmAsync(response.Id, CancellationToken.None);
            });
            return Credential(response.Encode());
        }
        catch (WebAuthnClientException e)
        {
            return new() { ["error"] = new JsonObject { ["name"] = e.Name.ToString(), ["message"] = e.Message } };
        }
        catch (WireFormatException e)
        {
            return new() { ["error"] = new JsonObject { ["name"] = nameof(DomExceptionName.TypeError), ["message"] = e.Message } };
        }
    }

    private static JsonObject Credential(byte[] json) => new() { ["ok"] = new JsonObject { ["credential"] = JsonNode.Parse(json) } };

    private static Caller CallerOf(JsonObject caller) => new(
        Origin.Of(new Uri((string)caller["origin"]!)), (bool?)caller["crossOrigin"] ?? false, (string?)caller["topOrigin"] is { } top ? Origin.Of(new Uri(top)) : null);

    /// <summary>The passcode of the sheet, asked for again when it was wrong.</summary>
    private sealed class Gesture(SystemSheet sheet, SheetQuestion question, string? typed) : IAuthorizationGesture
    {
        private string? _passcode = typed;

        public bool CanChoose => true;

        public async Task<AuthorizationAnswer> AskAsync(AuthorizationRequest request, CancellationToken cancellationToken)
        {
            if (request.Pin is { PreviousWasWrong: true })
            {
                var mine = question with { Choices = [.. question.Choices.Where(choice => choice.Key == nameof(Provider.BuiltIn))], WasWrong = true };
                if (await sheet.AskAsync(mine, cancellationToken) is not { } again) return new AuthorizationAnswer.Declined();
                _passcode = again.Passcode;
            }

            return new AuthorizationAnswer.Granted { Pin = _passcode };
        }
    }
}
