using System.Security.Cryptography;
using Latchkey.Protocol;
using Latchkey.Protocol.Cbor;
using Latchkey.Protocol.Cose;
using Latchkey.Protocol.WebAuthn;

namespace Latchkey.Benchmarks;

/// <summary>One response per case, made once: the same JSON a browser sends.</summary>
internal static class Recordings
{
    public const string RpId = "login.example.org";
    public const string Origin = "https://login.example.org";

    public static readonly Challenge Challenge = Challenge.Random();
    public static readonly CredentialId Id = CredentialId.Random();
    public static readonly UserHandle User = UserHandle.Random();

    public static byte[] Signed(AuthenticatorData authData, ByteString clientData) => [.. authData.Encode().Span, .. SHA256.HashData(clientData.Span)];

    public static (byte[] Json, byte[] Signed, byte[] Signature) Authentication(Func<byte[], byte[]> sign)
    {
        var clientData = CollectedClientData.Encode(CollectedClientData.TypeGet, Challenge, Origin);
        var authData = new AuthenticatorData(RpIdHash.Of(RpId), true, true, false, false, 0);
        var signed = Signed(authData, clientData);
        var signature = sign(signed);
        return (new AuthenticationResponseJson(Id, clientData, authData.Encode(), signature, User) { AuthenticatorAttachment = "platform" }.Encode(), signed, signature);
    }

    public static (byte[] Json, byte[] Signed, byte[] Signature) Registration(CoseKey key, Func<byte[], byte[]>? sign, byte[][]? x5c = null)
    {
        var clientData = CollectedClientData.Encode(CollectedClientData.TypeCreate, Challenge, Origin);
        var authData = new AuthenticatorData(RpIdHash.Of(RpId), true, true, false, false, 0, new AttestedCredentialData(new(Guid.Parse("00112233-4455-6677-8899-aabbccddeeff")), Id, key.Encode()));
        var signed = Signed(authData, clientData);
        var signature = sign?.Invoke(signed) ?? [];
        var statement = new CanonicalCborWriter().StartMap(sign is null ? 0 : x5c is null ? 2 : 3);
        if (sign is not null)
        {
            statement.Text("alg").Integer((int)CoseAlgorithm.ES256).Text("sig").Bytes(signature);
        }

        if (x5c is not null)
        {
            statement.Text("x5c").StartArray(x5c.Length);
            foreach (var certificate in x5c)
            {
                statement.Bytes(certificate);
            }

            statement.EndArray();
        }

        var attestation = new AttestationObject(sign is null ? "none" : "packed", statement.EndMap().Encode(), authData.Encode()).Encode();
        return (new RegistrationResponseJson(Id, clientData, attestation) { Transports = ["hybrid", "internal"], AuthenticatorAttachment = "platform" }.Encode(), signed, signature);
    }

    public static T Expect<T>(T actual, T expected) =>
        EqualityComparer<T>.Default.Equals(actual, expected) ? actual : throw new InvalidOperationException($"Expected {expected}, got {actual}.");
}
