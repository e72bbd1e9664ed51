namespace Latchkey.Api.Me;

/// <summary>One thing that happened to the signed-in person's account.</summary>
/// <param name="At">When.</param>
/// <param name="Action">What: <c>sign_in</c>, <c>method.added</c> and the like; programs pass over those they don't know.</param>
/// <param name="Outcome"><c>success</c>, or the code of what went otherwise.</param>
/// <param name="Method">The kind of sign-in method it is about, if any: <c>passkey</c>, <c>password</c>, <c>authenticator_code</c> and so on.</param>
/// <param name="ByAdministrator">An administrator did it, not the person.</param>
/// <param name="Address">The network address it came from, when it is known.</param>
public sealed record ActivityEntry(DateTimeOffset At, string Action, string Outcome, string? Method = null, bool ByAdministrator = false, string? Address = null)
{
    /// <summary>The outcome of what went as it should.</summary>
    public const string Success = "success";
}

/// <summary>The last of them, newest first.</summary>
/// <param name="Value">At most <see cref="RecentActivityClient.Length"/>.</param>
public sealed record RecentActivity(IReadOnlyList<ActivityEntry> Value);

/// <summary>Asks what happened lately. <c>GET /v1.0/me/recentActivity</c></summary>
/// <param name="http">Base address: the server's root; authorization: the person's access token.</param>
public sealed class RecentActivityClient(HttpClient http)
{
    /// <summary>The route, below the server's root.</summary>
    public const string Path = ProfileClient.Path + "/recentActivity";

    /// <summary>How many are told.</summary>
    public const int Length = 30;

    /// <summary>The person's last sign-ins and changes.</summary>
    /// <exception cref="ApiException">A refusal, or no answer.</exception>
    public async Task<IReadOnlyList<ActivityEntry>> ListAsync(CancellationToken cancellationToken) =>
        (await ApiJson.SendAsync(http, new(HttpMethod.Get, Path), ApiJson.Default.RecentActivity, cancellationToken)).Value;
}
