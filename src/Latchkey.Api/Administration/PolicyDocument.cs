using System.Text.Json;

namespace Latchkey.Api.Administration;

/// <summary>The authentication methods policy.</summary>
/// <param name="Version">Which one it is: it grows with every change, and a change can be sent for the one that was seen.</param>
/// <param name="LastModifiedDateTime">When it was changed; absent while it is the one a server begins with.</param>
/// <param name="AuthenticationMethodConfigurations">The methods, each by its ID.</param>
public sealed record PolicyDocument(int Version, DateTimeOffset? LastModifiedDateTime, JsonElement AuthenticationMethodConfigurations);

/// <summary>What a change of the policy brings, or would bring.</summary>
/// <param name="Policy">The policy after it.</param>
/// <param name="Refused">The passkeys that people can sign in with now, and can't after it.</param>
/// <param name="Warnings">What an administrator should know.</param>
public sealed record PolicyChange(PolicyDocument Policy, IReadOnlyList<RefusedPasskey> Refused, IReadOnlyList<string> Warnings);

/// <summary>A passkey that stops working.</summary>
/// <param name="Person">The name its owner signs in with.</param>
/// <param name="DisplayName">The owner's name.</param>
/// <param name="Passkey">What the passkey is called.</param>
/// <param name="Aaguid">Its model.</param>
/// <param name="Code">The rule it does not meet, as a problem code.</param>
/// <param name="Text">The same for a person.</param>
/// <param name="IsLast">Whether the owner has no other passkey that works.</param>
public sealed record RefusedPasskey(string Person, string DisplayName, string Passkey, string Aaguid, string Code, string Text, bool IsLast);
