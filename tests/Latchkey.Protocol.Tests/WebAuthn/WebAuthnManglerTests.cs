using System.Text;
using Latchkey.Protocol.WebAuthn;

namespace Latchkey.Protocol.Tests.WebAuthn;

public sealed class WebAuthnManglerTests
{
    public static readonly AuthenticatorData Registration = new(
        RpIdHash.Of("example.org"),
        UserPresent: true,
        UserVerified: true,
        BackupEligible: false,
        BackupState: false,
        SignCount: 7,
        new AttestedCredentialData(
            new Aaguid(new Guid("00112233-4455-6677-8899-aabbccddeeff")),
            new CredentialId(ByteString.FromHex("0102030405060708090a0b0c0d0e0f10")),
            ByteString.FromHex("a401010327200621582000112233445566778899aabbccddeeff00112233445566778899aabbccddeeff")),
        ByteString.FromHex("a16b6372656450726f7465637402"));

    [Fact]
    public void Authenticator_data_cut_or_flipped_parses_or_is_refused() =>
        Assert.NotEqual(0, Mangler.Mangle(Registration.Encode(), bytes => AuthenticatorData.Parse(bytes)));

    [Fact]
    public void An_attestation_object_cut_or_flipped_parses_or_is_refused() =>
        Assert.NotEqual(0, Mangler.Mangle(AttestationObject.None(Registration.Encode()).Encode(), bytes => AttestationObject.Parse(bytes)));

    [Fact]
    public void Client_data_cut_or_flipped_parses_or_is_refused() =>
        Assert.NotEqual(0, Mangler.Mangle(
            CollectedClientData.Encode(CollectedClientData.TypeGet, Challenge.Random(), "https://é.example", crossOrigin: true, "https://example.com"),
            bytes => CollectedClientData.Parse(bytes)));

    [Fact]
    public void A_registration_response_cut_or_flipped_parses_or_is_refused() =>
        Assert.NotEqual(0, Mangler.Mangle(
            new RegistrationResponseJson(
                CredentialId.Random(),
                CollectedClientData.Encode(CollectedClientData.TypeCreate, Challenge.Random(), "https://example.org"),
                AttestationObject.None(Registration.Encode()).Encode())
            { Transports = ["internal", "hybrid"], AuthenticatorAttachment = "platform", CredPropsRk = true }.Encode(),
            bytes => RegistrationResponseJson.Parse(bytes)));

    [Fact]
    public void An_authentication_response_cut_or_flipped_parses_or_is_refused() =>
        Assert.NotEqual(0, Mangler.Mangle(
            new AuthenticationResponseJson(
                CredentialId.Random(),
                CollectedClientData.Encode(CollectedClientData.TypeGet, Challenge.Random(), "https://example.org"),
                Registration.Encode(),
                ByteString.Random(70),
                UserHandle.Random())
            { AppIdUsed = true }.Encode(),
            bytes => AuthenticationResponseJson.Parse(bytes)));

    [Fact]
    public void Creation_options_cut_or_flipped_parse_or_are_refused() =>
        Assert.NotEqual(0, Mangler.Mangle(OptionsTests.Creation.Encode(), bytes => PublicKeyCredentialCreationOptions.Parse(bytes)));

    [Fact]
    public void Request_options_cut_or_flipped_parse_or_are_refused() =>
        Assert.NotEqual(0, Mangler.Mangle(OptionsTests.Request.Encode(), bytes => PublicKeyCredentialRequestOptions.Parse(bytes)));

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("{\"type\":\"webauthn.get\"}")]
    [InlineData("{\"type\":1,\"challenge\":\"\",\"origin\":\"\"}")]
    [InlineData("{\"type\":\"a\",\"type\":\"b\",\"challenge\":\"\",\"origin\":\"\"}")]
    [InlineData("{\"type\":\"a\",\"challenge\":\"\",\"origin\":\"\",\"crossOrigin\":\"true\"}")]
    [InlineData("{\"type\":\"a\",\"challenge\":\"\",\"origin\":\"\"}x")]
    public void Client_data_that_is_not_the_standards_is_refused_with_its_structures_name(string json)
    {
        var refusal = Assert.Throws<WireFormatException>(() => CollectedClientData.Parse(Encoding.UTF8.GetBytes(json)));

        Assert.Equal("client data", refusal.Structure);
    }
}
