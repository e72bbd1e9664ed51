using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Latchkey.Protocol.Cbor;
using Latchkey.Protocol.Cose;
using Latchkey.Protocol.WebAuthn;
using Latchkey.RelyingParty.Attestation;
using Latchkey.RelyingParty.Registration;
using Latchkey.RelyingParty.Tests.Scenarios;

namespace Latchkey.RelyingParty.Tests.Attestation;

public sealed class PackedAttestationTests
{
    private static readonly TestAuthority Root = TestCertificates.Root();

    [Fact]
    public void Accepts_self_attestation() =>
        Assert.Equal((AttestationType.Self, false), Told(RegistrationScenario.PackedSelf()));

    [Fact]
    public void Refuses_self_attestation_that_names_another_algorithm_than_the_key() =>
        Assert.Equal(RegistrationError.AttestationAlgorithmMismatch, RegistrationScenario.PackedSelf(claimed: CoseAlgorithm.RS256).Complete());

    [Fact]
    public void Refuses_self_attestation_signed_by_another_key()
    {
        var other = RegistrationScenario.PackedSelf(key: TestKey.P256());

        Assert.Equal(RegistrationError.AttestationSignatureInvalid, (other with { Key = RegistrationScenario.Happy().Key }).Complete());
    }

    [Fact]
    public void Accepts_a_certificate_that_leads_to_an_anchor() =>
        Assert.Equal((AttestationType.Basic, true), Told(TestCertificates.Packed(TestCertificates.Leaf(Root), [Root])));

    [Fact]
    public void Accepts_the_anchor_in_x5c_too() =>
        Assert.Null(TestCertificates.Packed(TestCertificates.Leaf(Root), [Root], [Root]).Complete());

    [Fact]
    public void Accepts_an_anchor_that_is_the_attestation_certificate_itself()
    {
        var leaf = TestCertificates.Leaf(Root);

        Assert.Null(TestCertificates.Packed(leaf, [leaf]).Complete());
    }

    [Fact]
    public void Refuses_another_certificate_issued_by_an_anchor_that_is_no_authority()
    {
        var leaf = TestCertificates.Leaf(Root);

        Assert.Equal(RegistrationError.AttestationUntrusted, TestCertificates.Packed(TestCertificates.Leaf(leaf), [leaf]).Complete());
    }

    [Fact]
    public void Accepts_intermediates_and_an_anchor_in_the_middle()
    {
        var upper = TestCertificates.Intermediate(Root);
        var lower = TestCertificates.Intermediate(upper, pathLength: 0);
        var leaf = TestCertificates.Leaf(lower);

        Assert.Null(TestCertificates.Packed(leaf, [Root], [lower, upper]).Complete());
        Assert.Null(TestCertificates.Packed(leaf, [upper], [lower]).Complete());
        Assert.Null(TestCertificates.Packed(leaf, [lower]).Complete());
        Assert.Null(TestCertificates.Packed(leaf, [lower], [lower, upper, Root]).Complete());
        Assert.Equal(RegistrationError.AttestationUntrusted, TestCertificates.Packed(leaf, [Root], [upper]).Complete());
    }

    [Fact]
    public void The_chain_must_end_in_a_configured_anchor_never_in_itself_GHSA_6hxq_p678_4hr2()
    {
        var smuggled = TestCertificates.Root();
        var leaf = TestCertificates.Leaf(smuggled);

        Assert.Equal(RegistrationError.AttestationUntrusted, TestCertificates.Packed(leaf, [Root], [smuggled]).Complete());
        Assert.Equal(RegistrationError.AttestationUntrusted, TestCertificates.Packed(leaf, [], [smuggled]).Complete());
        Assert.Equal(RegistrationError.AttestationUntrusted, TestCertificates.Packed(leaf, [Root], [smuggled, Root]).Complete());
    }

    [Fact]
    public void Refuses_certificates_when_no_anchor_is_configured() =>
        Assert.Equal(RegistrationError.AttestationUntrusted, TestCertificates.Packed(TestCertificates.Leaf(Root), []).Complete());

    [Fact]
    public void Skips_the_chain_and_the_dates_when_told_to_but_nothing_else()
    {
        var expired = TestCertificates.Leaf(TestCertificates.Root(), new() { NotAfter = new(2025, 6, 1, 0, 0, 0, TimeSpan.Zero) });
        var skipped = TestCertificates.Packed(expired, []) with { Trust = AttestationTrust.Skip };

        Assert.Equal((AttestationType.Basic, false), Told(skipped));
        Assert.Equal(RegistrationError.AttestationAaguidMismatch, (skipped with { Aaguid = Aaguid.None }).Complete());
    }

    [Fact]
    public void Refuses_an_intermediate_that_may_not_issue()
    {
        foreach (var intermediate in new[]
        {
            TestCertificates.Intermediate(Root, isAuthority: false),
            TestCertificates.Intermediate(Root, usage: X509KeyUsageFlags.DigitalSignature),
        })
        {
            Assert.Equal(RegistrationError.AttestationUntrusted, TestCertificates.Packed(TestCertificates.Leaf(intermediate), [Root], [intermediate]).Complete());
        }
    }

    [Fact]
    public void Refuses_a_chain_longer_than_a_path_length_allows()
    {
        var upper = TestCertificates.Intermediate(Root, pathLength: 0);
        var lower = TestCertificates.Intermediate(upper);

        Assert.Equal(RegistrationError.AttestationUntrusted, TestCertificates.Packed(TestCertificates.Leaf(lower), [Root], [lower, upper]).Complete());
    }

    [Fact]
    public void Remembers_a_path_only_for_its_anchors_and_only_while_all_of_it_is_valid()
    {
        var intermediate = TestCertificates.Intermediate(Root, notAfter: new(2026, 6, 1, 0, 0, 0, TimeSpan.Zero));
        var leaf = TestCertificates.Leaf(intermediate);
        var scenario = TestCertificates.Packed(leaf, [Root], [intermediate]);
        Assert.Null(scenario.Complete());
        Assert.Null(scenario.Complete());

        Assert.Equal(RegistrationError.AttestationCertificateExpired, (scenario with { Now = new(2026, 7, 1, 0, 0, 0, TimeSpan.Zero) }).Complete());
        Assert.Equal(RegistrationError.AttestationUntrusted, (scenario with { Anchors = TrustAnchors.None }).Complete());
        Assert.Equal(RegistrationError.AttestationAaguidMismatch, (scenario with { Aaguid = Aaguid.None }).Complete());
        Assert.Equal(RegistrationError.AttestationSignatureInvalid, (scenario with { Statement = _ => scenario.Statement([1]) }).Complete());
        Assert.Equal((AttestationType.Basic, true), Told(scenario));
    }

    [Fact]
    public void Refuses_certificates_that_are_not_valid_at_the_time()
    {
        var june = new DateTimeOffset(2025, 6, 1, 0, 0, 0, TimeSpan.Zero);
        var oldRoot = TestCertificates.Root(notAfter: june);
        var oldIntermediate = TestCertificates.Intermediate(Root, notAfter: june);

        Assert.Equal(RegistrationError.AttestationCertificateExpired, TestCertificates.Packed(TestCertificates.Leaf(Root, new() { NotAfter = june }), [Root]).Complete());
        Assert.Equal(RegistrationError.AttestationCertificateExpired, TestCertificates.Packed(TestCertificates.Leaf(Root, new() { NotBefore = new(2026, 6, 1, 0, 0, 0, TimeSpan.Zero) }), [Root]).Complete());
        Assert.Equal(RegistrationError.AttestationCertificateExpired, TestCertificates.Packed(TestCertificates.Leaf(oldRoot), [oldRoot]).Complete());
        Assert.Equal(RegistrationError.AttestationCertificateExpired, TestCertificates.Packed(TestCertificates.Leaf(oldIntermediate), [Root], [oldIntermediate]).Complete());
        Assert.Null((TestCertificates.Packed(TestCertificates.Leaf(oldIntermediate), [Root], [oldIntermediate]) with { Now = june.AddDays(-1) }).Complete());
    }

    [Fact]
    public void Refuses_a_certificate_with_a_critical_extension_nobody_understands() =>
        Assert.Equal(RegistrationError.AttestationUntrusted, TestCertificates.Packed(TestCertificates.Leaf(Root, new() { UnknownCriticalExtension = true }), [Root]).Complete());

    [Theory]
    [InlineData("CN=Test Authenticator, OU=Authenticator Attestation, O=Latchkey Tests")]
    [InlineData("CN=Test Authenticator, OU=Authenticator Attestation, C=AA")]
    [InlineData("CN=Test Authenticator, OU=Authenticator attestation, O=Latchkey Tests, C=AA")]
    [InlineData("CN=Test Authenticator, O=Latchkey Tests, C=AA")]
    [InlineData("OU=Authenticator Attestation, O=Latchkey Tests, C=AA")]
    public void Refuses_a_certificate_whose_subject_lacks_a_field(string subject) =>
        Refuses(new LeafRecipe { Subject = subject }, RegistrationError.AttestationCertificateInvalid);

    [Fact]
    public void Refuses_a_certificate_that_is_an_authority_or_does_not_say()
    {
        Refuses(new LeafRecipe { IsAuthority = true }, RegistrationError.AttestationCertificateInvalid);
        Refuses(new LeafRecipe { HasBasicConstraints = false }, RegistrationError.AttestationCertificateInvalid);
    }

    [Fact]
    public void Refuses_an_AAGUID_extension_that_is_critical_wrapped_once_or_another()
    {
        Refuses(new LeafRecipe { AaguidCritical = true }, RegistrationError.AttestationCertificateInvalid);
        Refuses(new LeafRecipe { AaguidWrappedOnce = true }, RegistrationError.AttestationCertificateInvalid);
        Refuses(new LeafRecipe { Aaguid = Aaguid.None }, RegistrationError.AttestationAaguidMismatch);
        Assert.Null(TestCertificates.Packed(TestCertificates.Leaf(Root, new() { Aaguid = null }), [Root]).Complete());
    }

    [Fact]
    public void Refuses_an_alg_that_is_not_the_certificates()
    {
        var leaf = TestCertificates.Leaf(Root);
        var onP384 = TestCertificates.Leaf(Root, new() { Curve = ECCurve.NamedCurves.nistP384 });

        Assert.Equal(RegistrationError.AttestationAlgorithmMismatch, TestCertificates.Packed(leaf, [Root], algorithm: CoseAlgorithm.RS256).Complete());
        Assert.Equal(RegistrationError.AttestationAlgorithmMismatch, TestCertificates.Packed(onP384, [Root]).Complete());
    }

    [Fact]
    public void Refuses_a_statement_signed_by_another_key_than_the_certificates()
    {
        var leaf = TestCertificates.Leaf(Root);

        Assert.Equal(RegistrationError.AttestationSignatureInvalid, TestCertificates.Packed(leaf with { Key = TestCertificates.Leaf(Root).Key }, [Root]).Complete());
    }

    [Fact]
    public void Refuses_a_statement_of_another_syntax()
    {
        var writers = new Func<CanonicalCborWriter, CanonicalCborWriter>[]
        {
            w => w.StartMap(0).EndMap(),
            w => w.StartMap(1).Text("alg").Integer(-7).EndMap(),
            w => w.StartMap(2).Text("alg").Text("ES256").Text("sig").Bytes([1]).EndMap(),
            w => w.StartMap(2).Text("alg").Integer(-7).Text("sig").Text("no bytes").EndMap(),
            w => w.StartMap(3).Text("alg").Integer(-7).Text("sig").Bytes([1]).Text("x5c").StartArray(0).EndArray().EndMap(),
            w => w.StartMap(3).Text("alg").Integer(-7).Text("sig").Bytes([1]).Text("x5c").StartArray(1).Integer(1).EndArray().EndMap(),
            w => w.StartMap(3).Text("alg").Integer(-7).Text("sig").Bytes([1]).Text("ecdaaKeyId").Bytes([1]).EndMap(),
            w => w.StartMap(3).Text("alg").Integer(-7).Text("sig").Bytes([1]).Text("ver").Text("1").EndMap(),
        };
        foreach (var writer in writers)
        {
            var scenario = RegistrationScenario.PackedSelf() with { Statement = _ => writer(new CanonicalCborWriter()).Encode() };
            Assert.Equal(RegistrationError.AttestationStatementInvalid, scenario.Complete());
        }
    }

    [Fact]
    public void Refuses_bytes_that_are_no_certificate_in_any_place_of_x5c()
    {
        var leaf = TestCertificates.Leaf(Root);
        var garbage = (byte[])[.. leaf.Der.Span[..^1]];
        var scenario = TestCertificates.Packed(leaf, [Root]) with
        {
            Statement = signed => new CanonicalCborWriter().StartMap(3)
                .Text("alg").Integer(-7).Text("sig").Bytes(leaf.Key.SignData(signed, HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence))
                .Text("x5c").StartArray(2).Bytes(leaf.Der).Bytes(garbage).EndArray().EndMap().Encode(),
        };

        Assert.Equal(RegistrationError.AttestationCertificateInvalid, scenario.Complete());
        Assert.Equal(RegistrationError.AttestationCertificateInvalid, (scenario with { Trust = AttestationTrust.Skip }).Complete());
    }

    [Fact]
    public void Two_devices_of_one_model_can_be_registered_by_one_user_authentik_23047()
    {
        // One batch certificate, two credentials: nothing of the certificate tells devices apart, and nothing tries.
        var batch = TestCertificates.Leaf(Root);

        Assert.Null(TestCertificates.Packed(batch, [Root]).Complete());
        Assert.Null((TestCertificates.Packed(batch, [Root]) with { CredentialId = CredentialId.Random(), Key = TestKey.P256() }).Complete());
    }

    private static void Refuses(LeafRecipe recipe, RegistrationError expected) =>
        Assert.Equal(expected, TestCertificates.Packed(TestCertificates.Leaf(Root, recipe), [Root]).Complete());

    private static (AttestationType, bool) Told(RegistrationScenario scenario)
    {
        var facts = scenario.Facts();
        return (facts.AttestationType, facts.AttestationTrusted);
    }
}
