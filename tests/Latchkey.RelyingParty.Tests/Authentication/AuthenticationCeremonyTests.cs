using Latchkey.Protocol;
using Latchkey.Protocol.Cbor;
using Latchkey.Protocol.Cose;
using Latchkey.Protocol.WebAuthn;
using Latchkey.RelyingParty.Authentication;
using Latchkey.RelyingParty.Ceremonies;
using Latchkey.RelyingParty.Tests.Scenarios;

namespace Latchkey.RelyingParty.Tests.Authentication;

public sealed class AuthenticationCeremonyTests
{
    private static readonly AuthenticationScenario Happy = AuthenticationScenario.Happy();

    [Fact]
    public void Accepts_the_happy_ceremony() => Assert.Null(Happy.Complete());

    [Fact]
    public void Accepts_keys_of_other_algorithms()
    {
        Assert.Null((Happy with { Key = TestKey.P384() }).Complete());
        Assert.Null((Happy with { Key = TestKey.Rsa() }).Complete());
    }

    [Fact]
    public void Refuses_a_credential_that_was_not_asked_for()
    {
        Assert.Equal(AuthenticationError.CredentialNotAllowed, (Happy with { AllowCredentials = [CredentialId.Random()] }).Complete());
        Assert.Null((Happy with { AllowCredentials = [CredentialId.Random(), Happy.Id] }).Complete());
    }

    [Fact]
    public void Refuses_a_user_handle_that_is_not_the_accounts()
    {
        Assert.Equal(AuthenticationError.UserHandleMismatch, (Happy with { UserHandle = UserHandle.Random() }).Complete());
        Assert.Null((Happy with { UserHandle = null }).Complete());
        Assert.Null((Happy with { StoredUserHandle = null, UserHandle = UserHandle.Random() }).Complete());
    }

    [Fact]
    public void Refuses_when_the_type_is_not_get() =>
        Assert.Equal(AuthenticationError.TypeMismatch, (Happy with { Type = CollectedClientData.TypeCreate }).Complete());

    [Fact]
    public void Refuses_when_the_challenge_is_not_the_one_we_sent() =>
        Assert.Equal(AuthenticationError.ChallengeMismatch, (Happy with { ClientDataChallenge = Challenge.Random() }).Complete());

    [Fact]
    public void Refuses_when_the_origin_is_not_expected() =>
        Assert.Equal(AuthenticationError.OriginMismatch, (Happy with { Origin = "https://evilexample.org" }).Complete());

    [Fact]
    public void Refuses_a_cross_origin_ceremony_unless_it_is_expected()
    {
        var framed = Happy with { CrossOrigin = true, TopOrigin = "https://portal.example" };

        Assert.Equal(AuthenticationError.CrossOriginNotAllowed, framed.Complete());
        Assert.Null((framed with { AllowCrossOrigin = true }).Complete());
        Assert.Equal(AuthenticationError.TopOriginMismatch, (framed with { AllowCrossOrigin = true, TopOrigins = [] }).Complete());
    }

    [Fact]
    public void Refuses_when_the_authenticator_signed_for_another_RP_ID() =>
        Assert.Equal(AuthenticationError.RpIdHashMismatch, (Happy with { AuthenticatorRpId = "example.com" }).Complete());

    [Fact]
    public void Takes_the_AppID_in_place_of_the_RP_ID_exactly_when_the_client_says_it_was_used()
    {
        const string AppId = "https://example.org/appid.json";
        var used = Happy with { AppId = AppId, AppIdUsed = true, AuthenticatorRpId = AppId };

        Assert.Null(used.Complete());
        Assert.Equal(AuthenticationError.RpIdHashMismatch, (used with { AppIdUsed = false }).Complete());
        Assert.Equal(AuthenticationError.RpIdHashMismatch, (used with { AppId = null }).Complete());
        Assert.Equal(AuthenticationError.RpIdHashMismatch, (used with { AuthenticatorRpId = "example.org" }).Complete());
        Assert.Null((used with { AppIdUsed = false, AuthenticatorRpId = "example.org" }).Complete());
        Assert.Null((used with { AppId = null, AuthenticatorRpId = "example.org" }).Complete());
    }

    [Fact]
    public void Refuses_when_the_user_was_not_present()
    {
        Assert.Equal(AuthenticationError.UserNotPresent, (Happy with { UserPresent = false }).Complete());
        Assert.Null((Happy with { UserPresent = false, UserPresenceRequired = false }).Complete());
    }

    [Fact]
    public void Refuses_when_the_user_was_not_verified_though_it_was_required()
    {
        Assert.Equal(AuthenticationError.UserNotVerified, (Happy with { UserVerified = false }).Complete());
        Assert.Null((Happy with { UserVerified = false, UserVerificationRequired = false }).Complete());
    }

    [Fact]
    public void Refuses_backup_state_without_backup_eligibility() =>
        Assert.Equal(AuthenticationError.BackupStateInvalid, (Happy with { BackupState = true }).Complete());

    [Fact]
    public void Refuses_a_backup_eligibility_that_changed_in_either_direction()
    {
        Assert.Equal(AuthenticationError.BackupEligibilityChanged, (Happy with { BackupEligible = true }).Complete());
        Assert.Equal(AuthenticationError.BackupEligibilityChanged, (Happy with { StoredBackupEligible = true }).Complete());
        Assert.Null((Happy with { StoredBackupEligible = true, BackupEligible = true, BackupState = true }).Complete());
        Assert.Null((Happy with { StoredBackupEligible = null, BackupEligible = true }).Complete());
    }

    [Fact]
    public void Refuses_an_assertion_that_holds_a_new_credential() =>
        Assert.Equal(AuthenticationError.AttestedCredentialDataUnexpected,
            (Happy with { Attested = new(Aaguid.None, Happy.Id, Happy.Key.Public.Encode()) }).Complete());

    [Fact]
    public void Accepts_extension_outputs_nobody_asked_for() =>
        Assert.Null((Happy with { Extensions = new CanonicalCborWriter().StartMap(1).Text("uvm").StartArray(0).EndArray().EndMap().Encode() }).Complete());

    [Fact]
    public void Refuses_a_damaged_signature_and_the_signature_of_another_key()
    {
        Assert.Equal(AuthenticationError.SignatureInvalid, (Happy with { Damage = Flip }).Complete());
        Assert.Equal(AuthenticationError.SignatureInvalid, (Happy with { Damage = _ => [] }).Complete());
        Assert.Equal(AuthenticationError.SignatureInvalid, (Happy with { StoredPublicKey = TestKey.P256().Public.Encode() }).Complete());

        static byte[] Flip(byte[] signature)
        {
            signature[^1] ^= 1;
            return signature;
        }
    }

    [Theory]
    [InlineData(0u, 0u, null)]
    [InlineData(0u, 1u, null)]
    [InlineData(5u, 6u, null)]
    [InlineData(5u, uint.MaxValue, null)]
    [InlineData(5u, 5u, AuthenticationError.SignCountNotIncreased)]
    [InlineData(5u, 4u, AuthenticationError.SignCountNotIncreased)]
    [InlineData(5u, 0u, AuthenticationError.SignCountNotIncreased)]
    [InlineData(uint.MaxValue, 0u, AuthenticationError.SignCountNotIncreased)]
    public void Refuses_a_signature_counter_that_does_not_grow_unless_both_are_zero(uint stored, uint given, AuthenticationError? expected) =>
        Assert.Equal(expected, (Happy with { StoredSignCount = stored, SignCount = given }).Complete());

    [Fact]
    public void Finds_a_stored_key_malformed_that_is_none() =>
        Assert.Throws<WireFormatException>(() => (Happy with { StoredPublicKey = (byte[])[.. Happy.Key.Public.Encode().Span, 0] }).Complete());

    [Fact]
    public void Allocates_nothing_from_JSON_to_verdict()
    {
        Assert.SkipUnless(SignatureVerifier.Implementation == "libcrypto", "the BCL allocates");
        var json = Happy.Json();
        var scope = Happy.Scope;
        var workspace = new CeremonyWorkspace();
        var key = Happy.Key.Public.Encode();
        var challenge = Happy.ClientDataChallenge.Bytes.ToArray();
        Assert.Null(Verify());

        var before = GC.GetAllocatedBytesForCurrentThread();
        var refused = Verify();
        var allocated = GC.GetAllocatedBytesForCurrentThread() - before;

        Assert.Null(refused);
        Assert.Equal(0, allocated);

        AuthenticationError? Verify() => AuthenticationCeremony.Verify(
            scope, new AuthenticationDemand { Challenge = challenge, PublicKey = key, UserVerificationRequired = true }, json, workspace, out _);
    }
}
