using System.Text.Json.Serialization;
using Latchkey.Protocol.WebAuthn;

namespace Latchkey.Api.Fido2Methods;

/// <summary>A passkey as Graph shows it. <see href="https://learn.microsoft.com/graph/api/resources/fido2authenticationmethod"/></summary>
/// <param name="Id">The credential ID, base64url without padding.</param>
/// <param name="DisplayName">The name its owner gave it.</param>
/// <param name="CreatedDateTime">When it was registered.</param>
/// <param name="LastUsedDateTime">When it last signed in.</param>
/// <param name="AaGuid">The authenticator's model.</param>
/// <param name="Model">The model's name, where it is known.</param>
/// <param name="AttestationCertificates">SHA-1 thumbprints of the attestation certificates, as Graph lists them.</param>
/// <param name="AttestationLevel"><c>attested</c> or <c>notAttested</c>.</param>
/// <param name="PasskeyType"><c>deviceBound</c> or <c>synced</c>.</param>
public sealed record Fido2AuthenticationMethod(
    string Id,
    string? DisplayName,
    DateTimeOffset CreatedDateTime,
    DateTimeOffset? LastUsedDateTime,
    string AaGuid,
    string? Model,
    IReadOnlyList<string> AttestationCertificates,
    string AttestationLevel,
    string PasskeyType)
{
    /// <summary><see cref="AttestationLevel"/> of a passkey whose maker the server vouches for, or knows.</summary>
    public const string Attested = "attested";

    /// <summary>Whether the server vouches for its maker, or knows it.</summary>
    [JsonIgnore]
    public bool IsAttested => AttestationLevel == Attested;

    /// <summary>The type's name in OData.</summary>
    [JsonPropertyName("@odata.type")]
    public string ODataType { get; init; } = "#microsoft.graph.fido2AuthenticationMethod";
}

/// <summary>All passkeys of a person.</summary>
/// <param name="Value">The passkeys, oldest first.</param>
public sealed record Fido2AuthenticationMethodCollection(IReadOnlyList<Fido2AuthenticationMethod> Value);

/// <summary>What to hand to <c>navigator.credentials.create()</c> or <c>WebAuthnClient</c>. <see href="https://learn.microsoft.com/graph/api/resources/webauthncredentialcreationoptions"/></summary>
/// <param name="ChallengeTimeoutDateTime">Until when the answer is accepted.</param>
/// <param name="PublicKey">The options, in the standard's JSON.</param>
public sealed record WebauthnCredentialCreationOptions(DateTimeOffset ChallengeTimeoutDateTime, PublicKeyCredentialCreationOptions PublicKey);

/// <summary>A new passkey for the server to keep.</summary>
/// <param name="DisplayName">A name, up to 64 characters; the server makes one from the model when absent.</param>
/// <param name="PublicKeyCredential">The registration response.</param>
public sealed record Fido2MethodRegistration(string? DisplayName, RegistrationResponseJson PublicKeyCredential);

/// <summary>A change of a passkey's name.</summary>
/// <param name="DisplayName">The new name, 1 to 64 characters.</param>
public sealed record Fido2MethodUpdate(string DisplayName);
