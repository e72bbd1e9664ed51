using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json;
using Latchkey.Protocol;
using Latchkey.Protocol.Cose;
using Latchkey.Protocol.WebAuthn;
using Latchkey.RelyingParty.Attestation;

namespace Latchkey.RelyingParty.Recorded;

/// <summary>
/// A recorded response with what it should have answered to: the input of <c>latchkey webauthn verify</c>. Members that
/// are absent (or null) are not checked, or have the default said here; members of other names are passed over.
/// </summary>
public sealed class RecordedCase
{
    private const string Structure = "case";

    private RecordedCase(bool isRegistration, RelyingPartyScope scope, ByteString challenge, ReadOnlyMemory<byte> response) =>
        (IsRegistration, Scope, Challenge, Response) = (isRegistration, scope, challenge, response);

    /// <summary><c>kind</c>: registration, else authentication.</summary>
    public bool IsRegistration { get; }

    /// <summary><c>rpId</c>, <c>origins</c>, <c>allowCrossOrigin</c> (false), <c>topOrigins</c> (any), <c>appId</c> (none).</summary>
    public RelyingPartyScope Scope { get; }

    /// <summary><c>challenge</c>.</summary>
    public ByteString Challenge { get; }

    /// <summary><c>response</c>: the WebAuthn JSON form, UTF-8, as it stands in the case.</summary>
    public ReadOnlyMemory<byte> Response { get; }

    /// <summary><c>userVerificationRequired</c> (false).</summary>
    public bool UserVerificationRequired { get; private init; }

    /// <summary><c>userPresenceRequired</c> (true).</summary>
    public bool UserPresenceRequired { get; private init; }

    /// <summary><c>pubKeyCredParams</c>, COSE numbers; null for all that can be checked.</summary>
    public IReadOnlyList<CoseAlgorithm>? Algorithms { get; private init; }

    /// <summary><c>attestationTrust</c> (verify).</summary>
    public AttestationTrust AttestationTrust { get; private init; }

    /// <summary><c>trustAnchorsPem</c> (none).</summary>
    public TrustAnchors TrustAnchors { get; private init; } = TrustAnchors.None;

    /// <summary><c>atTime</c>; null for now.</summary>
    public DateTimeOffset? AtTime { get; private init; }

    /// <summary><c>storedPublicKeyCose</c>; of an authentication.</summary>
    public ByteString StoredPublicKey { get; private init; }

    /// <summary><c>storedSignCount</c> (0).</summary>
    public uint StoredSignCount { get; private init; }

    /// <summary><c>storedBackupEligible</c>; null is not checked.</summary>
    public bool? StoredBackupEligible { get; private init; }

    /// <summary><c>storedUserHandle</c>; null is not checked.</summary>
    public UserHandle? StoredUserHandle { get; private init; }

    /// <summary><c>allowCredentials</c>; empty for any.</summary>
    public IReadOnlyList<CredentialId> AllowCredentials { get; private init; } = [];

    /// <summary>Reads a case.</summary>
    /// <param name="json">A JSON value; the result borrows its document.</param>
    /// <exception cref="WireFormatException">Not an object, a required member missing, or a member of another type or form.</exception>
    public static RecordedCase Parse(JsonElement json)
    {
        if (json.ValueKind != JsonValueKind.Object)
        {
            throw Wrong("is not a JSON object");
        }

        try
        {
            return ParseMembers(json);
        }
        catch (InvalidOperationException e)
        {
            // The types were asked about before: what is left is half a surrogate pair, escaped.
            throw new WireFormatException(Structure, 0, "has a string that is not Unicode", e);
        }
    }

    private static RecordedCase ParseMembers(JsonElement json)
    {
        var isRegistration = Text(json, "kind") switch
        {
            "registration" => true,
            "authentication" => false,
            null => throw Lacks("kind"),
            _ => throw Wrong("has a kind that is neither registration nor authentication"),
        };
        var scope = new RelyingPartyScope(
            Text(json, "rpId") ?? throw Lacks("rpId"),
            Texts(json, "origins") ?? throw Lacks("origins"),
            Flag(json, "allowCrossOrigin") ?? false,
            Texts(json, "topOrigins"),
            Text(json, "appId"));
        var challenge = Bytes(json, "challenge") ?? throw Lacks("challenge");
        var response = Member(json, "response", JsonValueKind.Object) ?? throw Lacks("response");
        return new(isRegistration, scope, challenge, JsonMarshal.GetRawUtf8Value(response).ToArray())
        {
            UserVerificationRequired = Flag(json, "userVerificationRequired") ?? false,
            UserPresenceRequired = Flag(json, "userPresenceRequired") ?? true,
            Algorithms = Elements(json, "pubKeyCredParams")?.Select(Algorithm).ToList(),
            AttestationTrust = Text(json, "attestationTrust") switch
            {
                null or "verify" => AttestationTrust.Verify,
                "skip" => AttestationTrust.Skip,
                _ => throw Wrong("has an attestationTrust that is neither verify nor skip"),
            },
            TrustAnchors = Texts(json, "trustAnchorsPem") is { } anchors ? TrustAnchors.FromPem(anchors) : TrustAnchors.None,
            AtTime = Text(json, "atTime") is { } time ? Time(time) : null,
            StoredPublicKey = Bytes(json, "storedPublicKeyCose") ?? (isRegistration ? default : throw Lacks("storedPublicKeyCose")),
            StoredSignCount = Member(json, "storedSignCount", JsonValueKind.Number) is { } count
                ? count.TryGetUInt32(out var value) ? value : throw Wrong("has a storedSignCount that is no unsigned 32-bit number")
                : 0,
            StoredBackupEligible = Flag(json, "storedBackupEligible"),
            StoredUserHandle = Bytes(json, "storedUserHandle") is { } handle ? new UserHandle(handle) : null,
            AllowCredentials = Elements(json, "allowCredentials")?.Select(Credential).ToList() ?? [],
        };
    }

    // A COSE number; the standard's own form { "type": "public-key", "alg": -7 } is understood too.
    private static CoseAlgorithm Algorithm(JsonElement element)
    {
        var number = element.ValueKind == JsonValueKind.Object && element.TryGetProperty("alg", out var alg) ? alg : element;
        return number.ValueKind == JsonValueKind.Number && number.TryGetInt32(out var value)
            ? (CoseAlgorithm)value
            : throw Wrong("has a pubKeyCredParams element that is no COSE number");
    }

    // A credential ID; the standard's descriptor { "type": "public-key", "id": "…" } is understood too.
    private static CredentialId Credential(JsonElement element)
    {
        var id = element.ValueKind == JsonValueKind.Object && element.TryGetProperty("id", out var member) ? member : element;
        return id.ValueKind == JsonValueKind.String
            ? CredentialId.Parse(id.GetString())
            : throw Wrong("has an allowCredentials element that is no credential ID");
    }

    // RFC 3339 demands an offset; the BCL would take a time without one as local.
    private static DateTimeOffset Time(string text) =>
        DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time)
            && text.Length > 10 && text[10] is 'T' or 't' or ' ' && (text.EndsWith('Z') || text.EndsWith('z') || text.LastIndexOfAny(['+', '-']) > 10)
            ? time
            : throw Wrong("has an atTime that is not RFC 3339");

    private static ByteString? Bytes(JsonElement json, string name) =>
        Text(json, name) is { } text ? ByteString.FromBase64Url(text) : default(ByteString?);

    private static string? Text(JsonElement json, string name) => Member(json, name, JsonValueKind.String)?.GetString();

    private static bool? Flag(JsonElement json, string name) =>
        !json.TryGetProperty(name, out var value) || value.ValueKind == JsonValueKind.Null ? null
        : value.ValueKind is JsonValueKind.True or JsonValueKind.False ? value.GetBoolean()
        : throw Wrong($"has a {name} that is not a boolean");

    private static List<string>? Texts(JsonElement json, string name) =>
        Elements(json, name)?.Select(e => e.ValueKind == JsonValueKind.String ? e.GetString()! : throw Wrong($"has a {name} element that is not a string")).ToList();

    private static JsonElement[]? Elements(JsonElement json, string name) =>
        Member(json, name, JsonValueKind.Array) is { } array ? [.. array.EnumerateArray()] : null;

    private static JsonElement? Member(JsonElement json, string name, JsonValueKind kind) =>
        !json.TryGetProperty(name, out var value) || value.ValueKind == JsonValueKind.Null ? null
        : value.ValueKind == kind ? value
        : throw Wrong($"has a {name} that is not of its type");

    private static WireFormatException Lacks(string name) => Wrong($"lacks {name}");

    private static WireFormatException Wrong(string problem) => new(Structure, 0, problem);
}
