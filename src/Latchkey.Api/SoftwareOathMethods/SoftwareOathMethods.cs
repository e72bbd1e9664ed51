using System.Text.Json.Serialization;

namespace Latchkey.Api.SoftwareOathMethods;

/// <summary>An authenticator that shows codes, as Graph shows it. <see href="https://learn.microsoft.com/graph/api/resources/softwareoathauthenticationmethod"/></summary>
/// <param name="Id">The method's ID.</param>
/// <param name="DisplayName">The name its owner gave it.</param>
/// <param name="CreatedDateTime">Since when.</param>
public sealed record SoftwareOathMethod(Guid Id, string DisplayName, DateTimeOffset CreatedDateTime)
{
    /// <summary>The type's name in OData.</summary>
    [JsonPropertyName("@odata.type")]
    public string ODataType { get; init; } = "#microsoft.graph.softwareOathAuthenticationMethod";
}

/// <summary>All authenticators of a person that show codes.</summary>
/// <param name="Value">Oldest first.</param>
public sealed record SoftwareOathMethodCollection(IReadOnlyList<SoftwareOathMethod> Value);

/// <summary>
/// A secret the server made and does not keep yet: it does when a first code proves that the secret arrived. Parameters as in RFC 6238 and
/// in the key URI authenticators read.
/// </summary>
/// <param name="Id">The ID the method will have.</param>
/// <param name="Pending">What is pending, sealed for the server; goes back with the first code, unread.</param>
/// <param name="ExpirationDateTime">Until when a first code is accepted.</param>
/// <param name="SecretKey">The shared secret in Base32 (RFC 4648).</param>
/// <param name="Issuer">Whose code it is: the organisation's name.</param>
/// <param name="AccountName">Who it is for.</param>
/// <param name="Algorithm"><c>SHA1</c>, <c>SHA256</c> or <c>SHA512</c>.</param>
/// <param name="Digits">How many digits a code has.</param>
/// <param name="Period">How many seconds a code lives.</param>
public sealed record SoftwareOathBeginning(
    Guid Id, string Pending, DateTimeOffset ExpirationDateTime, string SecretKey, string Issuer, string AccountName, string Algorithm, int Digits, int Period)
{
    /// <summary>What may be printed: never the secret.</summary>
    public override string ToString() => $"{Issuer} {AccountName} {Id}";
}

/// <summary>The first code.</summary>
/// <param name="Pending">What was pending, as it came.</param>
/// <param name="Code">A code by the secret, for now.</param>
/// <param name="DisplayName">A name, up to 64 characters; the server makes one when absent.</param>
public sealed record SoftwareOathConfirmation(string Pending, string Code, string? DisplayName);
