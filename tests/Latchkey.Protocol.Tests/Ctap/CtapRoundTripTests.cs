using CsCheck;
using Latchkey.Protocol.Ctap;
using Latchkey.Protocol.WebAuthn;

namespace Latchkey.Protocol.Tests.Ctap;

/// <summary>Parse inverts encode; records with lists are compared by what they write.</summary>
public sealed class CtapRoundTripTests
{
    private static readonly Gen<string?> Text = Gen.String[Gen.Char['a', 'ÿ'], 0, 30].Select(text => text.Length % 5 == 0 ? null : text);
    private static readonly Gen<bool?> Flag = Gen.Int[0, 2].Select(number => number switch { 0 => (bool?)null, 1 => false, _ => true });
    private static readonly Gen<ByteString> Bytes = Gen.Byte.Array[0, 64].Select(bytes => new ByteString(bytes));

    private static readonly Gen<PublicKeyCredentialDescriptor> Descriptor = Gen.Select(Bytes, Text.Array[0, 3], (id, transports) =>
        new PublicKeyCredentialDescriptor(new(id), [.. transports.OfType<string>()]));

    [Fact]
    public void MakeCredential_request() =>
        Gen.Select(Gen.Byte.Array[32], Text.Array[4], Bytes, Gen.Int.Array[0, 5], Descriptor.Array[0, 4], Flag.Array[3], Gen.Byte).Sample((hash, texts, id, algorithms, exclude, flags, level) =>
        {
            var request = new MakeCredentialRequest(new(hash), new(texts[0] ?? "", texts[1]), new(new(id), texts[2], texts[3]), algorithms)
            {
                ExcludeList = exclude,
                CredProtect = level == 0 ? null : (CredentialProtection)level,
                Rk = flags[0],
                Up = flags[1],
                Uv = flags[2],
                PinUvAuthParam = flags[0] is null ? default(ByteString?) : id,
                PinUvAuthProtocol = flags[0] is null ? null : 2,
                AttestationFormatsPreference = [.. texts.OfType<string>()],
            };

            var read = MakeCredentialRequest.Parse(request.Encode());

            Assert.Equal(request.Encode(), read.Encode());
            Assert.Equal((request.ClientDataHash, request.Rp, request.User, request.CredProtect, request.Rk, request.Up, request.Uv), (read.ClientDataHash, read.Rp, read.User, read.CredProtect, read.Rk, read.Up, read.Uv));
            Assert.Equal(request.PubKeyCredParams, read.PubKeyCredParams);
            Assert.Equal(request.ExcludeList.Select(excluded => excluded.Id), read.ExcludeList.Select(excluded => excluded.Id));
        });

    [Fact]
    public void GetAssertion_request() =>
        Gen.Select(Gen.Byte.Array[32], Text, Descriptor.Array[0, 4], Flag.Array[3]).Sample((hash, rpId, allow, flags) =>
        {
            var request = new GetAssertionRequest(rpId ?? "", new(hash)) { AllowList = allow, Rk = flags[0], Up = flags[1], Uv = flags[2] };

            var read = GetAssertionRequest.Parse(request.Encode());

            Assert.Equal(request with { AllowList = [] }, read with { AllowList = [] });
            Assert.Equal(request.Encode(), read.Encode());
        });

    [Fact]
    public void GetAssertion_response() =>
        Gen.Select(Descriptor, Bytes, Bytes, Text, Flag, Gen.UInt).Sample((credential, authData, signature, name, selected, number) =>
        {
            var response = new GetAssertionResponse(selected is null ? null : credential, authData, signature)
            {
                User = name is null ? null : new(new(authData), name),
                UserSelected = selected,
                NumberOfCredentials = number % 3 == 0 ? null : number,
            };

            var read = GetAssertionResponse.Parse(response.Encode());

            Assert.Equal(response with { Credential = null }, read with { Credential = null });
            Assert.Equal(response.Encode(), read.Encode());
        });
}
