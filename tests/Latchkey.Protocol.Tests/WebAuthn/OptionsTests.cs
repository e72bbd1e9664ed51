using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Latchkey.Protocol.WebAuthn;

namespace Latchkey.Protocol.Tests.WebAuthn;

public sealed class OptionsTests
{
    public static readonly PublicKeyCredentialCreationOptions Creation = new()
    {
        Rp = new("example.org", "Example"),
        User = new(new UserHandle(new byte[] { 1, 2, 3 }), "ana", "Ana"),
        Challenge = new(new byte[16]),
        PubKeyCredParams = [new(-7), new(-8), new(-257)],
        Timeout = 300_000,
        ExcludeCredentials = [new(new CredentialId(new byte[] { 9, 9 }), ["internal"])],
        AuthenticatorSelection = new() { AuthenticatorAttachment = "platform", ResidentKey = "required", RequireResidentKey = true, UserVerification = "required" },
        Hints = ["client-device"],
        Attestation = "direct",
        AttestationFormats = ["packed"],
        Extensions = new() { CredProps = true, CredentialProtectionPolicy = "userVerificationRequired", EnforceCredentialProtectionPolicy = true },
    };

    public static readonly PublicKeyCredentialRequestOptions Request = new()
    {
        Challenge = new(new byte[16]),
        Timeout = 60_000,
        RpId = "example.org",
        AllowCredentials = [new(new CredentialId(new byte[] { 9, 9 }), ["hybrid", "usb"])],
        UserVerification = "preferred",
        Extensions = new() { AppId = "https://example.org/app-id.json" },
    };

    [Fact]
    public void Creation_options_are_exactly_the_standards_JSON()
    {
        var expected = JsonNode.Parse("""
            {"rp":{"id":"example.org","name":"Example"},"user":{"id":"AQID","name":"ana","displayName":"Ana"},
             "challenge":"AAAAAAAAAAAAAAAAAAAAAA",
             "pubKeyCredParams":[{"type":"public-key","alg":-7},{"type":"public-key","alg":-8},{"type":"public-key","alg":-257}],
             "timeout":300000,"excludeCredentials":[{"id":"CQk","type":"public-key","transports":["internal"]}],
             "authenticatorSelection":{"authenticatorAttachment":"platform","residentKey":"required","requireResidentKey":true,"userVerification":"required"},
             "hints":["client-device"],"attestation":"direct","attestationFormats":["packed"],
             "extensions":{"credProps":true,"credentialProtectionPolicy":"userVerificationRequired","enforceCredentialProtectionPolicy":true}}
            """);

        Assert.True(JsonNode.DeepEquals(expected, JsonNode.Parse(Creation.Encode())));
    }

    [Fact]
    public void Creation_options_read_back_what_was_written() =>
        Assert.Equal(Creation.Encode(), PublicKeyCredentialCreationOptions.Parse(Creation.Encode()).Encode());

    [Fact]
    public void Request_options_read_back_what_was_written() =>
        Assert.Equal(Request.Encode(), PublicKeyCredentialRequestOptions.Parse(Request.Encode()).Encode());

    [Fact]
    public void Descriptors_of_an_unknown_credential_type_are_passed_over_and_parameters_of_one_are_kept_for_the_client_to_pass_over()
    {
        var json = JsonNode.Parse(Creation.Encode())!;
        json["pubKeyCredParams"]!.AsArray().Add(new JsonObject { ["type"] = "private-key", ["alg"] = -7 });
        json["excludeCredentials"]!.AsArray().Add(new JsonObject { ["type"] = "private-key", ["id"] = "AA" });

        var options = PublicKeyCredentialCreationOptions.Parse(Encoding.UTF8.GetBytes(json.ToJsonString()));

        Assert.Equal([new(-7), new(-8), new(-257), new("private-key", -7)], options.PubKeyCredParams);
        Assert.Single(options.ExcludeCredentials);
    }

    [Theory]
    [InlineData("""{"alg":-7}""")]
    [InlineData("""{"type":"public-key"}""")]
    [InlineData("""{"type":"public-key","alg":null}""")]
    [InlineData("""{"type":"public-key","alg":"-7"}""")]
    public void Parameters_without_type_or_algorithm_are_refused(string parameters)
    {
        var json = JsonNode.Parse(Creation.Encode())!;
        json["pubKeyCredParams"]!.AsArray().Add(JsonNode.Parse(parameters));

        Assert.Throws<WireFormatException>(() => PublicKeyCredentialCreationOptions.Parse(JsonSerializer.SerializeToUtf8Bytes(json)));
    }

    [Theory]
    [InlineData("rp")]
    [InlineData("user")]
    [InlineData("challenge")]
    public void Creation_options_without_a_required_member_are_refused(string member)
    {
        var json = JsonNode.Parse(Creation.Encode())!.AsObject();
        json.Remove(member);

        Assert.Throws<WireFormatException>(() => PublicKeyCredentialCreationOptions.Parse(JsonSerializer.SerializeToUtf8Bytes(json)));
    }
}
