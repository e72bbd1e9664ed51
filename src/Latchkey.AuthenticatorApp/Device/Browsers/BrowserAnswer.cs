using System.Text.Json;
using System.Text.Json.Serialization;
using Latchkey.Client;

namespace Latchkey.AuthenticatorApp.Device.Browsers;

/// <summary>What a browser is told; one of the types below. docs/browser-extension.md describes it.</summary>
internal abstract record BrowserAnswer
{
    /// <summary>Who we are.</summary>
    /// <param name="App">This program's version.</param>
    /// <param name="State"><c>new</c> (no PIN set yet), <c>locked</c> or <c>ready</c>.</param>
    public sealed record Hello(string App, string State) : BrowserAnswer;

    /// <summary>This Authenticator could answer a request.</summary>
    /// <param name="RpId">For whom.</param>
    /// <param name="Locked">Whether the vault is locked, so that nobody can tell yet what it holds.</param>
    /// <param name="Accounts">Whose passkeys fit; only for a sign-in.</param>
    public sealed record Offers(string RpId, bool Locked, IReadOnlyList<OfferedAccount> Accounts) : BrowserAnswer;

    /// <summary>Nothing to offer: the browser's own way, untouched.</summary>
    /// <param name="Reason">For whoever debugs it.</param>
    public sealed record Pass(string Reason) : BrowserAnswer;

    /// <summary>The standard's JSON for the page.</summary>
    /// <param name="Response">A <c>RegistrationResponseJSON</c> or <c>AuthenticationResponseJSON</c>.</param>
    public sealed record Credential(JsonElement Response) : BrowserAnswer;

    /// <summary>What a page told has been taken note of.</summary>
    public sealed record Noted : BrowserAnswer;

    /// <summary>It ended without a credential.</summary>
    /// <param name="Name">The DOMException's name.</param>
    /// <param name="Message">For whoever debugs it.</param>
    /// <param name="Advice">For the person, where there is something to do about it.</param>
    public sealed record Failed(DomExceptionName Name, string Message, string? Advice = null) : BrowserAnswer;

    /// <summary>No answer yet: another request is being answered, this one waits.</summary>
    public sealed record Waiting : BrowserAnswer;

    /// <summary>No answer yet: the person is asked, in this program's own window.</summary>
    /// <param name="Window">An address that shows it, once; absent where there is none.</param>
    public sealed record Asking(string? Window) : BrowserAnswer;

    /// <summary>After the answer: the passkey is kept, and the page may have it.</summary>
    public sealed record Kept : BrowserAnswer;

    /// <summary>Unasked, without a number: what there is to offer may have changed.</summary>
    public sealed record Changed : BrowserAnswer;

    /// <summary>Writes the message, UTF-8.</summary>
    /// <param name="id">The request it belongs to.</param>
    public byte[] Encode(int id)
    {
        using var stream = new MemoryStream(512);
        using (var json = new Utf8JsonWriter(stream))
        {
            json.WriteStartObject();
            if (this is not Changed) json.WriteNumber("id", id);
            switch (this)
            {
                case Waiting:
                    json.WriteString("type", "waiting");
                    break;
                case Asking asking:
                    json.WriteString("type", "asking");
                    if (asking.Window is { } window) json.WriteString("window", window);
                    break;
                case Kept:
                    json.WriteString("type", "kept");
                    break;
                case Changed:
                    json.WriteString("type", "changed");
                    break;
                case Failed failed:
                    json.WriteStartObject("error");
                    json.WriteString("name", failed.Name.ToString());
                    json.WriteString("message", failed.Message);
                    if (failed.Advice is { } advice) json.WriteString("advice", advice);
                    json.WriteEndObject();
                    break;
                default:
                    json.WriteStartObject("ok");
                    WriteResult(json);
                    json.WriteEndObject();
                    break;
            }

            json.WriteEndObject();
        }

        return stream.ToArray();
    }

    private void WriteResult(Utf8JsonWriter json)
    {
        switch (this)
        {
            case Hello hello:
                json.WriteNumber("protocol", BrowserRequest.Protocol);
                json.WriteString("app", hello.App);
                json.WriteString("state", hello.State);
                json.WriteBoolean("asksItself", false);
                break;
            case Offers offers:
                json.WriteBoolean("offers", true);
                json.WriteString("rpId", offers.RpId);
                json.WriteBoolean("locked", offers.Locked);
                json.WriteStartArray("accounts");
                foreach (var account in offers.Accounts)
                {
                    json.WriteStartObject();
                    json.WriteString("credentialId", account.CredentialId);
                    json.WriteString("userName", account.UserName);
                    json.WriteString("userDisplayName", account.UserDisplayName);
                    json.WriteEndObject();
                }

                json.WriteEndArray();
                break;
            case Pass pass:
                json.WriteBoolean("offers", false);
                json.WriteString("reason", pass.Reason);
                break;
            case Credential credential:
                json.WritePropertyName("credential");
                credential.Response.WriteTo(json);
                break;
        }
    }
}

/// <summary>An account whose passkey fits.</summary>
internal sealed record OfferedAccount(string CredentialId, string UserName, string UserDisplayName);

/// <summary>The options of a page, as they are handed on to the types that read them.</summary>
[JsonSerializable(typeof(JsonElement))]
internal sealed partial class BrowserJson : JsonSerializerContext;
