using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Latchkey.Api.Administration;
using Latchkey.Api.Approvals;
using Latchkey.Api.AttestationCertificates;
using Latchkey.Api.Fido2Methods;
using Latchkey.Api.Me;
using Latchkey.Api.Passkeys;
using Latchkey.Api.Plan;
using Latchkey.Api.SoftwareOathMethods;
using Latchkey.Api.WellKnown;
using Latchkey.Protocol.WebAuthn;

namespace Latchkey.Api;

/// <summary>How the contracts are written as JSON: camel case, absent instead of null, the WebAuthn types in the standard's own form.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    Converters = [typeof(CreationOptionsConverter), typeof(RequestOptionsConverter), typeof(RegistrationResponseConverter), typeof(AuthenticationResponseConverter)])]
[JsonSerializable(typeof(GraphErrorResponse))]
[JsonSerializable(typeof(Profile))]
[JsonSerializable(typeof(RecentActivity))]
[JsonSerializable(typeof(Fido2AuthenticationMethod))]
[JsonSerializable(typeof(Fido2AuthenticationMethodCollection))]
[JsonSerializable(typeof(Fido2MethodRegistration))]
[JsonSerializable(typeof(Fido2MethodUpdate))]
[JsonSerializable(typeof(WebauthnCredentialCreationOptions))]
[JsonSerializable(typeof(NewAttestationCertificate))]
[JsonSerializable(typeof(IssuedAttestationCertificate))]
[JsonSerializable(typeof(Person))]
[JsonSerializable(typeof(PersonPage))]
[JsonSerializable(typeof(NewPerson))]
[JsonSerializable(typeof(PersonChange))]
[JsonSerializable(typeof(PersonReset))]
[JsonSerializable(typeof(AuditPage))]
[JsonSerializable(typeof(NewPassword))]
[JsonSerializable(typeof(NewTemporaryAccessPass))]
[JsonSerializable(typeof(CreatedTemporaryAccessPass))]
[JsonSerializable(typeof(OrganisationSettings))]
[JsonSerializable(typeof(PolicyDocument))]
[JsonSerializable(typeof(PolicyChange))]
[JsonSerializable(typeof(AttestationAuthorityCollection))]
[JsonSerializable(typeof(AttestationCertificateCollection))]
[JsonSerializable(typeof(AttestationRevocation))]
[JsonSerializable(typeof(AttestationChange))]
[JsonSerializable(typeof(JsonObject))]
[JsonSerializable(typeof(PeopleGroup))]
[JsonSerializable(typeof(PeopleGroupCollection))]
[JsonSerializable(typeof(NewPeopleGroup))]
[JsonSerializable(typeof(PasskeySignInRequest))]
[JsonSerializable(typeof(PasskeyTestResult))]
[JsonSerializable(typeof(PasskeyStatus))]
[JsonSerializable(typeof(AuthenticatorAuthenticationMethod))]
[JsonSerializable(typeof(AuthenticatorAuthenticationMethodCollection))]
[JsonSerializable(typeof(AuthenticatorMethodChallenge))]
[JsonSerializable(typeof(AuthenticatorMethodRegistration))]
[JsonSerializable(typeof(AuthenticatorMethodUpdate))]
[JsonSerializable(typeof(PendingApprovalCollection))]
[JsonSerializable(typeof(ApprovalAnswer))]
[JsonSerializable(typeof(PasskeyEndpoints))]
[JsonSerializable(typeof(PersonPasskeyCollection))]
[JsonSerializable(typeof(PersonSessionCollection))]
[JsonSerializable(typeof(RegistrationPlan))]
[JsonSerializable(typeof(SoftwareOathMethod))]
[JsonSerializable(typeof(SoftwareOathMethodCollection))]
[JsonSerializable(typeof(SoftwareOathBeginning))]
[JsonSerializable(typeof(SoftwareOathConfirmation))]
[JsonSerializable(typeof(PublicKeyCredentialRequestOptions))]
[JsonSerializable(typeof(AuthenticationResponseJson))]
public sealed partial class ApiJson : JsonSerializerContext
{
    /// <summary>Sends a request and reads the answer.</summary>
    /// <exception cref="ApiException">A refusal, or no answer.</exception>
    internal static async Task<T> SendAsync<T>(HttpClient http, HttpRequestMessage request, JsonTypeInfo<T> type, CancellationToken cancellationToken)
    {
        try
        {
            using var response = await SendAsync(http, request, cancellationToken);
            return await response.Content.ReadFromJsonAsync(type, cancellationToken)
                ?? throw new ApiException(response.StatusCode, "answer_empty", "The server's answer was empty.");
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            throw new ApiException("The server's answer broke off.", e);
        }
        catch (Exception e) when (e is JsonException or FormatException or InvalidOperationException or NotSupportedException or ArgumentException)
        {
            // not the shape, not the character set it claims, strings that are no Unicode
            throw new ApiException(System.Net.HttpStatusCode.OK, "answer_not_understood", "The server's answer is not what this version expects.");
        }
    }

    /// <summary>Sends a request whose answer has no content.</summary>
    /// <exception cref="ApiException">A refusal, or no answer.</exception>
    internal static async Task<HttpResponseMessage> SendAsync(HttpClient http, HttpRequestMessage request, CancellationToken cancellationToken)
    {
        HttpResponseMessage response;
        try
        {
            response = await http.SendAsync(request, cancellationToken);
        }
        catch (Exception e) when (e is HttpRequestException or IOException || (e is TaskCanceledException && !cancellationToken.IsCancellationRequested))
        {
            throw new ApiException("The server could not be reached.", e);
        }

        if (response.IsSuccessStatusCode)
        {
            return response;
        }

        using (response)
        {
            throw await Api.GraphErrorResponse.ReadAsync(response, cancellationToken);
        }
    }
}

/// <summary>A WebAuthn type inside a contract, by the encode and parse that stand beside it.</summary>
internal abstract class WireConverter<T>(Func<ReadOnlyMemory<byte>, T> parse, Func<T, byte[]> encode) : JsonConverter<T>
{
    public override T Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        using var document = JsonDocument.ParseValue(ref reader);
        return parse(System.Text.Encoding.UTF8.GetBytes(document.RootElement.GetRawText()));
    }

    public override void Write(Utf8JsonWriter writer, T value, JsonSerializerOptions options) => writer.WriteRawValue(encode(value));
}

internal sealed class CreationOptionsConverter()
    : WireConverter<PublicKeyCredentialCreationOptions>(PublicKeyCredentialCreationOptions.Parse, options => options.Encode());

internal sealed class RequestOptionsConverter()
    : WireConverter<PublicKeyCredentialRequestOptions>(PublicKeyCredentialRequestOptions.Parse, options => options.Encode());

internal sealed class RegistrationResponseConverter()
    : WireConverter<RegistrationResponseJson>(json => RegistrationResponseJson.Parse(json.Span), response => response.Encode());

internal sealed class AuthenticationResponseConverter()
    : WireConverter<AuthenticationResponseJson>(json => AuthenticationResponseJson.Parse(json.Span), response => response.Encode());
