using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Latchkey.RelyingParty.Recorded;

namespace Latchkey.RelyingParty.Tests.Recorded;

/// <summary>The test vectors of Web Authentication Level 3: every one of a format that is built is valid, the others say which is missing.</summary>
public sealed class PublishedVectorTests
{
    private static readonly string[] Built = ["none", "packed"];
    private static readonly JsonObject File = (JsonObject)JsonNode.Parse(System.IO.File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "Vectors", "w3c-webauthn-l3.json")))!;

    public static TheoryData<string> Ids() => [.. File["vectors"]!.AsArray().Select(v => (string)v!["id"]!)];

    [Theory, MemberData(nameof(Ids))]
    public void Judges_the_registration(string id)
    {
        var vector = Vector(id);
        var verdict = RecordedCaseBuilder.Judge(Registration(vector));

        var format = (string)vector["attestationFormat"]!;
        Assert.Equal(Built.Contains(format) ? null : "attestation_format_unsupported", verdict.Error);
        Assert.Equal(format, verdict.AttestationFormat);
        Assert.Equal((int)vector["credentialAlgorithm"]!, (int)verdict.Algorithm!.Value);
        if (verdict.Outcome is RecordedOutcome.Valid)
        {
            Assert.Equal((string)vector["computed"]!["attestationType"]!, verdict.AttestationType!.Value.ToString().ToLowerInvariant());
        }
    }

    [Theory, MemberData(nameof(Ids))]
    public void Finds_the_authentication_valid(string id) =>
        Assert.Equal((RecordedOutcome.Valid, null), Told(Authentication(Vector(id))));

    [Theory, MemberData(nameof(Ids))]
    public void Refuses_the_authentication_with_another_challenge_origin_or_key(string id)
    {
        var recorded = Authentication(Vector(id));

        Assert.Equal((RecordedOutcome.Refused, "challenge_mismatch"), Told(With(recorded, "challenge", "AAAA")));
        Assert.Equal((RecordedOutcome.Refused, "origin_mismatch"), Told(With(recorded, "origins", new JsonArray("https://example.com"))));
        Assert.Equal((RecordedOutcome.Refused, "rp_id_hash_mismatch"), Told(With(recorded, "rpId", "example.com")));
        var otherKey = (string)Vector(id == "none-es256" ? "packed-es256" : "none-es256")["computed"]!["credentialPublicKeyCose"]!;
        Assert.Equal((RecordedOutcome.Refused, "signature_invalid"), Told(With(recorded, "storedPublicKeyCose", RecordedCaseBuilder.Base64Url(otherKey))));
    }

    [Fact]
    public void Refuses_certificates_without_their_root_and_skips_them_when_told_to()
    {
        var recorded = Registration(Vector("packed-es256"));

        Assert.Equal((RecordedOutcome.Refused, "attestation_untrusted"), Told(With(recorded, "trustAnchorsPem", null)));
        Assert.Equal((RecordedOutcome.Valid, null), Told(With(With(recorded, "trustAnchorsPem", null), "attestationTrust", "skip")));
        Assert.Equal((RecordedOutcome.Refused, "attestation_certificate_expired"), Told(With(recorded, "atTime", "2023-01-01T00:00:00Z")));
    }

    private static JsonNode Vector(string id) => File["vectors"]!.AsArray().Single(v => (string)v!["id"]! == id)!;

    private static JsonObject Registration(JsonNode vector)
    {
        var registration = vector["registration"]!;
        return new()
        {
            ["kind"] = "registration",
            ["rpId"] = (string)File["rpId"]!,
            ["origins"] = new JsonArray((string)File["origin"]!),
            ["allowCrossOrigin"] = true,
            ["topOrigins"] = new JsonArray((string)File["topOrigin"]!),
            ["challenge"] = Bytes(registration, "challenge"),
            ["trustAnchorsPem"] = new JsonArray(new string(PemEncoding.Write("CERTIFICATE", Convert.FromHexString((string)File["attestationRoot"]!["attestation_ca_cert"]!)))),
            ["response"] = Response(vector, new()
            {
                ["clientDataJSON"] = Bytes(registration, "clientDataJSON"),
                ["attestationObject"] = Bytes(registration, "attestationObject"),
            }),
        };
    }

    private static JsonObject Authentication(JsonNode vector)
    {
        var authentication = vector["authentication"]!;
        return new()
        {
            ["kind"] = "authentication",
            ["rpId"] = (string)File["rpId"]!,
            ["origins"] = new JsonArray((string)File["origin"]!),
            ["allowCrossOrigin"] = true,
            ["challenge"] = Bytes(authentication, "challenge"),
            ["storedPublicKeyCose"] = Bytes(vector["computed"]!, "credentialPublicKeyCose"),
            ["response"] = Response(vector, new()
            {
                ["clientDataJSON"] = Bytes(authentication, "clientDataJSON"),
                ["authenticatorData"] = Bytes(authentication, "authenticatorData"),
                ["signature"] = Bytes(authentication, "signature"),
            }),
        };
    }

    private static JsonObject Response(JsonNode vector, JsonObject inner) => new()
    {
        ["id"] = Bytes(vector["registration"]!, "credential_id"),
        ["rawId"] = Bytes(vector["registration"]!, "credential_id"),
        ["type"] = "public-key",
        ["response"] = inner,
        ["clientExtensionResults"] = new JsonObject(),
    };

    private static string Bytes(JsonNode node, string name) => RecordedCaseBuilder.Base64Url((string)node[name]!);

    private static JsonObject With(JsonObject recorded, string name, JsonNode? value)
    {
        var copy = (JsonObject)recorded.DeepClone();
        copy[name] = value;
        return copy;
    }

    private static (RecordedOutcome, string?) Told(JsonObject recorded)
    {
        var verdict = RecordedCaseBuilder.Judge(recorded);
        return (verdict.Outcome, verdict.Error);
    }
}
