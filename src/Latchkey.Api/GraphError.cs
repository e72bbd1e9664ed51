using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Latchkey.Api;

/// <summary>Microsoft Graph's error shape, which everything under <c>/v1.0</c> answers with. <see href="https://learn.microsoft.com/graph/errors"/></summary>
/// <param name="Error">What went wrong.</param>
public sealed record GraphErrorResponse(GraphError Error)
{
    internal static async Task<ApiException> ReadAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        try
        {
            if (await response.Content.ReadFromJsonAsync(ApiJson.Default.GraphErrorResponse, cancellationToken) is { Error: { Code: not null, Message: not null } error })
            {
                return new(response.StatusCode, error.Code, error.Message) { NextStep = error.InnerError?.NextStep };
            }
        }
        catch (Exception e) when (e is JsonException or HttpRequestException or IOException or FormatException or InvalidOperationException or NotSupportedException or ArgumentException)
        {
            // Not our words: a proxy's page, or nothing. The status is all there is to say.
        }

        return response.StatusCode == System.Net.HttpStatusCode.Unauthorized
            ? new(response.StatusCode, "sign_in_required", "Your sign-in has ended. Sign in again.")
            : new(response.StatusCode, $"http_{(int)response.StatusCode}", $"The server answered with status {(int)response.StatusCode}.");
    }
}

/// <summary>One error in Graph's shape.</summary>
/// <param name="Code">The problem code.</param>
/// <param name="Message">A sentence for a person.</param>
/// <param name="InnerError">When and under which ID to look it up.</param>
public sealed record GraphError(string Code, string Message, GraphInnerError? InnerError = null);

/// <summary>When and under which ID to look an error up.</summary>
/// <param name="Date">When the server said so.</param>
/// <param name="RequestId">The ID in the server's log.</param>
/// <param name="NextStep">What to do about it.</param>
/// <param name="Aaguid">The model of authenticator that was refused, where one was.</param>
/// <param name="ClientRequestId">The ID the client gave the request, in the header of that name; the server's own where it gave none.</param>
public sealed record GraphInnerError(
    DateTimeOffset Date, [property: JsonPropertyName("request-id")] string RequestId, string? NextStep = null, string? Aaguid = null,
    [property: JsonPropertyName("client-request-id")] string? ClientRequestId = null);
