using Latchkey.Protocol;
using Latchkey.Protocol.Cbor;
using Latchkey.Protocol.Cose;
using Latchkey.RelyingParty.Ceremonies;
using Latchkey.RelyingParty.Registration;

namespace Latchkey.RelyingParty.Attestation;

/// <summary>The packed format. <see href="https://www.w3.org/TR/webauthn-3/#sctn-packed-attestation"/></summary>
internal static class PackedAttestation
{
    public static RegistrationError? Verify(in StatementToVerify statement, CeremonyWorkspace workspace, out Attested attested)
    {
        attested = default;

        // "Verify that attStmt is valid CBOR conforming to the syntax defined above"
        if (!TryRead(statement.Statement, workspace.Cbor, out var algorithm, out var signature, out var x5c))
        {
            return RegistrationError.AttestationStatementInvalid;
        }

        var signed = workspace.Signed(statement.AuthenticatorData, statement.ClientDataJson);
        if (x5c.IsEmpty)
        {
            // "Validate that alg matches the algorithm of the credentialPublicKey in authenticatorData"
            if (algorithm != statement.CredentialKey.Algorithm)
            {
                return RegistrationError.AttestationAlgorithmMismatch;
            }

            // "Verify that sig is a valid signature … using the credential public key with alg"
            attested = new(AttestationType.Self, default);
            return SignatureVerifier.Verify(statement.CredentialKey, signed, signature) ? null : RegistrationError.AttestationSignatureInvalid;
        }

        // What the very same certificates led to before they lead to again.
        var known = statement.Anchors.KnownPaths.Find(x5c, statement.Now);
        var leaf = known;
        if (leaf is null && !AttestationCertificate.TryParse(Certificates(x5c)[0], out leaf))
        {
            return RegistrationError.AttestationCertificateInvalid;
        }

        // "Verify that sig is a valid signature … using the attestation public key in attestnCert with the algorithm
        // specified in alg"
        if (!leaf.TryGetKey(algorithm, out var attestationKey))
        {
            return RegistrationError.AttestationAlgorithmMismatch;
        }

        if (!SignatureVerifier.Verify(attestationKey, signed, signature))
        {
            return RegistrationError.AttestationSignatureInvalid;
        }

        // "Verify that attestnCert meets the requirements in § 8.2.1"
        if (!PackedCertificateRequirements.AreMet(leaf))
        {
            return RegistrationError.AttestationCertificateInvalid;
        }

        // "If attestnCert contains an extension with OID 1.3.6.1.4.1.45724.1.1.4 verify that the value of this extension
        // matches the aaguid in authenticatorData"
        if (leaf.Aaguid is { } certified && certified != statement.Aaguid)
        {
            return RegistrationError.AttestationAaguidMismatch;
        }

        attested = new(AttestationType.Basic, default);
        if (known is null)
        {
            if (CertificatePath.Verify(Certificates(x5c), leaf, statement.Anchors, statement.Now, out var validity) is { } untrusted)
            {
                // Contents are checked either way: a chain that holds no certificates is no chain. One that was taken back is known to be bad.
                return statement.Trust is AttestationTrust.Skip && untrusted is not (RegistrationError.AttestationCertificateInvalid or RegistrationError.AttestationRevoked)
                    ? null
                    : untrusted;
            }

            statement.Anchors.KnownPaths.Add(x5c, validity);
        }

        attested = new(AttestationType.Basic, leaf.Raw);
        return null;
    }

    /// <summary>The certificates of an <c>x5c</c> as <see cref="TryRead"/> found it.</summary>
    internal static ByteString[] Certificates(ByteString x5c)
    {
        var cbor = new CanonicalCborReader("attestation statement", x5c.Memory);
        var certificates = new ByteString[cbor.ReadStartArray()];
        for (var i = 0; i < certificates.Length; i++)
        {
            certificates[i] = cbor.ReadByteString();
        }

        return certificates;
    }

    // packedStmtFormat = { alg, sig, x5c: [ attestnCert, * caCert ] } // { alg, sig }: canonical order is the order of
    // reading, and no other member belongs there (ecdaaKeyId of Level 1 is gone).
    private static bool TryRead(ByteString statement, CanonicalCborReader cbor, out CoseAlgorithm algorithm, out ByteString signature, out ByteString x5c)
    {
        algorithm = default;
        signature = default;
        x5c = default;
        try
        {
            cbor.Reset("attestation statement", statement.Memory);
            var members = cbor.ReadStartMap();
            if (members is not (2 or 3) || !cbor.ReadUtf8().Span.SequenceEqual("alg"u8))
            {
                return false;
            }

            algorithm = (CoseAlgorithm)cbor.ReadInt32();
            if (!cbor.ReadUtf8().Span.SequenceEqual("sig"u8))
            {
                return false;
            }

            signature = cbor.ReadByteString();
            if (members == 3)
            {
                if (!cbor.ReadUtf8().Span.SequenceEqual("x5c"u8))
                {
                    return false;
                }

                var start = cbor.BytesConsumed;
                var certificates = cbor.ReadStartArray();
                if (certificates is < 1 or > CertificatePath.MaxLength)
                {
                    return false;
                }

                for (var i = 0; i < certificates; i++)
                {
                    cbor.ReadByteString();
                }

                cbor.ReadEndArray();
                x5c = statement.Slice(start, cbor.BytesConsumed - start);
            }

            cbor.ReadEndMap();
            return true;
        }
        catch (WireFormatException)
        {
            // The attestation object around it is well-formed: the statement alone is wrong, and that is a refusal.
            return false;
        }
    }
}
