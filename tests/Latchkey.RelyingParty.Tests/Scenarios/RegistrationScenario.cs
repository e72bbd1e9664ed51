using System.Security.Cryptography;
using System.Text;
using Latchkey.Protocol;
using Latchkey.Protocol.Cbor;
using Latchkey.Protocol.Cose;
using Latchkey.Protocol.WebAuthn;
using Latchkey.RelyingParty.Attestation;
using Latchkey.RelyingParty.Ceremonies;
using Latchkey.RelyingParty.Registration;

namespace Latchkey.RelyingParty.Tests.Scenarios;

/// <summary>The happy registration, built once; a test changes one thing of it with <c>with</c> and asks for the verdict.</summary>
internal sealed record RegistrationScenario
{
    private static readonly TestKey DefaultKey = TestKey.P256();
    private static readonly Challenge Sent = Challenge.Random();

    // what the relying party sent and knows
    public string RpId { get; init; } = "example.org";
    public string[] Origins { get; init; } = ["https://example.org"];
    public bool AllowCrossOrigin { get; init; }
    public string[]? TopOrigins { get; init; }
    public bool UserVerificationRequired { get; init; } = true;
    public bool UserPresenceRequired { get; init; } = true;
    public CoseAlgorithm[] Offered { get; init; } = [CoseAlgorithm.ES256];
    public AttestationTrust Trust { get; init; }
    public TrustAnchors Anchors { get; init; } = TrustAnchors.None;
    public DateTimeOffset Now { get; init; } = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
    public bool CredentialIsRegistered { get; init; }

    // what the client wrote
    public string Type { get; init; } = CollectedClientData.TypeCreate;
    public Challenge ClientDataChallenge { get; init; } = Sent;
    public string Origin { get; init; } = "https://example.org";
    public bool CrossOrigin { get; init; }
    public string? TopOrigin { get; init; }
    public ByteString? ClientDataJson { get; init; }
    public CredentialId? ResponseId { get; init; }

    // what the authenticator wrote
    public string AuthenticatorRpId { get; init; } = "example.org";
    public bool UserPresent { get; init; } = true;
    public bool UserVerified { get; init; } = true;
    public bool BackupEligible { get; init; }
    public bool BackupState { get; init; }
    public bool Attested { get; init; } = true;
    public CredentialId CredentialId { get; init; } = new(Enumerable.Range(0, 32).Select(i => (byte)i).ToArray());
    public Aaguid Aaguid { get; init; } = new(new Guid("00112233-4455-6677-8899-aabbccddeeff"));
    public TestKey Key { get; init; } = DefaultKey;
    public ByteString? PublicKey { get; init; }
    public ByteString? Extensions { get; init; }
    public string Format { get; init; } = AttestationObject.FormatNone;

    /// <summary>Makes the statement over authenticator data and client data hash.</summary>
    public Func<byte[], ByteString> Statement { get; init; } = _ => new byte[] { 0xa0 };

    public static RegistrationScenario Happy() => new();

    /// <summary>The same with packed self attestation.</summary>
    public static RegistrationScenario PackedSelf(CoseAlgorithm? claimed = null, TestKey? key = null) => new RegistrationScenario() with
    {
        Key = key ?? DefaultKey,
        Format = AttestationObject.FormatPacked,
        Statement = signed => new CanonicalCborWriter().StartMap(2)
            .Text("alg").Integer((int)(claimed ?? (key ?? DefaultKey).Public.Algorithm))
            .Text("sig").Bytes((key ?? DefaultKey).Sign(signed))
            .EndMap().Encode(),
    };

    public RelyingPartyScope Scope => new(RpId, Origins, AllowCrossOrigin, TopOrigins);

    public RegistrationResponseJson Response()
    {
        var clientData = ClientDataJson ?? CollectedClientData.Encode(Type, ClientDataChallenge, Origin, CrossOrigin, TopOrigin);
        var authData = new AuthenticatorData(
            RpIdHash.Of(AuthenticatorRpId), UserPresent, UserVerified, BackupEligible, BackupState, 0,
            Attested ? new AttestedCredentialData(Aaguid, CredentialId, PublicKey ?? Key.Public.Encode()) : null,
            Extensions).Encode();
        var statement = Statement([.. authData.Span, .. SHA256.HashData(clientData.Span)]);
        return new(ResponseId ?? CredentialId, clientData, new AttestationObject(Format, statement, authData).Encode());
    }

    public byte[] Json() => Response().Encode();

    public RegistrationDemand Demand() => new()
    {
        Challenge = Sent.Bytes,
        UserVerificationRequired = UserVerificationRequired,
        UserPresenceRequired = UserPresenceRequired,
        Algorithms = Offered,
        AttestationTrust = Trust,
        TrustAnchors = Anchors,
        Now = Now,
        CredentialIsRegistered = CredentialIsRegistered,
    };

    public RegistrationError? Complete() => Complete(Json());

    public RegistrationError? Complete(byte[] json) => RegistrationCeremony.Verify(Scope, Demand(), json, new CeremonyWorkspace(), out _);

    public RegistrationFacts Facts()
    {
        Assert.Null(RegistrationCeremony.Verify(Scope, Demand(), Json(), new CeremonyWorkspace(), out var facts));
        return facts;
    }

    public static ByteString Utf8(string text) => Encoding.UTF8.GetBytes(text);
}
