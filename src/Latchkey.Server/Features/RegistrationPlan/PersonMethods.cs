using Latchkey.Api.Plan;

namespace Latchkey.Server.Features.RegistrationPlan;

/// <summary>What a person has, as far as a plan asks.</summary>
internal sealed record PersonMethods
{
    public static PersonMethods None { get; } = new();

    public IReadOnlyList<RegisteredMethod> Passkeys { get; init; } = [];

    /// <summary>Whether one of the passkeys signs in.</summary>
    public bool HasAcceptedPasskey { get; init; }

    public IReadOnlyList<RegisteredMethod> PhoneSignIn { get; init; } = [];

    public IReadOnlyList<RegisteredMethod> Notifications { get; init; } = [];

    public IReadOnlyList<RegisteredMethod> Codes { get; init; } = [];

    /// <summary>Why no further passkey can be added, whatever policy says: there are too many.</summary>
    public string? NoMorePasskeys { get; init; }

    /// <summary>The same of devices that answer sign-ins.</summary>
    public string? NoMoreDevices { get; init; }

    /// <summary>The same of codes.</summary>
    public string? NoMoreCodes { get; init; }
}
