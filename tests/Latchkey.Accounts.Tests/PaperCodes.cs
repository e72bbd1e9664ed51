using System.Net;
using System.Text.Json;
using Latchkey.Api;
using Latchkey.Api.SoftwareOathMethods;
using Latchkey.Authenticator.Codes;
using Latchkey.Protocol;

namespace Latchkey.Accounts.Tests;

/// <summary>The codes of a server on paper: begun, confirmed by a first code, the same answer to the same, and never again what was deleted.</summary>
internal sealed class PaperCodes(TimeProvider time)
{
    private const string Path = "/v1.0/me/authentication/softwareOathMethods";

    private readonly Dictionary<Guid, (TotpKey Key, DateTimeOffset Expires)> _begun = [];
    private readonly HashSet<Guid> _confirmed = [];

    public Dictionary<Guid, SoftwareOathMethod> Kept { get; } = [];

    /// <summary>The code with which a beginning is refused; null when it is not.</summary>
    public Func<string?> Refuses { get; set; } = () => null;

    /// <summary>The secret behind what is kept.</summary>
    public TotpKey KeyOf(Guid id) => _begun[id].Key;

    public HttpResponseMessage Answer(string route, string body) => route switch
    {
        "GET " + Path => Json(JsonSerializer.Serialize(new([.. Kept.Values]), ApiJson.Default.SoftwareOathMethodCollection)),
        "POST " + Path => Refuses() is { } code ? PaperServer.Refused(code, HttpStatusCode.Forbidden) : Begin(),
        _ when route.EndsWith("/confirm", StringComparison.Ordinal) => Confirm(JsonSerializer.Deserialize(body, ApiJson.Default.SoftwareOathConfirmation)!),
        _ => Kept.Remove(Guid.Parse(route[(route.LastIndexOf('/') + 1)..])) ? new(HttpStatusCode.NoContent) : PaperServer.Refused("code_method_not_found", HttpStatusCode.NotFound),
    };

    private HttpResponseMessage Begin()
    {
        var id = Guid.NewGuid();
        var secret = ByteString.Random(20);
        _begun[id] = (new("Example", "ada@example.org", secret), time.GetUtcNow().AddMinutes(15));
        return Json(JsonSerializer.Serialize(
            new(id, $"sealed {id}", _begun[id].Expires, Base32.Encode(secret), "Example", "ada@example.org", "SHA1", 6, 30), ApiJson.Default.SoftwareOathBeginning));
    }

    private HttpResponseMessage Confirm(SoftwareOathConfirmation confirmation)
    {
        var id = Guid.Parse(confirmation.Pending["sealed ".Length..]);
        if (_confirmed.Contains(id)) return Kept.TryGetValue(id, out var kept) ? Json(JsonSerializer.Serialize(kept, ApiJson.Default.SoftwareOathMethod)) : PaperServer.Refused("code_method_not_found", HttpStatusCode.NotFound);
        if (_begun[id].Expires <= time.GetUtcNow()) return PaperServer.Refused("code_setup_expired");
        if (_begun[id].Key.CodeAt(time.GetUtcNow()) != confirmation.Code) return PaperServer.Refused("code_wrong");
        _confirmed.Add(id);
        Kept.Add(id, new(id, confirmation.DisplayName!, time.GetUtcNow()));
        return Json(JsonSerializer.Serialize(Kept[id], ApiJson.Default.SoftwareOathMethod));
    }

    private static HttpResponseMessage Json(string json) => PaperServer.Json(json);
}
