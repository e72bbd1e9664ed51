using Latchkey.Protocol.WebAuthn;

namespace Latchkey.Api.Plan;

/// <summary>What an Authenticator may set up for the signed-in person, as policy stands now. <c>GET /v1.0/me/registrationPlan</c></summary>
/// <param name="Methods">Each method once, in the order an Authenticator sets them up.</param>
public sealed record RegistrationPlan(IReadOnlyList<PlannedMethod> Methods)
{
    /// <summary>What the plan says of a method; null when the server knows none of that name.</summary>
    public PlannedMethod? For(string method) => Methods.FirstOrDefault(planned => planned.Method == method);
}

/// <summary>What policy says to the person of one method.</summary>
/// <param name="Method">One of <see cref="PlannedMethods"/>; a newer server may know more.</param>
/// <param name="State">One of <see cref="PlannedState"/>.</param>
/// <param name="Registered">What the person has of it, anywhere, oldest first.</param>
/// <param name="Problem">
/// Why no further one can be added; absent when one can. A method that is <see cref="PlannedState.Offered"/> or
/// <see cref="PlannedState.Required"/> has none.
/// </param>
public sealed record PlannedMethod(string Method, string State, IReadOnlyList<RegisteredMethod> Registered, PlanProblem? Problem = null)
{
    /// <summary>Whether one can be set up on this Authenticator.</summary>
    public bool CanBeAdded => Problem is null;
}

/// <summary>One sign-in method the person has.</summary>
/// <param name="Id">A passkey's credential ID (base64url); a GUID for everything else.</param>
/// <param name="DisplayName">The name its owner gave it.</param>
/// <param name="CreatedDateTime">Since when.</param>
public sealed record RegisteredMethod(string Id, string DisplayName, DateTimeOffset CreatedDateTime);

/// <summary>Why a method can't be added.</summary>
/// <param name="Code">The problem code.</param>
/// <param name="Message">Why, and by whom, in a sentence for a person.</param>
/// <param name="NextStep">What to do about it.</param>
public sealed record PlanProblem(string Code, string Message, string NextStep);

/// <summary>The methods a plan speaks of.</summary>
public static class PlannedMethods
{
    /// <summary>A passkey kept by the Authenticator.</summary>
    public const string Passkey = "passkey";

    /// <summary>Signing in by the Authenticator alone: name, number, PIN.</summary>
    public const string PhoneSignIn = "phoneSignIn";

    /// <summary>Answering a request with a number as second factor.</summary>
    public const string Notifications = "notifications";

    /// <summary>Codes the Authenticator shows (TOTP).</summary>
    public const string Codes = "codes";
}

/// <summary>Where a method stands.</summary>
public static class PlannedState
{
    /// <summary>It can be set up, and nobody insists.</summary>
    public const string Offered = "offered";

    /// <summary>It can be set up, and sign-in insists on it.</summary>
    public const string Required = "required";

    /// <summary>The person has one that counts.</summary>
    public const string Registered = "registered";

    /// <summary>Policy keeps it from the person.</summary>
    public const string Withheld = "withheld";
}

/// <summary>Asks for the plan.</summary>
/// <param name="http">Base address: the server's root; authorization: the person's access token.</param>
public sealed class RegistrationPlanClient(HttpClient http)
{
    /// <summary>The route, below the server's root.</summary>
    public const string Path = "v1.0/me/registrationPlan";

    /// <summary>The parameter that names the model whose passkeys the plan is about.</summary>
    public const string ModelParameter = "aaguid";

    /// <summary>The plan.</summary>
    /// <param name="model">The model of the authenticator that would keep the passkey: policy may refuse it.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="ApiException">A refusal, or no answer.</exception>
    public Task<RegistrationPlan> GetAsync(Aaguid model, CancellationToken cancellationToken) =>
        ApiJson.SendAsync(http, new(HttpMethod.Get, $"{Path}?{ModelParameter}={model.Value:D}"), ApiJson.Default.RegistrationPlan, cancellationToken);
}
