using Latchkey.Protocol.WebAuthn;

namespace Latchkey.Authenticator;

/// <summary>
/// The model this authenticator says it is. Drawn once at random (version 4) for this project and never changed: relying
/// parties name and restrict passkeys by it. It is not registered with the FIDO metadata service, and without attestation
/// by a certificate anybody can claim it; a server of ours certifies it to the Authenticators signed in there.
/// </summary>
public static class AuthenticatorAaguid
{
    /// <summary>The AAGUID of the Latchkey Authenticator.</summary>
    public static Aaguid Value { get; } = new(new Guid("ded00605-1e89-4610-859f-70eabe866e61"));
}
