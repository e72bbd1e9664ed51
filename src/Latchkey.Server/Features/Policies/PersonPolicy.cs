using Latchkey.RelyingParty;
using Latchkey.RelyingParty.Policy;
using Latchkey.RelyingParty.Registration;
using Latchkey.Server.Storage;

namespace Latchkey.Server.Features.Policies;

/// <summary>What the policy says to one person.</summary>
public sealed record PersonPolicy
{
    public required PasskeyPolicy Passkeys { get; init; }

    public required bool IsPasskeyRequired { get; init; }

    public required MethodAvailability Authenticator { get; init; }

    /// <summary>What the Authenticator may be used for, when it is available.</summary>
    public required AuthenticationMode? AuthenticationMode { get; init; }

    public required MethodAvailability Codes { get; init; }

    public required MethodAvailability Pass { get; init; }

    /// <summary>Why the person may not use a kind of method, as a problem code; null when they may.</summary>
    public string? Withheld(MethodKind kind) => kind switch
    {
        MethodKind.Passkey => CodeOf(Passkeys.Availability),
        MethodKind.Code => CodeOf(Codes),
        MethodKind.TemporaryAccessPass => CodeOf(Pass),
        MethodKind.Authenticator => CodeOf(Authenticator),
        _ => null, // a password and recovery codes are everybody's
    };

    /// <summary>Why the person may not use an Authenticator for something, as a problem code; null when they may.</summary>
    public string? Withheld(AuthenticatorUse use) => CodeOf(Authenticator) ?? (use, AuthenticationMode) switch
    {
        (AuthenticatorUse.Notification, Policies.AuthenticationMode.DeviceBasedPush) => "notifications_not_offered",
        (AuthenticatorUse.PhoneSignIn, Policies.AuthenticationMode.Push) => "phone_sign_in_not_offered",
        _ => null,
    };

    /// <summary>Why one of the person's passkeys signs in no longer; null when it does.</summary>
    public string? AtSignIn(Passkey passkey, User owner) => AtSignIn(passkey.ToRecord(owner));

    /// <inheritdoc cref="AtSignIn(Passkey, User)"/>
    public string? AtSignIn(CredentialRecord record) => Passkeys.AtSignIn(record)?.Code();

    private static string? CodeOf(MethodAvailability availability) => availability switch
    {
        MethodAvailability.Disabled => RegistrationError.MethodDisabled.Code(),
        MethodAvailability.NotIncluded => RegistrationError.MethodNotIncluded.Code(),
        MethodAvailability.Excluded => RegistrationError.MethodExcluded.Code(),
        _ => null,
    };
}
