using Latchkey.Protocol.Ctap;
using Latchkey.Protocol.WebAuthn;

namespace Latchkey.Protocol.Tests.Ctap;

/// <summary>One message of each kind with everything in it; a test changes one thing.</summary>
internal static class CtapMessages
{
    public static MakeCredentialRequest MakeCredentialRequest { get; } = new(
        ClientDataHash.Of("client data"u8),
        new("example.org", "Example"),
        new(new(ByteString.FromHex("0102030405")), "ada@example.org", "Ada"),
        [-7, -8])
    {
        ExcludeList = [new(new(ByteString.FromHex("aabbcc")), ["internal", "hybrid"]), new(new(ByteString.FromHex("dd")), [])],
        CredProtect = CredentialProtection.UserVerificationRequired,
        Rk = true,
        Up = true,
        Uv = false,
        PinUvAuthParam = ByteString.FromHex("00112233"),
        PinUvAuthProtocol = 2,
        EnterpriseAttestation = 1,
        AttestationFormatsPreference = ["packed", "none"],
    };

    public static MakeCredentialResponse MakeCredentialResponse { get; } = new("packed", ByteString.FromHex("00112233"), ByteString.FromHex("a263616c672663736967420102")) { EpAtt = false };

    public static GetAssertionRequest GetAssertionRequest { get; } = new("example.org", ClientDataHash.Of("client data"u8))
    {
        AllowList = MakeCredentialRequest.ExcludeList,
        Up = false,
        Uv = true,
        PinUvAuthParam = ByteString.FromHex("00112233"),
        PinUvAuthProtocol = 1,
    };

    public static GetAssertionResponse GetAssertionResponse { get; } = new(new(new(ByteString.FromHex("aabbcc")), []), ByteString.FromHex("0011"), ByteString.FromHex("2233"))
    {
        User = MakeCredentialRequest.User,
        NumberOfCredentials = 3,
        UserSelected = true,
    };

    public static GetInfoResponse GetInfoResponse { get; } = new(["FIDO_2_0"], new(new Guid("00112233-4455-6677-8899-aabbccddeeff")))
    {
        Extensions = ["credProtect"],
        Options = new Dictionary<string, bool>(StringComparer.Ordinal) { ["rk"] = true, ["uv"] = false },
        MaxMsgSize = 65536,
        MaxCredentialCountInList = 10,
        MaxCredentialIdLength = 32,
        Transports = ["internal"],
        Algorithms = [-7, -8],
        AttestationFormats = ["packed"],
    };
}
