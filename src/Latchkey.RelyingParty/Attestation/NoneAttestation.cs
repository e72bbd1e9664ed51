using System.Formats.Cbor;
using Latchkey.RelyingParty.Ceremonies;
using Latchkey.RelyingParty.Registration;

namespace Latchkey.RelyingParty.Attestation;

/// <summary>The statement that says nothing. <see href="https://www.w3.org/TR/webauthn-3/#sctn-none-attestation"/></summary>
internal static class NoneAttestation
{
    // "$$attStmtType //= ( fmt: "none", attStmt: emptyMap )"
    public static RegistrationError? Verify(in StatementToVerify statement, CeremonyWorkspace workspace)
    {
        workspace.Cbor.Reset("attestation statement", statement.Statement.Memory);
        return workspace.Cbor.Peek() is CborReaderState.StartMap && workspace.Cbor.ReadStartMap() == 0 ? null : RegistrationError.AttestationStatementInvalid;
    }
}
