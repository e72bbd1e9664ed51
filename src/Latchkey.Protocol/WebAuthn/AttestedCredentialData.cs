using Latchkey.Protocol.Cbor;

namespace Latchkey.Protocol.WebAuthn;

/// <summary>
/// The new credential inside the authenticator data of a registration.
/// <see href="https://www.w3.org/TR/webauthn-3/#sctn-attested-credential-data"/>
/// </summary>
/// <param name="Aaguid">The authenticator's model, unproven unless attested.</param>
/// <param name="CredentialId">The credential ID. Its length is the ceremony's to judge: the format allows 65535 bytes.</param>
/// <param name="CredentialPublicKey">The COSE key as it was encoded.</param>
public readonly record struct AttestedCredentialData(Aaguid Aaguid, CredentialId CredentialId, ByteString CredentialPublicKey)
{
    internal static AttestedCredentialData Read(ref ByteReader reader, WireCborReader cbor)
    {
        var aaguid = Aaguid.Read(reader.ReadBytes(Aaguid.Length));
        var credentialId = new CredentialId(reader.ReadBytes(reader.ReadUInt16()));

        // The key's length is nowhere written: it is one CBOR value long.
        cbor.Reset("credential public key", reader.Rest.Memory);
        return new(aaguid, credentialId, reader.ReadBytes(cbor.ReadEncodedValue().Length));
    }

    internal void Write(ByteWriter writer) => writer
        .Bytes(Aaguid.ToBytes())
        .UInt16(checked((ushort)CredentialId.Bytes.Length))
        .Bytes(CredentialId.Bytes)
        .Bytes(CredentialPublicKey);
}
