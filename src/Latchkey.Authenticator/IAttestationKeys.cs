using Latchkey.Protocol.WebAuthn;

namespace Latchkey.Authenticator;

/// <summary>Where the authenticator finds what vouches for a new passkey; without it, passkeys carry self attestation.</summary>
public interface IAttestationKeys
{
    /// <summary>The key for an account of a relying party, when there is a valid one; null for anybody else's.</summary>
    Task<AttestationKey?> FindAsync(string rpId, UserHandle user, CancellationToken cancellationToken);
}
