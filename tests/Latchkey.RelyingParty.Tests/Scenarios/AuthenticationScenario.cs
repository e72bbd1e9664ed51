using System.Security.Cryptography;
using Latchkey.Protocol;
using Latchkey.Protocol.WebAuthn;
using Latchkey.RelyingParty.Authentication;
using Latchkey.RelyingParty.Ceremonies;

namespace Latchkey.RelyingParty.Tests.Scenarios;

/// <summary>The happy authentication, built once; a test changes one thing of it with <c>with</c> and asks for the verdict.</summary>
internal sealed record AuthenticationScenario
{
    private static readonly TestKey DefaultKey = TestKey.P256();
    private static readonly Challenge Sent = Challenge.Random();
    private static readonly CredentialId DefaultId = CredentialId.Random();
    private static readonly UserHandle DefaultUser = Protocol.WebAuthn.UserHandle.Random();

    // what the relying party sent and knows
    public string RpId { get; init; } = "example.org";
    public string[] Origins { get; init; } = ["https://example.org"];
    public bool AllowCrossOrigin { get; init; }
    public string[]? TopOrigins { get; init; }
    public string? AppId { get; init; }
    public bool UserVerificationRequired { get; init; } = true;
    public bool UserPresenceRequired { get; init; } = true;
    public CredentialId[] AllowCredentials { get; init; } = [];
    public ByteString? StoredPublicKey { get; init; }
    public uint StoredSignCount { get; init; }
    public bool? StoredBackupEligible { get; init; } = false;
    public UserHandle? StoredUserHandle { get; init; } = DefaultUser;

    // what the client wrote
    public string Type { get; init; } = CollectedClientData.TypeGet;
    public Challenge ClientDataChallenge { get; init; } = Sent;
    public string Origin { get; init; } = "https://example.org";
    public bool CrossOrigin { get; init; }
    public string? TopOrigin { get; init; }
    public CredentialId Id { get; init; } = DefaultId;
    public bool AppIdUsed { get; init; }

    // what the authenticator wrote
    public string AuthenticatorRpId { get; init; } = "example.org";
    public bool UserPresent { get; init; } = true;
    public bool UserVerified { get; init; } = true;
    public bool BackupEligible { get; init; }
    public bool BackupState { get; init; }
    public uint SignCount { get; init; }
    public AttestedCredentialData? Attested { get; init; }
    public ByteString? Extensions { get; init; }
    public UserHandle? UserHandle { get; init; } = DefaultUser;
    public TestKey Key { get; init; } = DefaultKey;
    public Func<byte[], byte[]> Damage { get; init; } = signature => signature;

    public static AuthenticationScenario Happy() => new();

    public RelyingPartyScope Scope => new(RpId, Origins, AllowCrossOrigin, TopOrigins, AppId);

    public AuthenticationResponseJson Response()
    {
        var clientData = CollectedClientData.Encode(Type, ClientDataChallenge, Origin, CrossOrigin, TopOrigin);
        var authData = new AuthenticatorData(
            RpIdHash.Of(AuthenticatorRpId), UserPresent, UserVerified, BackupEligible, BackupState, SignCount, Attested, Extensions).Encode();
        var signature = Damage(Key.Sign([.. authData.Span, .. SHA256.HashData(clientData.Span)]));
        return new(Id, clientData, authData, signature, UserHandle) { AppIdUsed = AppIdUsed };
    }

    public byte[] Json() => Response().Encode();

    public AuthenticationDemand Demand() => new()
    {
        Challenge = Sent.Bytes,
        UserVerificationRequired = UserVerificationRequired,
        UserPresenceRequired = UserPresenceRequired,
        AllowCredentials = AllowCredentials,
        PublicKey = StoredPublicKey ?? Key.Public.Encode(),
        SignCount = StoredSignCount,
        BackupEligible = StoredBackupEligible,
        UserHandle = StoredUserHandle,
    };

    public AuthenticationError? Complete() => Complete(Json());

    public AuthenticationError? Complete(byte[] json) => AuthenticationCeremony.Verify(Scope, Demand(), json, new CeremonyWorkspace(), out _);
}
