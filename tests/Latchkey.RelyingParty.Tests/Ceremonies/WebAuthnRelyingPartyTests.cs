using System.Security.Cryptography;
using Latchkey.Protocol;
using Latchkey.Protocol.WebAuthn;
using Latchkey.RelyingParty.Attestation;
using Latchkey.RelyingParty.Authentication;
using Latchkey.RelyingParty.Ceremonies;
using Latchkey.RelyingParty.Policy;
using Latchkey.RelyingParty.Registration;
using Latchkey.RelyingParty.Tests.Scenarios;
using Microsoft.Extensions.Time.Testing;

namespace Latchkey.RelyingParty.Tests.Ceremonies;

/// <summary>From begin to verdict with sealed ceremonies: who may complete what, when, and where.</summary>
public sealed class WebAuthnRelyingPartyTests : IDisposable
{
    private static readonly UserHandle Alice = UserHandle.Random();
    private static readonly UserHandle Bob = UserHandle.Random();
    private static readonly ByteString Session = ByteString.Random(32);

    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));
    private readonly CeremonySeal _seal = new("example.org", RandomNumberGenerator.GetBytes(CeremonySeal.KeyLength));
    private readonly WebAuthnRelyingParty _rp;

    public WebAuthnRelyingPartyTests() => _rp = new(new("example.org", ["https://example.org"]), "Example", _seal, _time);

    public void Dispose() => _seal.Dispose();

    [Fact]
    public void Registers_and_signs_in()
    {
        var credential = Register();

        var accepted = Assert.IsType<AuthenticationResult.Accepted>(SignIn(credential));

        Assert.Equal((credential, false, true), (accepted.Credential, accepted.Changed, accepted.UserVerified));
    }

    [Theory]
    [InlineData("tpm")]
    [InlineData("apple")]
    [InlineData("android-key")]
    [InlineData("packed")] // by a certificate without C, O and OU
    public void Takes_an_attestation_it_cannot_judge_as_none_unless_the_policy_demands_one(string format)
    {
        var root = TestCertificates.Root();
        var packed = TestCertificates.Packed(TestCertificates.Leaf(root, new() { Subject = "CN=Nobody's" }), []);
        var demanding = new PasskeyPolicy { Profiles = [new() { Attestation = AttestationEnforcement.RegistrationOnly }] };
        var anchors = TrustAnchors.FromDer([root.Der]);

        var credential = Assert.IsType<RegistrationResult.Accepted>(Complete(PasskeyPolicy.AllowAll)).Credential;
        Assert.Equal((format, AttestationType.None, false), (credential.AttestationFormat, credential.AttestationType, credential.AttestationTrusted));
        Assert.Equal(
            format == "packed" ? RegistrationError.AttestationCertificateInvalid : RegistrationError.AttestationFormatUnsupported,
            Assert.IsType<RegistrationResult.Refused>(Complete(demanding)).Error);

        RegistrationResult Complete(PasskeyPolicy policy)
        {
            var begun = Assert.IsType<RegistrationBeginning.Begun>(_rp.BeginRegistration(Request() with { TrustAnchors = anchors }, policy));
            var response = packed with { ClientDataChallenge = begun.Options.Challenge, Format = format };
            return _rp.CompleteRegistration(_rp.OpenRegistration(response.Json())!, Context() with { TrustAnchors = anchors }, policy);
        }
    }

    [Fact]
    public void Refuses_an_attestation_that_is_judged_and_false_whatever_the_policy()
    {
        var begun = Begin();
        var forged = RegistrationScenario.PackedSelf(key: TestKey.P256()) with { Key = TestKey.P256(), ClientDataChallenge = begun.Options.Challenge };

        Assert.Equal(
            RegistrationError.AttestationSignatureInvalid,
            Assert.IsType<RegistrationResult.Refused>(_rp.CompleteRegistration(_rp.OpenRegistration(forged.Json())!, Context(), PasskeyPolicy.AllowAll)).Error);
    }

    [Fact]
    public void Signs_in_a_synced_passkey_whose_counter_falls_to_zero_unless_the_policy_says_otherwise()
    {
        var credential = Register() with { SignCount = 7, BackupEligible = true };

        var accepted = Assert.IsType<AuthenticationResult.Accepted>(Complete(PasskeyPolicy.AllowAll));
        Assert.Equal((true, true, 0u), (accepted.SignCountFell, accepted.Changed, accepted.Credential.SignCount));
        Assert.Equal(AuthenticationError.SignCountNotIncreased, Refused(Complete(new() { SyncedCounterMayFall = false })));

        AuthenticationResult Complete(PasskeyPolicy policy)
        {
            var synced = Assertion(BeginAuthentication(CeremonyKind.SignIn).Options.Challenge, Alice) with { BackupEligible = true };
            return _rp.CompleteAuthentication(_rp.OpenAuthentication(synced.Json())!, new() { Kind = CeremonyKind.SignIn, Credential = credential }, policy);
        }
    }

    [Fact]
    public void Tells_the_options_in_the_standards_words()
    {
        var options = Begin().Options;

        Assert.Equal(("example.org", "Example", Alice), (options.Rp.Id, options.Rp.Name, options.User.Id));
        Assert.Contains(new(-7), options.PubKeyCredParams);
        Assert.Equal(options.Challenge, PublicKeyCredentialCreationOptions.Parse(options.Encode()).Challenge);
    }

    [Fact]
    public void Refuses_a_challenge_nobody_sealed()
    {
        Assert.Null(_rp.OpenRegistration(RegistrationScenario.Happy().Json()));
        Assert.Null(_rp.OpenAuthentication(AuthenticationScenario.Happy().Json()));
    }

    [Fact]
    public void Refuses_a_ceremony_of_another_kind()
    {
        var registration = Begin().Options.Challenge;
        var stepUp = BeginAuthentication(CeremonyKind.StepUp).Options.Challenge;

        Assert.Null(_rp.OpenAuthentication((AuthenticationScenario.Happy() with { ClientDataChallenge = registration }).Json()));
        Assert.Null(_rp.OpenRegistration((RegistrationScenario.Happy() with { ClientDataChallenge = stepUp }).Json()));
        Assert.Equal(AuthenticationError.CeremonyUnknown, Refused(SignIn(Register(), stepUp)));
    }

    [Fact]
    public void Refuses_a_ceremony_that_expired()
    {
        var begun = Begin();
        var opened = _rp.OpenRegistration(Answer(begun))!;
        _time.Advance(WebAuthnRelyingParty.CeremonyLife + TimeSpan.FromMilliseconds(1));

        Assert.Equal(RegistrationError.CeremonyExpired, Refused(_rp.CompleteRegistration(opened, Context(), PasskeyPolicy.AllowAll)));
    }

    [Fact]
    public void Refuses_a_registration_for_another_account_or_in_another_session()
    {
        var opened = _rp.OpenRegistration(Answer(Begin()))!;

        Assert.Equal(RegistrationError.CeremonyUserMismatch, Refused(_rp.CompleteRegistration(opened, Context() with { User = Bob }, PasskeyPolicy.AllowAll)));
        Assert.Equal(RegistrationError.CeremonySessionMismatch, Refused(_rp.CompleteRegistration(opened, Context() with { SessionBinding = ByteString.Empty }, PasskeyPolicy.AllowAll)));
    }

    [Fact]
    public void Gives_the_same_response_the_same_hash_and_another_response_another()
    {
        var begun = Begin();
        var json = Answer(begun);

        Assert.Equal(_rp.OpenRegistration(json)!.ResponseHash, _rp.OpenRegistration(json)!.ResponseHash);
        Assert.Equal(_rp.OpenRegistration(json)!.Pending.Id, begun.Pending.Id);
        var other = (RegistrationScenario.Happy() with { ClientDataChallenge = begun.Options.Challenge, CredentialId = CredentialId.Random() }).Json();
        Assert.NotEqual(_rp.OpenRegistration(json)!.ResponseHash, _rp.OpenRegistration(other)!.ResponseHash);
    }

    [Fact]
    public void User_handle_credential_owner_and_requested_user_must_all_agree_YSA_2026_02()
    {
        var alices = Register();
        var bobs = alices with { User = Bob };
        var forAlice = BeginAuthentication(CeremonyKind.SignIn, Alice).Options.Challenge;
        var forAnyone = BeginAuthentication(CeremonyKind.SignIn).Options.Challenge;

        Assert.IsType<AuthenticationResult.Accepted>(SignIn(alices, forAlice));
        // the ceremony was begun for Alice, the credential is Bob's
        Assert.Equal(AuthenticationError.CredentialOwnerMismatch, Refused(SignIn(bobs, forAlice, Bob)));
        Assert.Equal(AuthenticationError.CredentialOwnerMismatch, Refused(SignIn(bobs, forAlice, Alice)));
        Assert.Equal(AuthenticationError.CredentialOwnerMismatch, Refused(SignIn(bobs, forAlice, handle: null)));
        // the credential is Alice's, the response says Bob
        Assert.Equal(AuthenticationError.UserHandleMismatch, Refused(SignIn(alices, forAlice, Bob)));
        Assert.Equal(AuthenticationError.UserHandleMismatch, Refused(SignIn(alices, forAnyone, Bob)));
        // nobody was named beforehand, and nobody is named now
        Assert.Equal(AuthenticationError.UserHandleMissing, Refused(SignIn(alices, forAnyone, handle: null)));
        // Alice is signed in, Bob's ceremony answers her step-up
        var forBob = BeginAuthentication(CeremonyKind.SignIn, Bob).Options.Challenge;
        Assert.Equal(AuthenticationError.CeremonyUserMismatch, Refused(SignIn(bobs, forBob, Bob, actual: Alice)));
        Assert.Equal(AuthenticationError.CredentialOwnerMismatch, Refused(SignIn(bobs, forAnyone, Bob, actual: Alice)));
    }

    [Fact]
    public void Refuses_a_credential_nobody_registered()
    {
        var credential = Register();
        var opened = _rp.OpenAuthentication(Assertion(BeginAuthentication(CeremonyKind.SignIn).Options.Challenge, Alice).Json())!;
        var context = new AuthenticationContext { Kind = CeremonyKind.SignIn, Credential = null };

        Assert.Equal(AuthenticationError.CredentialUnknown, Refused(_rp.CompleteAuthentication(opened, context, PasskeyPolicy.AllowAll)));
        Assert.Equal(AuthenticationError.CredentialUnknown, Refused(_rp.CompleteAuthentication(opened, context with { Credential = credential with { Id = CredentialId.Random() } }, PasskeyPolicy.AllowAll)));
    }

    [Fact]
    public void Only_a_silent_status_ceremony_does_without_the_user()
    {
        var credential = Register();
        AuthenticationResult Silent(CeremonyKind kind)
        {
            var begun = BeginAuthentication(kind, verification: Requirements.Discouraged);
            var json = (Assertion(begun.Options.Challenge, null) with { UserPresent = false, UserVerified = false }).Json();
            return _rp.CompleteAuthentication(_rp.OpenAuthentication(json)!, new() { Kind = kind, Credential = credential }, PasskeyPolicy.AllowAll);
        }

        Assert.IsType<AuthenticationResult.Accepted>(Silent(CeremonyKind.Status));
        Assert.IsType<AuthenticationResult.Refused>(Silent(CeremonyKind.SignIn));
        Assert.IsType<AuthenticationResult.Refused>(Silent(CeremonyKind.Test));
        Assert.IsType<AuthenticationResult.Refused>(Silent(CeremonyKind.StepUp));
    }

    [Fact]
    public void Tells_what_changed_in_the_record()
    {
        var credential = Register() with { BackupEligible = true };
        var begun = BeginAuthentication(CeremonyKind.SignIn).Options.Challenge;
        var json = (Assertion(begun, Alice) with { BackupEligible = true, BackupState = true, SignCount = 7 }).Json();

        var accepted = Assert.IsType<AuthenticationResult.Accepted>(
            _rp.CompleteAuthentication(_rp.OpenAuthentication(json)!, new() { Kind = CeremonyKind.SignIn, Credential = credential }, PasskeyPolicy.AllowAll));

        Assert.True(accepted.Changed);
        Assert.Equal(credential with { BackupState = true, SignCount = 7 }, accepted.Credential);
    }

    [Fact]
    public void Asks_the_policy_at_begin_at_completion_and_at_sign_in()
    {
        var closed = PasskeyPolicy.AllowAll with { SelfServiceRegistration = false };
        var syncedOnly = With(new() { DeviceBoundAllowed = false });
        var attested = With(new() { Attestation = AttestationEnforcement.RegistrationOnly });
        var otherModel = With(new() { KeyRestriction = KeyRestriction.Allow, Aaguids = new HashSet<Aaguid> { Aaguid.None } });
        var opened = _rp.OpenRegistration(Answer(Begin()))!;
        var credential = Register();

        Assert.Equal(new RegistrationBeginning.Refused(RegistrationError.SelfServiceRegistrationDisabled), _rp.BeginRegistration(Request(), closed));
        Assert.Equal(RegistrationError.PasskeyTypeNotAllowed, Refused(_rp.CompleteRegistration(opened, Context(), syncedOnly)));
        Assert.Equal(RegistrationError.AttestationRequired, Refused(_rp.CompleteRegistration(opened, Context(), attested)));
        Assert.Equal(RegistrationError.AaguidNotAllowed, Refused(_rp.CompleteRegistration(opened, Context(), otherModel)));
        Assert.Equal(AuthenticationError.PasskeyTypeNotAllowed, Refused(SignIn(credential, policy: syncedOnly)));
        Assert.Equal(AuthenticationError.AaguidNotAllowed, Refused(SignIn(credential, policy: otherModel)));
        Assert.Equal(AuthenticationError.AaguidBlocked, Refused(SignIn(credential, policy: With(new() { KeyRestriction = KeyRestriction.Block, Aaguids = new HashSet<Aaguid> { credential.Aaguid } }))));
        Assert.Equal(RegistrationError.SelfServiceRegistrationDisabled, Refused(_rp.CompleteRegistration(opened, Context(), closed)));
        Assert.Equal(RegistrationError.MethodExcluded, Refused(_rp.CompleteRegistration(opened, Context(), new() { Availability = MethodAvailability.Excluded })));
        Assert.Equal(AuthenticationError.MethodDisabled, Refused(SignIn(credential, policy: new() { Availability = MethodAvailability.Disabled })));
        Assert.Equal(AuthenticationError.MethodNotIncluded, Refused(SignIn(credential, policy: new() { Availability = MethodAvailability.NotIncluded })));
    }

    [Fact]
    public void An_attestation_nobody_can_check_is_not_begun_and_one_that_can_be_is_asked_for()
    {
        var attested = With(new() { Attestation = AttestationEnforcement.RegistrationOnly });
        var anchored = Request() with { TrustAnchors = TrustAnchors.FromDer([TestCertificates.Root().Der]) };

        Assert.Equal(new RegistrationBeginning.Refused(RegistrationError.AttestationRequired), _rp.BeginRegistration(Request(), attested));
        Assert.Equal(Requirements.Direct, Assert.IsType<RegistrationBeginning.Begun>(_rp.BeginRegistration(anchored, attested)).Options.Attestation);
        Assert.Equal(Requirements.None, Begin().Options.Attestation);
    }

    [Fact]
    public void An_attestation_of_a_model_no_anchor_vouches_for_is_not_begun()
    {
        var (ours, theirs) = (new Aaguid(Guid.NewGuid()), new Aaguid(Guid.NewGuid()));
        var anchor = new TrustAnchor(TestCertificates.Root().Der) { Models = new HashSet<Aaguid> { ours } };
        var bound = Request() with { TrustAnchors = TrustAnchors.Of([anchor]) };
        var enforcing = new PasskeyProfile { Attestation = AttestationEnforcement.RegistrationOnly };

        foreach (var (profile, isBegun) in new[]
        {
            (enforcing, true),
            (enforcing with { KeyRestriction = KeyRestriction.Allow, Aaguids = new HashSet<Aaguid> { ours, theirs } }, true),
            (enforcing with { KeyRestriction = KeyRestriction.Allow, Aaguids = new HashSet<Aaguid> { theirs } }, false),
            (enforcing with { KeyRestriction = KeyRestriction.Block, Aaguids = new HashSet<Aaguid> { theirs } }, true),
            (enforcing with { KeyRestriction = KeyRestriction.Block, Aaguids = new HashSet<Aaguid> { ours } }, false),
            (new PasskeyProfile { KeyRestriction = KeyRestriction.Allow, Aaguids = new HashSet<Aaguid> { theirs } }, true),
        })
        {
            Assert.Equal(isBegun, _rp.BeginRegistration(bound, With(profile)) is RegistrationBeginning.Begun);
        }

        Assert.IsType<RegistrationBeginning.Refused>(_rp.BeginRegistration(bound with { TrustAnchors = TrustAnchors.Of([anchor with { IsRevoked = true }]) }, With(enforcing)));
    }

    [Fact]
    public void A_passkey_whose_attestation_was_revoked_meets_no_profile_that_looks_at_it_at_sign_in()
    {
        var revoked = Register() with { AttestationTrusted = true, AttestationRevoked = true };

        Assert.Equal(AuthenticationError.AttestationRevoked, Refused(SignIn(revoked, policy: With(new() { Attestation = AttestationEnforcement.RegistrationAndSignIn }))));
        Assert.IsType<AuthenticationResult.Accepted>(SignIn(revoked, policy: With(new() { Attestation = AttestationEnforcement.RegistrationOnly })));
        Assert.IsType<AuthenticationResult.Accepted>(SignIn(revoked with { AttestationRevoked = false }, policy: With(new() { Attestation = AttestationEnforcement.RegistrationAndSignIn })));
    }

    [Fact]
    public void A_passkey_needs_to_meet_one_profile_and_the_nearest_one_says_what_is_wrong()
    {
        var credential = Register();
        var (syncedOnly, listed) = (new PasskeyProfile { DeviceBoundAllowed = false }, new PasskeyProfile { KeyRestriction = KeyRestriction.Allow });

        foreach (var profiles in new PasskeyProfile[][] { [syncedOnly, listed], [listed, syncedOnly] })
        {
            Assert.Equal(AuthenticationError.AaguidNotAllowed, Refused(SignIn(credential, policy: new() { Profiles = profiles })));
            Assert.IsType<AuthenticationResult.Accepted>(SignIn(credential, policy: new() { Profiles = [.. profiles, PasskeyProfile.AllowAll] }));
        }

        Assert.Equal(AuthenticationError.PasskeyTypeNotAllowed, Refused(SignIn(credential, policy: new() { Profiles = [] })));
    }

    [Fact]
    public void User_verification_alone_upgrades_no_trust_passkeydeveloper_392()
    {
        // A provider that claims UV and any BE/BS is recorded as it says; it is never taken for attested.
        var credential = Register();

        Assert.True(credential.UvInitialized);
        Assert.False(credential.AttestationTrusted);
        Assert.NotNull(With(new() { Attestation = AttestationEnforcement.RegistrationAndSignIn }).AtSignIn(credential));
        Assert.Null(With(new() { Attestation = AttestationEnforcement.RegistrationOnly }).AtSignIn(credential));
    }

    private static PasskeyPolicy With(PasskeyProfile profile) => new() { Profiles = [profile] };

    private RegistrationBeginning.Begun Begin() => Assert.IsType<RegistrationBeginning.Begun>(_rp.BeginRegistration(Request(), PasskeyPolicy.AllowAll));

    private static RegistrationRequest Request() => new() { User = new(Alice, "alice", "Alice"), SessionBinding = Session };

    private static RegistrationContext Context() => new() { User = Alice, SessionBinding = Session, CredentialIsRegistered = false };

    private static byte[] Answer(RegistrationBeginning.Begun begun) =>
        (RegistrationScenario.Happy() with { ClientDataChallenge = begun.Options.Challenge, Key = AuthenticationScenario.Happy().Key, CredentialId = AuthenticationScenario.Happy().Id }).Json();

    private CredentialRecord Register() =>
        Assert.IsType<RegistrationResult.Accepted>(_rp.CompleteRegistration(_rp.OpenRegistration(Answer(Begin()))!, Context(), PasskeyPolicy.AllowAll)).Credential;

    private AuthenticationBeginning BeginAuthentication(CeremonyKind kind, UserHandle? user = null, string verification = Requirements.Required) =>
        _rp.BeginAuthentication(new() { Kind = kind, User = user, UserVerification = verification });

    private static AuthenticationScenario Assertion(Challenge challenge, UserHandle? handle) =>
        AuthenticationScenario.Happy() with { ClientDataChallenge = challenge, UserHandle = handle };

    private AuthenticationResult SignIn(CredentialRecord credential, PasskeyPolicy? policy = null) =>
        SignIn(credential, BeginAuthentication(CeremonyKind.SignIn).Options.Challenge, Alice, policy: policy);

    private AuthenticationResult SignIn(CredentialRecord credential, Challenge challenge) => SignIn(credential, challenge, Alice);

    private AuthenticationResult SignIn(CredentialRecord credential, Challenge challenge, UserHandle? handle, UserHandle? actual = null, PasskeyPolicy? policy = null) =>
        _rp.CompleteAuthentication(
            _rp.OpenAuthentication(Assertion(challenge, handle).Json())!,
            new() { Kind = CeremonyKind.SignIn, User = actual, Credential = credential },
            policy ?? PasskeyPolicy.AllowAll);

    private static RegistrationError Refused(RegistrationResult result) => Assert.IsType<RegistrationResult.Refused>(result).Error;

    private static AuthenticationError Refused(AuthenticationResult result) => Assert.IsType<AuthenticationResult.Refused>(result).Error;
}
