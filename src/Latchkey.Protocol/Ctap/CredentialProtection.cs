namespace Latchkey.Protocol.Ctap;

/// <summary>
/// How hidden a credential is from someone who was not verified (credProtect). Total: other numbers are data.
/// <see href="https://fidoalliance.org/specs/fido-v2.2-ps-20250714/fido-client-to-authenticator-protocol-v2.2-ps-20250714.html#sctn-credProtect-extension"/>
/// </summary>
public enum CredentialProtection : byte
{
    /// <summary><c>userVerificationOptional</c>: no protection; what counts when nothing is said.</summary>
    UserVerificationOptional = 1,

    /// <summary><c>userVerificationOptionalWithCredentialIDList</c>: found without verification only by whoever knows the credential ID.</summary>
    UserVerificationOptionalWithCredentialIdList = 2,

    /// <summary><c>userVerificationRequired</c>: found after verification only.</summary>
    UserVerificationRequired = 3,
}

/// <summary>The names of <see cref="CredentialProtection"/> in client extension inputs.</summary>
public static class CredentialProtectionNames
{
    /// <summary>The extension's identifier on the CTAP wire.</summary>
    public const string Extension = "credProtect";

    private const string Optional = "userVerificationOptional";
    private const string OptionalWithList = "userVerificationOptionalWithCredentialIDList";
    private const string Required = "userVerificationRequired";

    /// <summary>Reads the client's name; null when it is none.</summary>
    public static CredentialProtection? Parse(string? name) => name switch
    {
        Optional => CredentialProtection.UserVerificationOptional,
        OptionalWithList => CredentialProtection.UserVerificationOptionalWithCredentialIdList,
        Required => CredentialProtection.UserVerificationRequired,
        _ => null,
    };

    /// <summary>The client's name of a level.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A number without a name.</exception>
    public static string NameOf(CredentialProtection level) => level switch
    {
        CredentialProtection.UserVerificationOptional => Optional,
        CredentialProtection.UserVerificationOptionalWithCredentialIdList => OptionalWithList,
        CredentialProtection.UserVerificationRequired => Required,
        _ => throw new ArgumentOutOfRangeException(nameof(level)),
    };
}
