using System.Net;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Latchkey.Api;
using Latchkey.Api.Approvals;
using Latchkey.Api.AttestationCertificates;
using Latchkey.Api.Fido2Methods;
using Latchkey.Api.OpenIdConnect;
using Latchkey.Api.Passkeys;
using Latchkey.Api.Plan;
using Latchkey.Protocol;
using Latchkey.Protocol.Cose;
using Latchkey.Protocol.WebAuthn;
using Latchkey.RelyingParty;
using Latchkey.RelyingParty.Attestation;
using Latchkey.RelyingParty.Authentication;
using Latchkey.RelyingParty.Ceremonies;
using Latchkey.RelyingParty.Policy;
using Latchkey.RelyingParty.Registration;

namespace Latchkey.Accounts.Tests;

/// <summary>
/// A server on paper: the real relying party behind the routes the app uses, one person, used marks, and a hook around each request at which
/// the process of the app, or the server, can die.
/// </summary>
internal sealed class PaperServer(TimeProvider time, Uri? root = null) : HttpMessageHandler
{
    public static readonly Uri Root = new("http://localhost:7080/");

    private static readonly PublicKeyCredentialUserEntity Ada = new(new("ada"u8.ToArray()), "ada@example.org", "Ada");

    private readonly Uri _root = root ?? Root;

    private readonly WebAuthnRelyingParty _relyingParty = new(
        new((root ?? Root).Host, [(root ?? Root).GetLeftPart(UriPartial.Authority)]), "Example", new((root ?? Root).Host, ByteString.Random(CeremonySeal.KeyLength)), time);

    private readonly Dictionary<CeremonyId, (ByteString Hash, string Answer)> _used = [];
    private int _refreshTokens;

    public Dictionary<CredentialId, CredentialRecord> Passkeys { get; } = [];

    /// <summary>The registered Authenticators, by their keys.</summary>
    public Dictionary<string, AuthenticatorAuthenticationMethod> Authenticators { get; } = [];

    /// <summary>What waits for an answer.</summary>
    public List<PendingApproval> Waiting { get; } = [];

    /// <summary>What was answered, signed as it must be.</summary>
    public List<(string Id, string Decision, string? Number)> Answers { get; } = [];

    /// <summary>Runs before the server sees a request; what it throws, the app gets.</summary>
    public Action<HttpRequestMessage> Before { get; set; } = _ => { };

    /// <summary>Runs before it too; what it waits for, the server waits for.</summary>
    public Func<HttpRequestMessage, Task> BeforeAsync { get; set; } = _ => Task.CompletedTask;

    /// <summary>Runs after the server acted and before the app has the answer.</summary>
    public Action<HttpRequestMessage> After { get; set; } = _ => { };

    public PasskeyPolicy Policy { get; set; } = PasskeyPolicy.AllowAll;

    /// <summary>What the portal has called the passkeys meanwhile.</summary>
    public string Name { get; set; } = "Latchkey Authenticator";

    public int? TunnelDomain { get; set; }

    /// <summary>Whether the sign-in has ended: no refresh token is good any more.</summary>
    public bool HasEndedSignIns { get; set; }

    /// <summary>Why it deletes nothing; null when it does.</summary>
    public string? WhyNotDeleted { get; set; }

    /// <summary>What policy keeps from the person, by the plan's names; and whether it insists on a passkey.</summary>
    public Dictionary<string, string> Withheld { get; } = [];

    public bool RequiresPasskey { get; set; }

    /// <summary>The codes it keeps.</summary>
    public PaperCodes Codes { get; } = new(time);

    /// <summary>Vouches for the app; null on a server that has none.</summary>
    public PaperAuthority? Authority { get; set; }

    private TrustAnchors Anchors => Authority?.Anchors ?? TrustAnchors.None;

    /// <summary>What every other server in the world answers.</summary>
    public Func<HttpRequestMessage, HttpResponseMessage> Elsewhere { get; set; } = _ => new(HttpStatusCode.NotFound);

    public List<string> Requests { get; } = [];

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        Before(request);
        await BeforeAsync(request);
        var body = request.Content is null ? "" : await request.Content.ReadAsStringAsync(cancellationToken);
        var route = $"{request.Method} {request.RequestUri!.AbsolutePath}";
        Requests.Add(route);
        var answer = request.RequestUri.Authority != _root.Authority ? Elsewhere(request) : route switch
        {
            "POST /connect/token" => Refresh(),
            "GET /v1.0/me" => Json(JsonSerializer.Serialize(new("42", "ada@example.org", "Ada", "Example", TunnelDomain), ApiJson.Default.Profile)),
            "GET /v1.0/me/authentication/fido2Methods" => Json(JsonSerializer.Serialize(new([.. Passkeys.Keys.Select(Method)]), ApiJson.Default.Fido2AuthenticationMethodCollection)),
            "GET /v1.0/me/authentication/fido2Methods/creationOptions" => Begin(),
            "POST /v1.0/me/authentication/fido2Methods" => Register(body),
            "GET /v1.0/me/authentication/authenticatorMethods" => Json(JsonSerializer.Serialize(new([.. Authenticators.Values]), ApiJson.Default.AuthenticatorAuthenticationMethodCollection)),
            "POST /v1.0/me/authentication/authenticatorMethods/challenge" => Json(JsonSerializer.Serialize(new("a challenge", time.GetUtcNow().AddMinutes(10)), ApiJson.Default.AuthenticatorMethodChallenge)),
            "POST /v1.0/me/authentication/authenticatorMethods" => RegisterAuthenticator(JsonSerializer.Deserialize(body, ApiJson.Default.AuthenticatorMethodRegistration)!),
            "GET /v1.0/me/authentication/approvals" => Json(JsonSerializer.Serialize(new([.. Waiting]), ApiJson.Default.PendingApprovalCollection)),
            _ when route.StartsWith("POST /v1.0/me/authentication/approvals/", StringComparison.Ordinal) => Answer(route.Split('/')[^2], JsonSerializer.Deserialize(body, ApiJson.Default.ApprovalAnswer)!),
            _ when route.StartsWith("DELETE /v1.0/me/authentication/authenticatorMethods/", StringComparison.Ordinal) => DeleteAuthenticator(route[(route.LastIndexOf('/') + 1)..]),
            "POST /" + AttestationCertificatesClient.Path when Authority is { } authority => authority.Enrol(body, Ada.Id),
            _ when Authority is { } authority && route.StartsWith("GET /" + AttestationCertificatesClient.Path, StringComparison.Ordinal) => authority.Find(route[(route.LastIndexOf('/') + 1)..]),
            "GET /v1.0/me/registrationPlan" => Json(JsonSerializer.Serialize(Plan(), ApiJson.Default.RegistrationPlan)),
            _ when route.Contains(" /v1.0/me/authentication/softwareOathMethods", StringComparison.Ordinal) => Codes.Answer(route, body),
            "POST /passkeys/test/options" => Options(CeremonyKind.Test),
            "POST /passkeys/test" => Test(body),
            "POST /passkeys/status/options" => Options(CeremonyKind.Status),
            "POST /passkeys/status" => Status(body),
            _ when route.StartsWith("DELETE /v1.0/me/authentication/fido2Methods/", StringComparison.Ordinal) => Delete(route[(route.LastIndexOf('/') + 1)..]),
            _ => new(HttpStatusCode.NotFound),
        };
        After(request);
        return answer;
    }

    /// <summary>The person signs in once more.</summary>
    public TokenSet SignIn()
    {
        HasEndedSignIns = false;
        return new("access", time.GetUtcNow().AddMinutes(5), $"refresh-{++_refreshTokens}");
    }

    private HttpResponseMessage Refresh() => HasEndedSignIns
        ? new(HttpStatusCode.BadRequest) { Content = new StringContent("""{"error":"invalid_grant"}""", Encoding.UTF8, "application/json") }
        : Json($$"""{"access_token":"access","expires_in":300,"refresh_token":"refresh-{{++_refreshTokens}}"}""");

    private RegistrationPlan Plan()
    {
        return new(
        [
            Method(PlannedMethods.Passkey, [.. Passkeys.Keys.Select(id => id.ToString())], RequiresPasskey),
            Method(PlannedMethods.PhoneSignIn, [.. Authenticators.Values.Select(known => known.Id)]),
            Method(PlannedMethods.Notifications, [.. Authenticators.Values.Select(known => known.Id)]),
            Method(PlannedMethods.Codes, [.. Codes.Kept.Keys.Select(id => id.ToString())]),
        ]);

        PlannedMethod Method(string name, List<string> has, bool required = false)
        {
            var code = Withheld.GetValueOrDefault(name);
            return new(
                name,
                code is not null ? PlannedState.Withheld : has.Count > 0 ? PlannedState.Registered : required ? PlannedState.Required : PlannedState.Offered,
                [.. has.Select(id => new RegisteredMethod(id, Name, time.GetUtcNow()))],
                code is null ? null : new(code, "Your organisation keeps it from you.", "Ask."));
        }
    }


    private HttpResponseMessage Begin() => _relyingParty.BeginRegistration(
        new() { User = Ada, Attestation = Requirements.Direct, TrustAnchors = Anchors, ExcludeCredentials = [.. Passkeys.Keys.Select(id => new PublicKeyCredentialDescriptor(id, []))] }, Policy) switch
    {
        RegistrationBeginning.Begun begun => Json(JsonSerializer.Serialize(new(time.GetUtcNow() + WebAuthnRelyingParty.CeremonyLife, begun.Options), ApiJson.Default.WebauthnCredentialCreationOptions)),
        _ => Refused("passkey_type_not_allowed"),
    };

    private HttpResponseMessage Register(string body)
    {
        var opened = _relyingParty.OpenRegistration(Encoding.UTF8.GetBytes(JsonNode.Parse(body)!["publicKeyCredential"]!.ToJsonString()))!;
        if (_used.TryGetValue(opened.Pending.Id, out var used)) return used.Hash == opened.ResponseHash ? Json(used.Answer) : Refused("ceremony_already_used");
        if (_relyingParty.CompleteRegistration(opened, new() { User = Ada.Id, CredentialIsRegistered = Passkeys.ContainsKey(opened.Response.Id), TrustAnchors = Anchors }, Policy) is not RegistrationResult.Accepted accepted)
        {
            return Refused(Policy.DemandsAttestation ? "attestation_required" : "ceremony_expired");
        }

        Passkeys.Add(accepted.Credential.Id, accepted.Credential);
        var answer = JsonSerializer.Serialize(Method(accepted.Credential.Id), ApiJson.Default.Fido2AuthenticationMethod);
        _used.Add(opened.Pending.Id, (opened.ResponseHash, answer));
        return Json(answer);
    }

    private Fido2AuthenticationMethod Method(CredentialId id) =>
        new(id.ToString(), Name, time.GetUtcNow(), null, Passkeys[id].Aaguid.ToString(), null, [], Passkeys[id].AttestationTrusted ? Fido2AuthenticationMethod.Attested : "notAttested", "deviceBound");

    private HttpResponseMessage Delete(string id) => WhyNotDeleted is { } why ? Refused(why, HttpStatusCode.Forbidden) : Passkeys.Remove(CredentialId.Parse(id)) ? new(HttpStatusCode.NoContent) : Refused("passkey_not_found", HttpStatusCode.NotFound);

    private HttpResponseMessage RegisterAuthenticator(AuthenticatorMethodRegistration registration)
    {
        var publicKey = ByteString.FromBase64Url(registration.PublicKey);
        if (!SignatureVerifier.Verify(CoseKey.Parse(publicKey), DeviceStatement.Registration(_root, "42", registration.Challenge, publicKey), ByteString.FromBase64Url(registration.Signature)))
        {
            return Refused("device_signature_invalid");
        }

        if (!Authenticators.TryGetValue(registration.PublicKey, out var method))
        {
            Authenticators.Add(registration.PublicKey, method = new($"device-{Authenticators.Count}", registration.DisplayName!, time.GetUtcNow(), null, true, true, null, null));
        }

        return Json(JsonSerializer.Serialize(method, ApiJson.Default.AuthenticatorAuthenticationMethod));
    }

    private HttpResponseMessage Answer(string id, ApprovalAnswer answer)
    {
        var key = CoseKey.Parse(ByteString.FromBase64Url(Authenticators.Single(known => known.Value.Id == answer.DeviceId).Key));
        var statement = DeviceStatement.Answer(Root, "42", id, answer.DeviceId, answer.Decision, answer.Number);
        if (!SignatureVerifier.Verify(key, statement, ByteString.FromBase64Url(answer.Signature))) return Refused("device_signature_invalid");
        Answers.Add((id, answer.Decision, answer.Number));
        return new(HttpStatusCode.NoContent);
    }

    private HttpResponseMessage DeleteAuthenticator(string id) =>
        Authenticators.FirstOrDefault(known => known.Value.Id == id).Key is { } key && Authenticators.Remove(key) ? new(HttpStatusCode.NoContent) : Refused("authenticator_not_found", HttpStatusCode.NotFound);

    private HttpResponseMessage Options(CeremonyKind kind) => Json(Encoding.UTF8.GetString(_relyingParty.BeginAuthentication(new()
    {
        Kind = kind,
        User = kind == CeremonyKind.Test ? Ada.Id : null,
        UserVerification = kind == CeremonyKind.Test ? Requirements.Required : Requirements.Discouraged,
    }).Options.Encode()));

    private HttpResponseMessage Test(string body) => Completes(body, CeremonyKind.Test) is { } id
        ? Json(JsonSerializer.Serialize(new PasskeyTestResult(id.ToString(), "Latchkey Authenticator"), ApiJson.Default.PasskeyTestResult))
        : Refused("passkey_unknown");

    private HttpResponseMessage Status(string body) =>
        Json(JsonSerializer.Serialize(new PasskeyStatus(Completes(body, CeremonyKind.Status) is null ? PasskeyStatus.Unknown : PasskeyStatus.Known), ApiJson.Default.PasskeyStatus));

    private CredentialId? Completes(string body, CeremonyKind kind)
    {
        var opened = _relyingParty.OpenAuthentication(Encoding.UTF8.GetBytes(body))!;
        var result = _relyingParty.CompleteAuthentication(opened, new() { Kind = kind, Credential = Passkeys.GetValueOrDefault(opened.Response.Id) }, Policy);
        return result is AuthenticationResult.Accepted accepted ? accepted.Credential.Id : null;
    }

    internal static HttpResponseMessage Json(string json) => new(HttpStatusCode.OK) { Content = new StringContent(json, Encoding.UTF8, "application/json") };

    internal static HttpResponseMessage Refused(string code, HttpStatusCode status = HttpStatusCode.BadRequest) =>
        new(status) { Content = new StringContent($$$"""{"error":{"code":"{{{code}}}","message":"No."}}""", Encoding.UTF8, "application/json") };
}
