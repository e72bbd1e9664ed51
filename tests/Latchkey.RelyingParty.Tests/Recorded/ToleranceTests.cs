using System.Text.Json;
using System.Text.Json.Nodes;
using Latchkey.Protocol;
using Latchkey.Protocol.Cbor;
using Latchkey.Protocol.Cose;
using Latchkey.Protocol.WebAuthn;
using Latchkey.RelyingParty.Recorded;
using Latchkey.RelyingParty.Tests.Scenarios;

namespace Latchkey.RelyingParty.Tests.Recorded;

/// <summary>What devices in the field write besides the canonical form is read, warned of, and refused where strictness is asked for.</summary>
public sealed class ToleranceTests
{
    private static readonly RegistrationScenario Self = RegistrationScenario.PackedSelf();
    private static readonly ByteString Extensions = new CanonicalCborWriter().StartMap(2).Text("credProtect").Integer(2).Text("hmac-secret").Boolean(true).EndMap().Encode();

    [Fact]
    public void Reads_an_attestation_object_backwards_and_with_overlong_heads_and_warns()
    {
        foreach (var scenario in new[] { RegistrationScenario.Happy(), Self })
        {
            var loose = Registration(scenario, LooseCbor.Of(scenario.Response().AttestationObject));

            var verdict = Judge(loose);
            Assert.Equal((RecordedOutcome.Valid, null), (verdict.Outcome, verdict.Error));
            Assert.Equal(["attestation_object_not_canonical"], verdict.Warnings);
            Assert.Equal((RecordedOutcome.Malformed, "attestation_object_malformed"), Told(Judge(loose, strict: true)));
        }
    }

    [Fact]
    public void Reads_a_key_and_extension_outputs_backwards_and_with_overlong_heads_and_warns()
    {
        foreach (var key in new[] { TestKey.P256(), TestKey.P384(), TestKey.Rsa() })
        {
            var scenario = RegistrationScenario.PackedSelf(key: key) with
            {
                Offered = [key.Public.Algorithm], PublicKey = LooseCbor.Of(key.Public.Encode()), Extensions = LooseCbor.Of(Extensions),
            };
            var recorded = RecordedCaseBuilder.Registration(scenario);

            var verdict = Judge(recorded);
            Assert.Equal((RecordedOutcome.Valid, null), Told(verdict));
            Assert.Equal(["credential_public_key_not_canonical"], verdict.Warnings);
            Assert.Equal(key.Public.Algorithm, verdict.Algorithm);
            Assert.Equal((RecordedOutcome.Malformed, "credential_public_key_malformed"), Told(Judge(recorded, strict: true)));
        }
    }

    [Fact]
    public void Reads_an_assertion_with_a_stored_key_and_extension_outputs_in_any_order()
    {
        var scenario = AuthenticationScenario.Happy() with { Extensions = LooseCbor.Of(Extensions) };
        var recorded = RecordedCaseBuilder.Authentication(scenario);
        Assert.Equal((RecordedOutcome.Valid, null), Told(Judge(recorded)));
        Assert.Equal(["authenticator_extension_outputs_not_canonical"], Judge(recorded).Warnings);
        Assert.Equal((RecordedOutcome.Malformed, "authenticator_extension_outputs_malformed"), Told(Judge(recorded, strict: true)));

        var stored = RecordedCaseBuilder.Authentication();
        stored["storedPublicKeyCose"] = LooseCbor.Of(AuthenticationScenario.Happy().Key.Public.Encode()).ToBase64Url();
        Assert.Equal((RecordedOutcome.Valid, null), Told(Judge(stored)));
        Assert.Equal((RecordedOutcome.Malformed, "case_invalid"), Told(Judge(stored, strict: true)));
    }

    [Theory]
    [InlineData("a463666d74646e6f6e656761747453746d74a0686175746844617461XX63666d74646e6f6e65", "fmt twice")]
    [InlineData("a463666d74646e6f6e656761747453746d74a0686175746844617461XX7803666d74646e6f6e65", "fmt twice, once with a longer head")]
    [InlineData("a463666d74646e6f6e656761747453746d74a0686175746844617461XX6178a20000180000", "a key twice in a member nobody knows, once with a longer head")]
    [InlineData("a363666d74646e6f6e656761747453746d74a0686175746844617461XX00", "a trailing byte")]
    [InlineData("bf63666d74646e6f6e656761747453746d74a0686175746844617461XXff", "an indefinite map")]
    [InlineData("a363666d747f646e6f6e65ff6761747453746d74a0686175746844617461XX", "an indefinite text")]
    [InlineData("a363666d74646e6f6e656761747453746d74bfff686175746844617461XX", "an indefinite statement")]
    [InlineData("a363666d74646e6f6e656761747453746d74a06861757468446174615fXXff", "indefinite bytes")]
    [InlineData("a363666d74646e6f6e656761747453746d74a0686175746844617461c0XX", "a tag")]
    public void Refuses_in_either_form_an_attestation_object_with(string hex, string what)
    {
        Assert.NotEmpty(what);
        var scenario = RegistrationScenario.Happy();
        var authData = Convert.ToHexString(new CanonicalCborWriter().Bytes(AttestationObject.Parse(scenario.Response().AttestationObject).AuthData).Encode());
        var recorded = Registration(scenario, ByteString.FromHex(hex.Replace("XX", authData, StringComparison.Ordinal)));

        Assert.Equal((RecordedOutcome.Malformed, "attestation_object_malformed"), Told(Judge(recorded)));
        Assert.Equal((RecordedOutcome.Malformed, "attestation_object_malformed"), Told(Judge(recorded, strict: true)));
    }

    [Theory]
    [InlineData("a20000180000", "a number twice")]
    [InlineData("a2200038002000", "a negative number twice")]
    [InlineData("a241000058010000", "bytes twice")]
    [InlineData("a1617ac100", "a tag")]
    [InlineData("a1617a5f4100ff", "indefinite bytes")]
    [InlineData("a1617af814", "false in two bytes")]
    [InlineData("bfff", "an indefinite map")]
    public void Refuses_extension_outputs_with(string hex, string what)
    {
        Assert.NotEmpty(what);
        var recorded = RecordedCaseBuilder.Registration(RegistrationScenario.Happy() with { Extensions = ByteString.FromHex(hex) });

        Assert.Equal(RecordedOutcome.Malformed, Judge(recorded).Outcome);
    }

    [Fact]
    public void Refuses_a_statement_with_a_member_twice_or_one_too_many()
    {
        var attestation = AttestationObject.Parse(Self.Response().AttestationObject);
        byte[] signature = [0x63, .. "sig"u8, .. attestation.AttStmt.Span[^(attestation.AttStmt.Length - 10)..]]; // behind the map's head, alg and sig

        Assert.Equal("attestation_object_malformed", ErrorOf([0xa3, 0x63, .. "alg"u8, 0x26, 0x78, 0x03, .. "alg"u8, 0x26, .. signature]));
        Assert.Equal("attestation_statement_invalid", ErrorOf([0xa3, 0x63, .. "alg"u8, 0x26, .. signature, 0x64, .. "more"u8, 0x00]));

        string? ErrorOf(byte[] statement) => Judge(Registration(Self, (byte[])
        [
            0xa3, 0x63, .. "fmt"u8, 0x66, .. "packed"u8, 0x67, .. "attStmt"u8, .. statement,
            0x68, .. "authData"u8, .. new CanonicalCborWriter().Bytes(attestation.AuthData).Encode(),
        ])).Error;
    }

    [Fact]
    public void Names_an_algorithm_that_is_not_built_instead_of_doubting_the_signature()
    {
        var recorded = RecordedCaseBuilder.Authentication();
        foreach (var key in new[]
        {
            CoseKey.Ec2((CoseAlgorithm)(-47), (CoseCurve)8, new byte[32], new byte[32]).Encode(),
            CoseKey.Rsa((CoseAlgorithm)(-65535), ByteString.Random(256), new byte[] { 1, 0, 1 }).Encode(),
            new CanonicalCborWriter().StartMap(3).Integer(1).Integer(7).Integer(3).Integer(-48).Integer(-1).Bytes(ByteString.Random(1312)).EndMap().Encode(),
        })
        {
            recorded["storedPublicKeyCose"] = key.ToBase64Url();
            Assert.Equal((RecordedOutcome.Refused, "algorithm_unsupported"), Told(Judge(recorded)));
        }

        var root = TestCertificates.Root();
        var packed = TestCertificates.Packed(TestCertificates.Leaf(root), [root], algorithm: (CoseAlgorithm)(-65535));
        Assert.Equal((RecordedOutcome.Refused, "algorithm_unsupported"), Told(Judge(RecordedCaseBuilder.Registration(packed))));
    }

    [Theory]
    [InlineData(5u, 0u, true, null)]
    [InlineData(5u, 0u, false, "sign_count_not_increased")]
    [InlineData(5u, 4u, true, "sign_count_not_increased")]
    [InlineData(5u, 5u, true, "sign_count_not_increased")]
    public void Takes_a_synced_passkey_whose_counter_falls_to_zero_and_warns(uint stored, uint given, bool synced, string? error)
    {
        var recorded = RecordedCaseBuilder.Authentication(AuthenticationScenario.Happy() with { SignCount = given, BackupEligible = synced });
        recorded["storedSignCount"] = stored;

        Assert.Equal(error, Judge(recorded).Error);
        Assert.Equal(error is null ? ["sign_count_fell_to_zero"] : [], Judge(recorded).Warnings);
        Assert.Equal("sign_count_not_increased", Judge(recorded, strict: true).Error);
    }

    [Fact]
    public void Warns_of_nothing_where_nothing_is_odd()
    {
        Assert.Empty(Judge(RecordedCaseBuilder.Registration(Self)).Warnings);
        Assert.Empty(Judge(RecordedCaseBuilder.Authentication()).Warnings);
    }

    [Fact]
    public void Reads_null_as_clients_in_other_languages_write_it()
    {
        foreach (var change in (Action<JsonObject>[])
        [
            response => response["clientExtensionResults"] = null,
            response => response["clientExtensionResults"] = new JsonObject { ["credProps"] = new JsonObject { ["rk"] = null } },
            response => response["response"]!["transports"] = null,
            response => response["authenticatorAttachment"] = null,
        ])
        {
            var recorded = RecordedCaseBuilder.Registration();
            change(recorded["response"]!.AsObject());
            Assert.Equal((RecordedOutcome.Valid, null), Told(Judge(recorded)));
            Assert.Equal((RecordedOutcome.Valid, null), Told(Judge(recorded, strict: true)));
        }

        var happy = RegistrationScenario.Happy();
        var clientData = $$"""{"type":"webauthn.create","challenge":"{{happy.ClientDataChallenge.Bytes.ToBase64Url()}}","origin":"https://example.org","crossOrigin":null}""";
        Assert.Equal((RecordedOutcome.Valid, null), Told(Judge(RecordedCaseBuilder.Registration(happy with { ClientDataJson = RegistrationScenario.Utf8(clientData) }))));
    }

    private static JsonObject Registration(RegistrationScenario scenario, ByteString attestationObject)
    {
        var recorded = RecordedCaseBuilder.Registration(scenario);
        recorded["response"]!["response"]!["attestationObject"] = attestationObject.ToBase64Url();
        return recorded;
    }

    private static (RecordedOutcome Outcome, string? Error) Told(RecordedVerdict verdict) => (verdict.Outcome, verdict.Error);

    private static RecordedVerdict Judge(JsonNode recorded, bool strict = false)
    {
        using var document = JsonDocument.Parse(recorded.ToJsonString());
        return new RecordedCeremony(TimeProvider.System, strict).Judge(document.RootElement);
    }
}
