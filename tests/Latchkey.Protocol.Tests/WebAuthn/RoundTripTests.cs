using CsCheck;
using Latchkey.Protocol.WebAuthn;

namespace Latchkey.Protocol.Tests.WebAuthn;

public sealed class RoundTripTests
{
    private static readonly Gen<ByteString> Bytes = Gen.Byte.Array[0, 80].Select(bytes => new ByteString(bytes));

    private static readonly Gen<AuthenticatorData> AuthenticatorDatas = Gen.Select(
        Gen.Bool.Array[6], Gen.UInt, Bytes, Gen.Byte.Array[32], (flags, count, id, hash) => new AuthenticatorData(
            new RpIdHash(hash),
            flags[0],
            flags[1],
            flags[2],
            flags[3],
            count,
            flags[4] ? WebAuthnManglerTests.Registration.AttestedCredentialData!.Value with { CredentialId = new(id) } : null,
            flags[5] ? WebAuthnManglerTests.Registration.Extensions : null));

    [Fact]
    public void Authenticator_data_parse_inverts_encode() =>
        AuthenticatorDatas.Sample(data => Assert.Equal(data, AuthenticatorData.Parse(data.Encode())));

    [Fact]
    public void Attestation_object_parse_inverts_encode() =>
        AuthenticatorDatas.Sample(data =>
        {
            var attestation = AttestationObject.None(data.Encode());
            Assert.Equal(attestation, AttestationObject.Parse(attestation.Encode()));
        });

    [Fact]
    public void Registration_response_parse_inverts_encode() =>
        Gen.Select(Bytes, Bytes, AuthenticatorDatas, Gen.Bool).Sample((id, clientData, data, rk) =>
        {
            var response = new RegistrationResponseJson(new(id), clientData, AttestationObject.None(data.Encode()).Encode())
            {
                Transports = ["internal", "x-\u00e9"],
                AuthenticatorAttachment = "cross-platform",
                CredPropsRk = rk,
                AppIdExcluded = rk ? true : null,
            };

            var read = RegistrationResponseJson.Parse(response.Encode());

            Assert.Equal(response.Transports, read.Transports);
            Assert.Equal(response with { Transports = [] }, read with { Transports = [] });
        });

    [Fact]
    public void Authentication_response_parse_inverts_encode() =>
        Gen.Select(Bytes, Bytes, Bytes, Bytes, Gen.Bool).Sample((id, clientData, signature, handle, appId) =>
        {
            var response = new AuthenticationResponseJson(new(id), clientData, clientData, signature, handle.IsEmpty ? null : new UserHandle(handle))
            {
                AppIdUsed = appId,
            };

            Assert.Equal(response, AuthenticationResponseJson.Parse(response.Encode()));
        });

    [Fact]
    public void Base64url_has_one_text_for_each_run_of_bytes() =>
        Bytes.Sample(bytes =>
        {
            Assert.Equal(bytes, ByteString.FromBase64Url(bytes.ToBase64Url()));
            Assert.True(Base64Url.Equals(System.Text.Encoding.ASCII.GetBytes(bytes.ToBase64Url()), bytes));
        });

    [Theory]
    [InlineData("AA==")]
    [InlineData("A")]
    [InlineData("AB")] // spare bits
    [InlineData("AAB")] // spare bits
    [InlineData("A+/A")]
    [InlineData("AA AA")]
    [InlineData("AAAA\n")]
    public void Base64url_with_padding_spare_bits_or_other_characters_is_refused(string text) =>
        Assert.Throws<WireFormatException>(() => ByteString.FromBase64Url(text));

    [Fact]
    public void A_flag_that_promises_what_is_not_there_is_refused()
    {
        var bytes = new AuthenticatorData(RpIdHash.Of("a"), true, true, false, false, 0).Encode().ToArray();
        bytes[32] |= (byte)AuthenticatorDataFlags.ExtensionData;

        Assert.Throws<WireFormatException>(() => AuthenticatorData.Parse(bytes));
    }
}
