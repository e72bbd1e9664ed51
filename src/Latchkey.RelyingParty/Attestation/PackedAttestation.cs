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
        if (!SignatureVerifier.IsSupported(algorithm))
        {
            return RegistrationError.AlgorithmUnsupported;
        }

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
                return statement.Trust is not AttestationTrust.Verify && untrusted is not (RegistrationError.AttestationCertificateInvalid or RegistrationError.AttestationRevoked)
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
        var cbor = new WireCborReader("attestation statement", x5c.Memory, form: CborForm.AnyOrder);
        var certificates = new ByteString[cbor.ReadStartArray()];
        for (var i = 0; i < certificates.Length; i++)
        {
            certificates[i] = cbor.ReadByteString();
        }

        return certificates;
    }

    // packedStmtFormat = { alg, sig, x5c: [ attestnCert, * caCert ] } // { alg, sig }: no other member belongs there
    // (ecdaaKeyId of Level 1 is gone).
    private static bool TryRead(ByteString statement, WireCborReader cbor, out CoseAlgorithm algorithm, out ByteString signature, out ByteString x5c)
    {
        int? alg = null;
        ByteString? sig = null;
        x5c = default;
        try
        {
            cbor.Reset("attestation statement", statement.Memory);
            for (var members = cbor.ReadStartMap(); members > 0; members--)
            {
                var name = cbor.ReadUtf8().Span;
                if (alg is null && name.SequenceEqual("alg"u8))
                {
                    alg = cbor.ReadInt32();
                }
                else if (sig is null && name.SequenceEqual("sig"u8))
                {
                    sig = cbor.ReadByteString();
                }
                else if (x5c.IsEmpty && name.SequenceEqual("x5c"u8))
                {
                    x5c = ReadCertificates(statement, cbor);
                }
                else
                {
                    throw cbor.Malformed("has a member that does not belong there, or one twice");
                }
            }

            cbor.ReadEndMap();
        }
        catch (WireFormatException)
        {
            // The attestation object around it is well-formed: the statement alone is wrong, and that is a refusal.
            alg = null;
        }

        (algorithm, signature) = ((CoseAlgorithm)alg.GetValueOrDefault(), sig.GetValueOrDefault());
        return alg is not null && sig is not null;
    }

    private static ByteString ReadCertificates(ByteString statement, WireCborReader cbor)
    {
        var start = cbor.BytesConsumed;
        var certificates = cbor.ReadStartArray();
        if (certificates is < 1 or > CertificatePath.MaxLength)
        {
            throw cbor.Malformed("has no certificate in x5c, or too many");
        }

        for (; certificates > 0; certificates--)
        {
            cbor.ReadByteString();
        }

        cbor.ReadEndArray();
        return statement.Slice(start, cbor.BytesConsumed - start);
    }
}
