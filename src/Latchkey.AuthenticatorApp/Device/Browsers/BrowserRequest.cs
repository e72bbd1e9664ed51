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

    /// <summary>Whose page asks, with everything under its registrable domain; null where no page does.</summary>
    public string? Site => this switch
    {
        Judge judge => judge.Ceremony.Site,
        Offers offers => offers.Ceremony.Site,
        Create create => RpIdValidation.SiteOf(create.Caller.Origin.Host),
        Get get => RpIdValidation.SiteOf(get.Caller.Origin.Host),
        Signal signal => RpIdValidation.SiteOf(signal.Caller.Origin.Host),
        _ => null,
    };

    private const string Structure = "browser message";
    private const int MaxName = 128;

    /// <summary>The native host says who the browser says started it.</summary>
    public sealed record Host(string Extension) : BrowserRequest(0);

    /// <summary>The extension introduces itself.</summary>
    public sealed record Hello(int Id, string Browser, string Extension) : BrowserRequest(Id);

    /// <summary>Is a request one for this Authenticator, whatever it holds? It stands in <paramref name="Ceremony"/>, a <see cref="Create"/> or <see cref="Get"/>.</summary>
    public sealed record Judge(int Id, BrowserRequest Ceremony) : BrowserRequest(Id);

    /// <summary>Is there anything to offer for a request? <paramref name="HasActed"/>: whether a person has done something to have it answered.</summary>
    public sealed record Offers(int Id, BrowserRequest Ceremony, bool HasActed) : BrowserRequest(Id);

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

    /// <summary>Reads a message, UTF-8. What is wrong with it is a fault of one request, where it says of which.</summary>
    /// <exception cref="WireFormatException">Not such a message, and nobody to tell so.</exception>
    public static BrowserRequest Parse(ReadOnlyMemory<byte> utf8)
    {
        try
        {
            return ParseWhole(utf8);
        }
        catch (WireFormatException) when (IdOf(utf8.Span) is { } id)
        {
            return new Malformed(id);
        }
    }

    private static BrowserRequest ParseWhole(ReadOnlyMemory<byte> utf8)
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
                "judge" => ReadCeremony(id, json, Text(json, "kind")) is var judged and (Create or Get) ? new Judge(id, judged) : new Malformed(id),
                "offers" => ReadCeremony(id, json, Text(json, "kind")) is var offered and (Create or Get) ? new Offers(id, offered, Flag(json, "acted") is true) : new Malformed(id),
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

    /// <summary>The number of a message that can't be read as a whole, such as one that is nested too deep; null where it has none.</summary>
    private static int? IdOf(ReadOnlySpan<byte> utf8)
    {
        var json = new Utf8JsonReader(utf8, new JsonReaderOptions { MaxDepth = utf8.Length + 1 });
        int? id = null;
        try
        {
            if (!json.Read() || json.TokenType != JsonTokenType.StartObject) return null;
            while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
            {
                var isId = json.ValueTextEquals("id"u8);
                json.Read();
                if (isId) id = json.TokenType == JsonTokenType.Number && json.TryGetInt32(out var number) && number > 0 ? number : null;
                json.Skip();
            }
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // As far as it can be read.
        }

        return id;
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
