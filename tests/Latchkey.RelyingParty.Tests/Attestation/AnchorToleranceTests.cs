using Latchkey.RelyingParty.Attestation;
using Latchkey.RelyingParty.Recorded;
using Latchkey.RelyingParty.Registration;
using Latchkey.RelyingParty.Tests.Recorded;
using Latchkey.RelyingParty.Tests.Scenarios;

namespace Latchkey.RelyingParty.Tests.Attestation;

/// <summary>A root that is not quite DER is read; one that cannot be read leaves the others standing.</summary>
public sealed class AnchorToleranceTests
{
    private static readonly TestAuthority Root = TestCertificates.Root();
    private static readonly TestAuthority Leaf = TestCertificates.Leaf(Root);

    [Fact]
    public void Reads_a_root_whose_TRUE_is_written_as_01()
    {
        var odd = Root.Der.ToArray();
        var seen = 0;
        for (var i = 2; i < odd.Length; i++)
        {
            if (odd[i - 2] == 0x01 && odd[i - 1] == 0x01 && odd[i] == 0xff)
            {
                odd[i] = 0x01;
                seen++;
            }
        }

        Assert.Equal(2, seen); // critical, and the authority's own
        Assert.Null((TestCertificates.Packed(Leaf, []) with { Anchors = TrustAnchors.FromDer([odd]) }).Complete());
    }

    [Fact]
    public void Leads_to_a_good_anchor_among_bad_ones_and_counts_those()
    {
        var anchors = TrustAnchors.FromDer([new byte[] { 0x30, 0x00 }, Root.Der, default]);

        Assert.Equal(2, anchors.Unreadable);
        Assert.Null((TestCertificates.Packed(Leaf, []) with { Anchors = anchors }).Complete());
        Assert.Equal(RegistrationError.AttestationUntrusted, (TestCertificates.Packed(Leaf, []) with { Anchors = TrustAnchors.FromDer([default]) }).Complete());
    }

    [Theory]
    [InlineData("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n")]
    [InlineData("no PEM at all")]
    public void Judges_a_case_by_the_anchors_that_can_be_read_and_warns_of_the_others(string bad)
    {
        var good = Root.Certificate.ExportCertificatePem();
        var recorded = RecordedCaseBuilder.Registration(TestCertificates.Packed(Leaf, []));
        recorded["atTime"] = "2026-01-01T00:00:00Z";

        recorded["trustAnchorsPem"] = new System.Text.Json.Nodes.JsonArray(bad, good);
        var verdict = RecordedCaseBuilder.Judge(recorded);
        Assert.Equal((RecordedOutcome.Valid, AttestationType.Basic), (verdict.Outcome, verdict.AttestationType));
        Assert.Equal(["trust_anchor_unreadable"], verdict.Warnings);

        recorded["trustAnchorsPem"] = new System.Text.Json.Nodes.JsonArray($"{bad}\n{good}");
        Assert.Equal(RecordedOutcome.Valid, RecordedCaseBuilder.Judge(recorded).Outcome);

        recorded["trustAnchorsPem"] = new System.Text.Json.Nodes.JsonArray(bad);
        Assert.Equal("case_invalid", RecordedCaseBuilder.Judge(recorded).Error);
    }
}
