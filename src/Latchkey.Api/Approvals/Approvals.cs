namespace Latchkey.Api.Approvals;

/// <summary>A sign-in that waits for the person's answer. The number stands on the sign-in page alone.</summary>
/// <param name="Id">Its ID.</param>
/// <param name="Kind">One of <see cref="ApprovalKinds"/>.</param>
/// <param name="App">What is signed in to.</param>
/// <param name="Address">The address the sign-in comes from.</param>
/// <param name="CreatedDateTime">When it began, by the server's clock.</param>
/// <param name="SecondsLeft">For how long it still waits; a device's own clock says nothing here.</param>
public sealed record PendingApproval(string Id, string Kind, string App, string? Address, DateTimeOffset CreatedDateTime, int SecondsLeft);

/// <summary>What waits for one device.</summary>
/// <param name="Value">The requests, oldest first.</param>
public sealed record PendingApprovalCollection(IReadOnlyList<PendingApproval> Value);

/// <summary>What an approval is for.</summary>
public static class ApprovalKinds
{
    /// <summary>A sign-in whose password was right.</summary>
    public const string SecondFactor = "secondFactor";

    /// <summary>A sign-in of which only the name is known so far.</summary>
    public const string PhoneSignIn = "phoneSignIn";

    /// <summary>Somebody signed in who proves once more that it's them.</summary>
    public const string StepUp = "stepUp";
}

/// <summary>The person's answer.</summary>
/// <param name="DeviceId">The device that answers.</param>
/// <param name="Decision">One of <see cref="ApprovalDecisions"/>.</param>
/// <param name="Number">The number the person typed; absent in a refusal.</param>
/// <param name="Signature">The device key's signature over <see cref="DeviceStatement.Answer"/>, base64url.</param>
public sealed record ApprovalAnswer(string DeviceId, string Decision, string? Number, string Signature);

/// <summary>What a person can say to a request.</summary>
public static class ApprovalDecisions
{
    /// <summary>It's me: the number was typed and the PIN was right.</summary>
    public const string Approve = "approve";

    /// <summary>It wasn't me.</summary>
    public const string Deny = "deny";
}
