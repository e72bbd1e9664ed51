using Latchkey.Protocol;
using Latchkey.Protocol.WebAuthn;
using Latchkey.RelyingParty.Attestation;
using Latchkey.RelyingParty.Registration;
using Latchkey.RelyingParty.Tests.Scenarios;

namespace Latchkey.RelyingParty.Tests.Attestation;

/// <summary>An anchor that is bound to models and can take back what it stood for, as an organisation's own authority is.</summary>
public sealed class OwnAuthorityTests
{
    private static readonly Aaguid Ours = RegistrationScenario.Happy().Aaguid;
    private static readonly Aaguid Foreign = new(new Guid("20000000-0000-0000-0000-000000000000"));
    private static readonly TestAuthority Authority = TestCertificates.Root("CN=Own authority");
    private static readonly TestAuthority Leaf = TestCertificates.Leaf(Authority);

    [Fact]
    public void Vouches_for_its_own_model_and_the_certificate_is_told()
    {
        var facts = Carrying(Leaf).Facts();

        Assert.Equal((AttestationType.Basic, true), (facts.AttestationType, facts.AttestationTrusted));
        Assert.Equal(Leaf.Der, facts.AttestationCertificate);
        Assert.True(RegistrationScenario.PackedSelf().Facts().AttestationCertificate.IsEmpty);
    }

    [Fact]
    public void Tells_the_certificate_again_when_the_path_is_known_already()
    {
        var scenario = Carrying(Leaf);
        Assert.Null(scenario.Complete());

        Assert.Equal(Leaf.Der, scenario.Facts().AttestationCertificate);
    }

    [Fact]
    public void Refuses_a_certificate_for_another_model_than_the_authenticator_data_says() =>
        Assert.Equal(RegistrationError.AttestationAaguidMismatch, (Carrying(Leaf) with { Aaguid = Foreign }).Complete());

    [Fact]
    public void Cannot_vouch_for_another_makers_model()
    {
        var foreign = Carrying(TestCertificates.Leaf(Authority, new() { Aaguid = Foreign })) with { Aaguid = Foreign };

        Assert.Equal(RegistrationError.AttestationUntrusted, foreign.Complete());
        Assert.False((foreign with { Trust = AttestationTrust.Skip }).Facts().AttestationTrusted);
        Assert.Null((foreign with { Anchors = TrustAnchors.FromDer([Authority.Der]) }).Complete());
    }

    [Fact]
    public void Cannot_vouch_for_a_model_its_certificate_does_not_name() =>
        Assert.Equal(RegistrationError.AttestationUntrusted, Carrying(TestCertificates.Leaf(Authority, new() { Aaguid = null })).Complete());

    [Fact]
    public void Cannot_vouch_for_another_makers_model_by_being_the_attestation_certificate_itself()
    {
        var itself = TestCertificates.Leaf(Authority, new() { Aaguid = Foreign });
        var scenario = TestCertificates.Packed(itself, []) with { Aaguid = Foreign, Anchors = TrustAnchors.Of([new(itself.Der) { Models = new HashSet<Aaguid> { Ours } }]) };

        Assert.Equal(RegistrationError.AttestationUntrusted, scenario.Complete());
    }

    [Fact]
    public void Vouches_for_nothing_after_its_certificates_end() =>
        Assert.Equal(RegistrationError.AttestationCertificateExpired, (Carrying(Leaf) with { Now = new(2027, 1, 2, 0, 0, 0, TimeSpan.Zero) }).Complete());

    [Fact]
    public void Vouches_for_nothing_another_authority_issued() =>
        Assert.Equal(RegistrationError.AttestationUntrusted, Carrying(TestCertificates.Leaf(TestCertificates.Root("CN=Own authority"))).Complete());

    [Fact]
    public void Refuses_an_attestation_certificate_that_is_an_authority_or_lacks_its_unit()
    {
        Assert.Equal(RegistrationError.AttestationCertificateInvalid, Carrying(TestCertificates.Leaf(Authority, new() { IsAuthority = true })).Complete());
        Assert.Equal(RegistrationError.AttestationCertificateInvalid, Carrying(TestCertificates.Leaf(Authority, new() { Subject = "CN=Test Authenticator, O=Latchkey Tests, C=AA" })).Complete());
    }

    [Theory]
    [InlineData(AttestationTrust.Verify)]
    [InlineData(AttestationTrust.Skip)]
    public void Refuses_a_certificate_that_was_revoked_whatever_is_asked_of_others(AttestationTrust trust)
    {
        var revoked = Carrying(Leaf, new TrustAnchor(Authority.Der) { RevokedSerials = new HashSet<ByteString> { Leaf.Certificate.SerialNumberBytes.ToArray() } }) with { Trust = trust };

        Assert.Equal(RegistrationError.AttestationRevoked, revoked.Complete());
        Assert.Null((revoked with { Statement = Carrying(TestCertificates.Leaf(Authority)).Statement }).Complete());
    }

    [Theory]
    [InlineData(AttestationTrust.Verify)]
    [InlineData(AttestationTrust.Skip)]
    public void Refuses_what_a_revoked_authority_stood_for(AttestationTrust trust) =>
        Assert.Equal(RegistrationError.AttestationRevoked, (Carrying(Leaf, new TrustAnchor(Authority.Der) { IsRevoked = true }) with { Trust = trust }).Complete());

    [Fact]
    public void A_retired_authority_still_vouches_beside_the_one_that_took_its_place()
    {
        var successor = TestCertificates.Root("CN=Own authority");
        var anchors = TrustAnchors.Of([new(Authority.Der) { Models = new HashSet<Aaguid> { Ours } }, new(successor.Der) { Models = new HashSet<Aaguid> { Ours } }]);

        Assert.True((Carrying(Leaf) with { Anchors = anchors }).Facts().AttestationTrusted);
        Assert.True((Carrying(TestCertificates.Leaf(successor)) with { Anchors = anchors }).Facts().AttestationTrusted);
    }

    [Fact]
    public void A_revoked_authority_takes_nothing_from_the_one_that_took_its_place()
    {
        var successor = TestCertificates.Root("CN=Own authority");
        var anchors = TrustAnchors.Of([new(Authority.Der) { IsRevoked = true }, new(successor.Der)]);

        Assert.Equal(RegistrationError.AttestationRevoked, (Carrying(Leaf) with { Anchors = anchors }).Complete());
        Assert.Null((Carrying(TestCertificates.Leaf(successor)) with { Anchors = anchors }).Complete());
    }

    private static RegistrationScenario Carrying(TestAuthority leaf, TrustAnchor? anchor = null) =>
        TestCertificates.Packed(leaf, []) with { Anchors = TrustAnchors.Of([(anchor ?? new(Authority.Der)) with { Models = new HashSet<Aaguid> { Ours } }]) };
}
