using Latchkey.RelyingParty.Registration;

namespace Latchkey.RelyingParty.Attestation;

/// <summary>The statement that says nothing. <see href="https://www.w3.org/TR/webauthn-3/#sctn-none-attestation"/></summary>
internal static class NoneAttestation
{
    private static ReadOnlySpan<byte> EmptyMap => [0xa0];

    // "$$attStmtType //= ( fmt: "none", attStmt: emptyMap )"
    public static RegistrationError? Verify(in StatementToVerify statement) =>
        statement.Statement.Span.SequenceEqual(EmptyMap) ? null : RegistrationError.AttestationStatementInvalid;
}
