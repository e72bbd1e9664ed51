using Latchkey.Protocol.Cose;
using Latchkey.Protocol.Ctap;
using Latchkey.Protocol.WebAuthn;

namespace Latchkey.Authenticator;

public sealed partial class CtapAuthenticator
{
    // The longest ID we make: a client may leave longer ones out of its lists, they cannot be ours.
    private const uint CredentialIdLength = 32;
    private const uint MaxCredentialCountInList = 1024;
    private const uint MaxMsgSize = 65536;

    /// <summary>Whether this authenticator makes keys of a COSE algorithm.</summary>
    public static bool Makes(int algorithm) => CredentialKey.Algorithms.Contains((CoseAlgorithm)algorithm);

    /// <inheritdoc/>
    public Task<GetInfoResponse> GetInfoAsync(CancellationToken cancellationToken) => Task.FromResult(
        // From FIDO_2_1 on, an authenticator that has "uv" must have "pinUvAuthToken" too; our PIN is asked by our own window and never
        // travels, which is FIDO_2_0 with built-in user verification.
        new GetInfoResponse(["FIDO_2_0"], Aaguid)
        {
            Extensions = [CredentialProtectionNames.Extension],
            Options = new Dictionary<string, bool>(StringComparer.Ordinal) { ["rk"] = true, ["up"] = true, ["uv"] = true, ["plat"] = IsAttached },
            MaxMsgSize = MaxMsgSize,
            MaxCredentialCountInList = MaxCredentialCountInList,
            MaxCredentialIdLength = CredentialIdLength,
            Transports = Transports,
            Algorithms = [.. CredentialKey.Algorithms.Select(algorithm => (int)algorithm)],
            AttestationFormats = [AttestationObject.FormatPacked, AttestationObject.FormatNone],
        });
}
