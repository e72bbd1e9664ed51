using Latchkey.Protocol;
using Latchkey.RelyingParty.Ceremonies;
using Latchkey.RelyingParty.Registration;

namespace Latchkey.RelyingParty.Tests.Scenarios;

/// <summary>Cut at every length, flip every bit: a ceremony refuses or finds malformed, and never accepts or fails otherwise.</summary>
public sealed class ManglerTests
{
    [Fact]
    public void Registration_JSON_cut_anywhere_is_malformed()
    {
        var scenario = RegistrationScenario.Happy();
        var json = scenario.Json();
        for (var length = 0; length < json.Length; length++)
        {
            Assert.Throws<WireFormatException>(() => scenario.Complete(json[..length]));
        }
    }

    [Fact]
    public void Registration_JSON_flipped_anywhere_throws_nothing_but_format_errors() =>
        Flip(RegistrationScenario.Happy().Json(), json => RegistrationScenario.Happy().Complete(json));

    [Fact]
    public void Authentication_JSON_cut_anywhere_is_malformed()
    {
        var scenario = AuthenticationScenario.Happy();
        var json = scenario.Json();
        for (var length = 0; length < json.Length; length++)
        {
            Assert.Throws<WireFormatException>(() => scenario.Complete(json[..length]));
        }
    }

    [Fact]
    public void Authentication_JSON_flipped_anywhere_throws_nothing_but_format_errors() =>
        Flip(AuthenticationScenario.Happy().Json(), json => AuthenticationScenario.Happy().Complete(json));

    [Fact]
    public void A_signed_registration_flipped_anywhere_inside_is_never_accepted()
    {
        var scenario = RegistrationScenario.PackedSelf();
        var response = scenario.Response();
        Assert.Null(Complete(response.ClientDataJson, response.AttestationObject));
        Flip(response.ClientDataJson.ToArray(), bytes => Assert.NotNull(Complete(bytes, response.AttestationObject)));
        Flip(response.AttestationObject.ToArray(), bytes => Assert.NotNull(Complete(response.ClientDataJson, bytes)));

        RegistrationError? Complete(ByteString clientData, ByteString attestationObject) => RegistrationCeremony.Verify(
            scenario.Scope, scenario.Demand(), response with { ClientDataJson = clientData, AttestationObject = attestationObject }, new CeremonyWorkspace(), out _);
    }

    [Fact]
    public void A_certified_registration_flipped_anywhere_inside_is_never_accepted()
    {
        var root = TestCertificates.Root();
        var scenario = TestCertificates.Packed(TestCertificates.Leaf(root), [root]);
        var response = scenario.Response();
        var unsigned = 0;
        Flip(response.AttestationObject.ToArray(), bytes =>
        {
            var refused = RegistrationCeremony.Verify(scenario.Scope, scenario.Demand(), response with { AttestationObject = bytes }, new CeremonyWorkspace(), out _);
            unsigned += refused is null ? 1 : 0;
        });

        Assert.Equal(0, unsigned);
    }

    [Fact]
    public void An_assertion_flipped_anywhere_inside_is_never_accepted()
    {
        var scenario = AuthenticationScenario.Happy();
        var response = scenario.Response();
        Flip(response.AuthenticatorData.ToArray(), bytes => Assert.NotNull(Complete(response with { AuthenticatorData = bytes })));
        Flip(response.ClientDataJson.ToArray(), bytes => Assert.NotNull(Complete(response with { ClientDataJson = bytes })));
        Flip(response.Signature.ToArray(), bytes => Assert.NotNull(Complete(response with { Signature = bytes })));

        RelyingParty.Authentication.AuthenticationError? Complete(Protocol.WebAuthn.AuthenticationResponseJson mangled) =>
            RelyingParty.Authentication.AuthenticationCeremony.Verify(scenario.Scope, scenario.Demand(), mangled, new CeremonyWorkspace(), out _);
    }

    private static void Flip(byte[] good, Action<byte[]> complete)
    {
        for (var i = 0; i < good.Length; i++)
        {
            for (var bit = 0; bit < 8; bit++)
            {
                var flipped = (byte[])good.Clone();
                flipped[i] ^= (byte)(1 << bit);
                try
                {
                    complete(flipped);
                }
                catch (WireFormatException)
                {
                    // malformed: the other allowed answer
                }
            }
        }
    }
}
