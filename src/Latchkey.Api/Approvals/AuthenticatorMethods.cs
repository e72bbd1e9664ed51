namespace Latchkey.Api.Approvals;

/// <summary>An Authenticator that may answer for the person, as a sign-in method.</summary>
/// <param name="Id">Its ID on the server.</param>
/// <param name="DisplayName">What its owner calls it.</param>
/// <param name="CreatedDateTime">When it was registered.</param>
/// <param name="LastUsedDateTime">When it last approved a sign-in.</param>
/// <param name="IsNotificationAllowed">Whether it is asked after the password.</param>
/// <param name="IsPhoneSignInAllowed">Whether it signs in without a password.</param>
/// <param name="NotificationWithheld">Why policy keeps the first from the person, whatever is set here; absent when it does not.</param>
/// <param name="PhoneSignInWithheld">The same of the second.</param>
public sealed record AuthenticatorAuthenticationMethod(
    string Id,
    string DisplayName,
    DateTimeOffset CreatedDateTime,
    DateTimeOffset? LastUsedDateTime,
    bool IsNotificationAllowed,
    bool IsPhoneSignInAllowed,
    WithheldUse? NotificationWithheld,
    WithheldUse? PhoneSignInWithheld);

/// <summary>Why something is kept from a person.</summary>
/// <param name="Code">The problem code.</param>
/// <param name="Message">A sentence for the person.</param>
public sealed record WithheldUse(string Code, string Message);

/// <summary>All Authenticators of a person.</summary>
/// <param name="Value">The Authenticators, oldest first.</param>
public sealed record AuthenticatorAuthenticationMethodCollection(IReadOnlyList<AuthenticatorAuthenticationMethod> Value);

/// <summary>What the device signs to be registered.</summary>
/// <param name="Challenge">Goes back as it is; good for this person and this sign-in.</param>
/// <param name="ExpirationDateTime">Until when.</param>
public sealed record AuthenticatorMethodChallenge(string Challenge, DateTimeOffset ExpirationDateTime);

/// <summary>An Authenticator to register.</summary>
/// <param name="PublicKey">The device key's public half: a COSE_Key for ES256, base64url.</param>
/// <param name="Challenge">The challenge the server gave.</param>
/// <param name="Signature">The device key's signature over <see cref="DeviceStatement.Registration"/>, base64url.</param>
/// <param name="DisplayName">A name, up to 64 characters; the server makes one when absent.</param>
public sealed record AuthenticatorMethodRegistration(string PublicKey, string Challenge, string Signature, string? DisplayName = null);

/// <summary>A change of what an Authenticator may be used for; what is absent stays.</summary>
/// <param name="IsNotificationAllowed">Whether it is asked after the password.</param>
/// <param name="IsPhoneSignInAllowed">Whether it signs in without a password.</param>
public sealed record AuthenticatorMethodUpdate(bool? IsNotificationAllowed = null, bool? IsPhoneSignInAllowed = null);
