using Latchkey.Protocol.Cose;
using Latchkey.RelyingParty.Ceremonies;
using Latchkey.RelyingParty.Registration;
using Latchkey.RelyingParty.Tests.Scenarios;

namespace Latchkey.RelyingParty.Tests.Registration;

public sealed class RegistrationAllocationTests
{
    [Fact]
    public void Allocates_nothing_from_JSON_to_verdict_with_no_attestation() => AllocatesNothing(RegistrationScenario.Happy());

    [Fact]
    public void Allocates_nothing_from_JSON_to_verdict_with_packed_self_attestation() => AllocatesNothing(RegistrationScenario.PackedSelf());

    [Fact]
    public void Allocates_nothing_from_JSON_to_verdict_with_certificates_that_are_known()
    {
        var root = TestCertificates.Root();
        AllocatesNothing(TestCertificates.Packed(TestCertificates.Leaf(root), [root]));
    }

    [Fact]
    public void Allocates_nothing_for_a_refusal() =>
        AllocatesNothing(RegistrationScenario.Happy() with { ClientDataChallenge = Protocol.WebAuthn.Challenge.Random() }, RegistrationError.ChallengeMismatch);

    private static void AllocatesNothing(RegistrationScenario scenario, RegistrationError? expected = null)
    {
        Assert.SkipUnless(SignatureVerifier.Implementation == "libcrypto", "the BCL allocates");
        var json = (scenario.Response() with { Transports = ["hybrid", "internal"] }).Encode();
        var scope = scenario.Scope;
        var workspace = new CeremonyWorkspace();
        var challenge = scenario.Demand().Challenge.ToArray();
        Assert.Equal(expected, Verify());

        var before = GC.GetAllocatedBytesForCurrentThread();
        Verify();

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);

        RegistrationError? Verify() => RegistrationCeremony.Verify(
            scope, new RegistrationDemand { Challenge = challenge, UserVerificationRequired = true, TrustAnchors = scenario.Anchors, Now = scenario.Now }, json, workspace, out _);
    }
}
