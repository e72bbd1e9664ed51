using Latchkey.Protocol;
using Latchkey.Protocol.Cbor;
using Latchkey.Protocol.Cose;
using Latchkey.Protocol.WebAuthn;
using Latchkey.RelyingParty.Registration;
using Latchkey.RelyingParty.Tests.Scenarios;

namespace Latchkey.RelyingParty.Tests.Registration;

public sealed class RegistrationCeremonyTests
{
    private static readonly RegistrationScenario Happy = RegistrationScenario.Happy();

    [Fact]
    public void Accepts_the_happy_ceremony_and_tells_its_facts()
    {
        var facts = (Happy with { BackupEligible = true, BackupState = true }).Facts();

        Assert.Equal((Happy.CredentialId, Happy.Aaguid, CoseAlgorithm.ES256), (facts.CredentialId, facts.Aaguid, facts.Algorithm));
        Assert.Equal((true, true, true, true), (facts.UserPresent, facts.UserVerified, facts.BackupEligible, facts.BackupState));
    }

    [Fact]
    public void Refuses_when_the_type_is_not_create() =>
        Assert.Equal(RegistrationError.TypeMismatch, (Happy with { Type = CollectedClientData.TypeGet }).Complete());

    [Fact]
    public void Refuses_when_the_challenge_is_not_the_one_we_sent() =>
        Assert.Equal(RegistrationError.ChallengeMismatch, (Happy with { ClientDataChallenge = Challenge.Random() }).Complete());

    [Theory]
    [InlineData("https://evilexample.org")]
    [InlineData("https://example.org:8443")]
    [InlineData("http://example.org")]
    [InlineData("https://example.org/")]
    [InlineData("https://EXAMPLE.org")]
    [InlineData("https://sub.example.org")]
    public void Refuses_when_the_origin_is_not_expected(string origin) =>
        Assert.Equal(RegistrationError.OriginMismatch, (Happy with { Origin = origin }).Complete());

    [Fact]
    public void Refuses_a_cross_origin_ceremony_unless_it_is_expected()
    {
        var framed = Happy with { CrossOrigin = true };

        Assert.Equal(RegistrationError.CrossOriginNotAllowed, framed.Complete());
        Assert.Null((framed with { AllowCrossOrigin = true }).Complete());
    }

    [Fact]
    public void Refuses_a_topOrigin_without_crossOrigin_too_unless_framing_is_expected()
    {
        var framed = Happy with { TopOrigin = "https://portal.example" };

        Assert.Equal(RegistrationError.CrossOriginNotAllowed, framed.Complete());
        Assert.Null((framed with { AllowCrossOrigin = true }).Complete());
    }

    [Fact]
    public void Refuses_a_topOrigin_that_is_not_expected()
    {
        var framed = Happy with { CrossOrigin = true, TopOrigin = "https://portal.example", AllowCrossOrigin = true, TopOrigins = ["https://other.example"] };

        Assert.Equal(RegistrationError.TopOriginMismatch, framed.Complete());
        Assert.Null((framed with { TopOrigins = ["https://portal.example"] }).Complete());
        Assert.Null((framed with { TopOrigin = null }).Complete());
    }

    [Fact]
    public void Refuses_when_the_authenticator_signed_for_another_RP_ID() =>
        Assert.Equal(RegistrationError.RpIdHashMismatch, (Happy with { AuthenticatorRpId = "example.com" }).Complete());

    [Fact]
    public void Refuses_when_the_user_was_not_present_unless_the_create_was_conditional()
    {
        var absent = Happy with { UserPresent = false };

        Assert.Equal(RegistrationError.UserNotPresent, absent.Complete());
        Assert.Null((absent with { UserPresenceRequired = false }).Complete());
    }

    [Fact]
    public void Refuses_when_the_user_was_not_verified_though_it_was_required()
    {
        var unverified = Happy with { UserVerified = false };

        Assert.Equal(RegistrationError.UserNotVerified, unverified.Complete());
        Assert.Null((unverified with { UserVerificationRequired = false }).Complete());
    }

    [Fact]
    public void Refuses_backup_state_without_backup_eligibility() =>
        Assert.Equal(RegistrationError.BackupStateInvalid, (Happy with { BackupState = true }).Complete());

    [Fact]
    public void Refuses_authenticator_data_without_a_credential() =>
        Assert.Equal(RegistrationError.AttestedCredentialDataMissing, (Happy with { Attested = false }).Complete());

    [Fact]
    public void Refuses_an_algorithm_that_was_not_offered()
    {
        Assert.Equal(RegistrationError.AlgorithmNotOffered, (Happy with { Offered = [CoseAlgorithm.EdDSA, CoseAlgorithm.RS256] }).Complete());
        Assert.Null((Happy with { Offered = [] }).Complete());
    }

    [Fact]
    public void Refuses_an_algorithm_that_cannot_be_checked_even_if_it_was_offered()
    {
        const CoseAlgorithm ES256K = (CoseAlgorithm)(-47);
        var key = CoseKey.Ec2(ES256K, (CoseCurve)8, new byte[32], new byte[32]).Encode();

        Assert.Equal(RegistrationError.AlgorithmUnsupported, (Happy with { PublicKey = key, Offered = [ES256K] }).Complete());
        Assert.Equal(RegistrationError.AlgorithmUnsupported, (Happy with { PublicKey = key, Offered = [] }).Complete());
    }

    [Fact]
    public void Refuses_a_key_off_its_curve_or_of_another_curve_than_its_algorithm()
    {
        var x = Happy.Key.Public.X;
        var y = Happy.Key.Public.Y.ToArray();
        y[0] ^= 1;
        var other = TestKey.P384().Public;

        Assert.Equal(RegistrationError.PublicKeyInvalid, (Happy with { PublicKey = CoseKey.Ec2(CoseAlgorithm.ES256, CoseCurve.P256, x, y).Encode() }).Complete());
        Assert.Equal(RegistrationError.PublicKeyInvalid, (Happy with { PublicKey = CoseKey.Ec2(CoseAlgorithm.ES256, CoseCurve.P384, other.X, other.Y).Encode() }).Complete());
    }

    [Fact]
    public void Refuses_an_Ed25519_key_under_which_nobody_could_ever_sign_in()
    {
        byte[] identity = [1, .. new byte[31]], noPoint = [2, .. new byte[31]];
        foreach (var x in (byte[][])[identity, noPoint])
        {
            var key = CoseKey.Okp(CoseAlgorithm.EdDSA, CoseCurve.Ed25519, x).Encode();
            Assert.Equal(RegistrationError.PublicKeyInvalid, (Happy with { PublicKey = key, Offered = [CoseAlgorithm.EdDSA] }).Complete());
        }
    }

    [Theory]
    [InlineData(0, RegistrationError.CredentialIdLengthInvalid)]
    [InlineData(1, null)]
    [InlineData(1023, null)]
    [InlineData(1024, RegistrationError.CredentialIdLengthInvalid)]
    public void Refuses_a_credential_ID_that_is_empty_or_longer_than_1023_bytes(int length, RegistrationError? expected) =>
        Assert.Equal(expected, (Happy with { CredentialId = new(new byte[length]) }).Complete());

    [Fact]
    public void Refuses_a_response_that_names_another_credential_than_was_made() =>
        Assert.Equal(RegistrationError.CredentialIdMismatch, (Happy with { ResponseId = CredentialId.Random() }).Complete());

    [Fact]
    public void Refuses_a_credential_ID_that_is_already_registered() =>
        Assert.Equal(RegistrationError.CredentialAlreadyRegistered, (Happy with { CredentialIsRegistered = true }).Complete());

    [Fact]
    public void Accepts_extension_outputs_nobody_asked_for()
    {
        var extensions = new CanonicalCborWriter().StartMap(1).Text("credProtect").Integer(2).EndMap().Encode();

        Assert.Null((Happy with { Extensions = extensions }).Complete());
    }

    [Fact]
    public void Refuses_a_none_attestation_with_a_statement() =>
        Assert.Equal(RegistrationError.AttestationStatementInvalid,
            (Happy with { Statement = _ => new CanonicalCborWriter().StartMap(1).Text("alg").Integer(-7).EndMap().Encode() }).Complete());

    [Theory]
    [InlineData("fido-u2f")]
    [InlineData("tpm")]
    [InlineData("android-key")]
    [InlineData("apple")]
    [InlineData("None")]
    [InlineData("somebody-elses")]
    public void Refuses_a_format_that_is_not_built(string format) =>
        Assert.Equal(RegistrationError.AttestationFormatUnsupported, (Happy with { Format = format }).Complete());

    [Fact]
    public void Refuses_a_compound_statement_as_a_format_that_is_not_built() =>
        Assert.Equal(RegistrationError.AttestationFormatUnsupported, (Happy with { Format = "compound", Statement = _ => new byte[] { 0x80 } }).Complete());

    [Fact]
    public void Strips_a_byte_order_mark_and_passes_over_members_nobody_knows()
    {
        var plain = Happy.Response().ClientDataJson.ToArray();
        byte[] marked = [0xEF, 0xBB, 0xBF, .. plain];
        byte[] extended = [.. plain.AsSpan(0, plain.Length - 1), .. ",\"tokenBinding\":{\"status\":\"supported\"},\"x\":[1,{}]}"u8];

        Assert.Null((Happy with { ClientDataJson = marked }).Complete());
        Assert.Null((Happy with { ClientDataJson = extended }).Complete());
    }

    [Fact]
    public void Finds_malformed_what_names_a_member_twice_or_ends_in_more_bytes()
    {
        var plain = Happy.Response().ClientDataJson.ToArray();
        byte[] twice = [.. plain.AsSpan(0, plain.Length - 1), .. ",\"type\":\"webauthn.create\"}"u8];
        byte[] longer = [.. plain, .. "{}"u8];

        Assert.Throws<WireFormatException>(() => (Happy with { ClientDataJson = twice }).Complete());
        Assert.Throws<WireFormatException>(() => (Happy with { ClientDataJson = longer }).Complete());
        Assert.Throws<WireFormatException>(() => (Happy with { PublicKey = (byte[])[.. Happy.Key.Public.Encode().Span, 0] }).Complete());
    }
}
