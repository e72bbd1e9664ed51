using System.Diagnostics.CodeAnalysis;
using System.Text;
using System.Text.Json;
using Latchkey.Client;
using Latchkey.Protocol;
using Latchkey.Protocol.WebAuthn;

namespace Latchkey.AuthenticatorApp.Device.Browsers;

/// <summary>What a browser says; one of the types below. docs/browser-extension.md describes it.</summary>
/// <param name="Id">The request it belongs to: the browser's number, unique among those open on its connection; 0 in the native host's own word.</param>
internal abstract record BrowserRequest(int Id)
{
    /// <summary>The protocol's version.</summary>
    public const int Protocol = 1;

    private const string Structure = "browser message";
    private const int MaxName = 128;

    /// <summary>The native host says who the browser says started it.</summary>
    public sealed record Host(string Extension) : BrowserRequest(0);

    /// <summary>The extension introduces itself.</summary>
    public sealed record Hello(int Id, string Browser, string Extension) : BrowserRequest(Id);

    /// <summary>Is there anything to offer for a request? It stands in <paramref name="Ceremony"/>, a <see cref="Create"/> or <see cref="Get"/>.</summary>
    public sealed record Offers(int Id, BrowserRequest Ceremony) : BrowserRequest(Id);

    /// <summary>A page asks for a passkey to be made.</summary>
    public sealed record Create(int Id, Caller Caller, PublicKeyCredentialCreationOptions Options) : BrowserRequest(Id);

    /// <summary>A page asks to sign in; with the account chosen in the name field, if one was.</summary>
    public sealed record Get(int Id, Caller Caller, PublicKeyCredentialRequestOptions Options, CredentialId? Chosen) : BrowserRequest(Id);

    /// <summary>A page tells which passkeys its relying party knows.</summary>
    public sealed record Signal(int Id, Caller Caller, PasskeySignal What) : BrowserRequest(Id);

    /// <summary>A request whose caller or options break a rule of their own: the browser has its own words for that.</summary>
    public sealed record Malformed(int Id) : BrowserRequest(Id);

    /// <summary>A type of another version of the protocol.</summary>
    public sealed record Unknown(int Id) : BrowserRequest(Id);

    /// <summary>Aborts a request.</summary>
    public sealed record Cancel(int Id) : BrowserRequest(Id);

    /// <summary>The page has the credential, or never will.</summary>
    public sealed record Delivered(int Id, bool HasIt) : BrowserRequest(Id);

    /// <summary>Reads a message, UTF-8.</summary>
    /// <exception cref="WireFormatException">Not such a message: nothing an extension of ours would send.</exception>
    public static BrowserRequest Parse(ReadOnlyMemory<byte> utf8)
    {
        try
        {
            using var document = JsonDocument.Parse(utf8);
            var json = document.RootElement;
            if (json.ValueKind != JsonValueKind.Object) throw Wrong("is not a JSON object");
            var type = Text(json, "type");
            if (type == "host") return new Host(Name(json, "extension"));
            var id = Member(json, "id", JsonValueKind.Number).TryGetInt32(out var number) && number > 0 ? number : throw Wrong("has an id that is no positive number");
            return type switch
            {
                "hello" => new Hello(id, Name(json, "browser"), Name(json, "extension")),
                "offers" => ReadCeremony(id, json, Text(json, "kind")) is var ceremony and not (Malformed or Unknown) ? new Offers(id, ceremony) : new Malformed(id),
                "create" or "get" => ReadCeremony(id, json, type),
                "signal" => Read(id, json, (caller, options) => new Signal(id, caller, PasskeySignal.Parse(Text(json, "method"), options))),
                "cancel" => new Cancel(id),
                "delivered" => new Delivered(id, HasIt: true),
                "undelivered" => new Delivered(id, HasIt: false),
                _ => new Unknown(id),
            };
        }
        catch (JsonException e)
        {
            throw new WireFormatException(Structure, (int)(e.BytePositionInLine ?? 0), "is not JSON", e);
        }
        catch (InvalidOperationException e)
        {
            throw new WireFormatException(Structure, 0, "has a string that is not Unicode", e);
        }
    }

    private static BrowserRequest ReadCeremony(int id, JsonElement json, string kind) => kind switch
    {
        "create" => Read(id, json, (caller, options) => new Create(id, caller, PublicKeyCredentialCreationOptions.Parse(options))),
        "get" => Read(id, json, (caller, options) => new Get(
            id, caller, PublicKeyCredentialRequestOptions.Parse(options), json.TryGetProperty("credentialId", out _) ? CredentialId.Parse(Text(json, "credentialId")) : null)),
        _ => new Unknown(id),
    };

    private static BrowserRequest Read(int id, JsonElement json, Func<Caller, ReadOnlyMemory<byte>, BrowserRequest> read)
    {
        var caller = Member(json, "caller", JsonValueKind.Object);
        var options = Encoding.UTF8.GetBytes(Member(json, "options", JsonValueKind.Object).GetRawText());
        if (!TryReadOrigin(caller, "origin", out var origin)) return new Malformed(id);
        Origin? top = null;
        if (caller.TryGetProperty("topOrigin", out _) && !TryReadOrigin(caller, "topOrigin", out top)) return new Malformed(id);
        var crossOrigin = Flag(caller, "crossOrigin") is true;
        try
        {
            // Nobody is allowed in a strange page's frame unless it is said.
            return read(new(origin, crossOrigin, crossOrigin ? top : null) { IsAllowed = Flag(caller, "allowed") ?? !crossOrigin }, options);
        }
        catch (Exception e) when (e is WireFormatException or InvalidOperationException)
        {
            // What is wrong with the page's own options, strings that are no Unicode among them, is no fault of the extension's.
            return new Malformed(id);
        }
    }

    private static bool TryReadOrigin(JsonElement caller, string name, [NotNullWhen(true)] out Origin? origin)
    {
        origin = null;
        var member = Member(caller, name, JsonValueKind.String);
        try
        {
            return Origin.TryParse(member.GetString()!, out origin);
        }
        catch (InvalidOperationException)
        {
            return false; // half a character
        }
    }

    private static string Text(JsonElement json, string name) => Member(json, name, JsonValueKind.String).GetString()!;

    private static string Name(JsonElement json, string name) => Text(json, name) is { Length: <= MaxName } text ? text : throw Wrong($"has a {name} that is too long");

    private static bool? Flag(JsonElement json, string name) => !json.TryGetProperty(name, out var value) ? null : value.ValueKind switch
    {
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        _ => throw Wrong($"has a {name} that is not a boolean"),
    };

    private static JsonElement Member(JsonElement json, string name, JsonValueKind kind) =>
        json.TryGetProperty(name, out var value) && value.ValueKind == kind ? value : throw Wrong($"lacks {name}, or has another kind of it");

    private static WireFormatException Wrong(string problem) => new(Structure, 0, problem);
}
