using System.Net.Http.Json;

namespace Latchkey.Api.Approvals;

/// <summary>The sign-ins that wait for the signed-in person's answer.</summary>
/// <param name="http">Base address: the server's root; authorization: the person's access token.</param>
public sealed class ApprovalsClient(HttpClient http)
{
    /// <summary>The route, below the server's root.</summary>
    public const string Path = "v1.0/me/authentication/approvals";

    /// <summary>Where the server tells at once that something has changed.</summary>
    public const string LivePath = "authenticator/live";

    /// <summary>The message of <see cref="LivePath"/> that the requests are others by now.</summary>
    public const string ApprovalsChanged = "approvals";

    /// <summary>The message of <see cref="LivePath"/> that the person's sign-in methods are others by now.</summary>
    public const string MethodsChanged = "methods";

    /// <summary>The code of a request that waits no longer: answered here or on another device, given up, or too old.</summary>
    public const string Over = "approval_over";

    /// <summary>The code of a number that is not the one on the sign-in page: the request is refused by it.</summary>
    public const string NumberWrong = "approval_number_wrong";

    /// <summary>What waits for a device.</summary>
    /// <exception cref="ApiException">A refusal, or no answer.</exception>
    public async Task<IReadOnlyList<PendingApproval>> ListAsync(string deviceId, CancellationToken cancellationToken) =>
        (await ApiJson.SendAsync(http, new(HttpMethod.Get, $"{Path}?device={Uri.EscapeDataString(deviceId)}"), ApiJson.Default.PendingApprovalCollection, cancellationToken)).Value;

    /// <summary>Answers a request, once.</summary>
    /// <exception cref="ApiException">A refusal (<see cref="NumberWrong"/>, <see cref="Over"/>), or no answer.</exception>
    public async Task AnswerAsync(string id, ApprovalAnswer answer, CancellationToken cancellationToken) =>
        (await ApiJson.SendAsync(
            http, new(HttpMethod.Post, $"{Path}/{id}/answer") { Content = JsonContent.Create(answer, ApiJson.Default.ApprovalAnswer) }, cancellationToken)).Dispose();
}
