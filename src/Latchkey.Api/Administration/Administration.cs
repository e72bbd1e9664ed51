namespace Latchkey.Api.Administration;

/// <summary>One place a person is signed in.</summary>
/// <param name="Id">Its ID.</param>
/// <param name="Program">The OAuth client; absent in a browser.</param>
/// <param name="Device">What it calls itself.</param>
/// <param name="Address">Where its last request came from.</param>
/// <param name="Since">Since when.</param>
/// <param name="LastSeen">When it was last used, to within a few minutes.</param>
public sealed record PersonSession(string Id, string? Program, string? Device, string? Address, DateTimeOffset Since, DateTimeOffset LastSeen);

/// <summary>Where a person is signed in.</summary>
/// <param name="Value">The one used last first.</param>
public sealed record PersonSessionCollection(IReadOnlyList<PersonSession> Value);

/// <summary>A person, as the administration sees them.</summary>
/// <param name="Id">The subject: what tokens carry as <c>sub</c>.</param>
/// <param name="Name">The name the person signs in with.</param>
/// <param name="DisplayName">The person's name.</param>
/// <param name="Email">The e-mail address, if one is known.</param>
/// <param name="IsAdmin">Whether the person is an administrator.</param>
/// <param name="CreatedAt">When the account was made.</param>
/// <param name="Methods">The kinds of sign-in method the person has, such as <c>password</c> or <c>passkey</c>, one for each.</param>
/// <param name="Groups">The groups the person is in.</param>
/// <param name="LockedUntil">Until when wrong attempts lock the name; absent when they do not.</param>
/// <param name="ApprovalsLockedUntil">Until when requests that were refused or ignored keep the Authenticator from being asked; absent when they do not.</param>
/// <param name="IsDisabled">Whether the account lets nobody in until it is enabled again.</param>
public sealed record Person(
    string Id, string Name, string DisplayName, string? Email, bool IsAdmin, DateTimeOffset CreatedAt, IReadOnlyList<string> Methods,
    IReadOnlyList<string> Groups, DateTimeOffset? LockedUntil, DateTimeOffset? ApprovalsLockedUntil = null, bool IsDisabled = false);

/// <summary>A change of an account: what is absent stays.</summary>
/// <param name="DisplayName">The person's name.</param>
/// <param name="Email">The e-mail address; empty takes it away.</param>
/// <param name="IsAdmin">Whether the person is an administrator.</param>
/// <param name="IsDisabled">Whether the account lets nobody in. Disabling ends every session of the person.</param>
public sealed record PersonChange(string? DisplayName = null, string? Email = null, bool? IsAdmin = null, bool? IsDisabled = null);

/// <summary>What a reset took away from a person, whose device is lost, and gave them.</summary>
/// <param name="Removed">The kinds of the methods that were deleted, such as <c>passkey</c>, one for each.</param>
/// <param name="Pass">The pass to begin again with; absent when none was wanted.</param>
public sealed record PersonReset(IReadOnlyList<string> Removed, CreatedTemporaryAccessPass? Pass = null);

/// <summary>One row of the audit log.</summary>
/// <param name="Id">Its number; later rows have higher ones.</param>
/// <param name="At">When.</param>
/// <param name="Person">Whose account, by name; by ID when the account is gone; absent when it is about nobody.</param>
/// <param name="Actor">Who did it: a person's name, <c>local</c> for the command line, <c>nobody</c> for whoever had proved nothing.</param>
/// <param name="Action">What, such as <c>sign_in</c> or <c>method.added</c>.</param>
/// <param name="Method">The kind of sign-in method, if it is about one.</param>
/// <param name="MethodId">Which one.</param>
/// <param name="Outcome"><c>success</c>, or the code of what was in the way.</param>
/// <param name="Address">Where the request came from.</param>
public sealed record AuditRow(
    long Id, DateTimeOffset At, string? Person, string Actor, string Action, string? Method, string? MethodId, string Outcome, string? Address);

/// <summary>Rows of the audit log.</summary>
/// <param name="Value">The newest first.</param>
/// <param name="NextBefore">The number to ask on before; absent on the last page.</param>
public sealed record AuditPage(IReadOnlyList<AuditRow> Value, long? NextBefore);

/// <summary>People, in the order of their names.</summary>
/// <param name="Value">One page.</param>
/// <param name="NextAfter">The name to ask on after; absent on the last page.</param>
public sealed record PersonPage(IReadOnlyList<Person> Value, string? NextAfter);

/// <summary>An account to make.</summary>
/// <param name="Name">The name to sign in with.</param>
/// <param name="DisplayName">The person's name; the sign-in name when absent.</param>
/// <param name="Email">The e-mail address.</param>
/// <param name="Password">A password; none when absent.</param>
/// <param name="IsAdmin">Whether the person is an administrator.</param>
public sealed record NewPerson(string Name, string? DisplayName = null, string? Email = null, string? Password = null, bool IsAdmin = false);

/// <summary>A password to set.</summary>
/// <param name="Password">At least ten characters.</param>
public sealed record NewPassword(string Password);

/// <summary>A Temporary Access Pass to make.</summary>
/// <param name="LifetimeInMinutes">Within what the policy allows; its default when absent.</param>
/// <param name="IsUsableOnce">Whether the first use ends it; as the policy says when absent.</param>
/// <param name="StartDateTime">When it starts to be valid; at once when absent.</param>
public sealed record NewTemporaryAccessPass(int? LifetimeInMinutes = null, bool? IsUsableOnce = null, DateTimeOffset? StartDateTime = null);

/// <summary>A Temporary Access Pass just made.</summary>
/// <param name="TemporaryAccessPass">The pass: it is not shown again.</param>
/// <param name="StartDateTime">From when it is valid.</param>
/// <param name="LifetimeInMinutes">For how long.</param>
/// <param name="IsUsableOnce">Whether the first use ends it.</param>
public sealed record CreatedTemporaryAccessPass(string TemporaryAccessPass, DateTimeOffset StartDateTime, int LifetimeInMinutes, bool IsUsableOnce);

/// <summary>A person's passkey, as the administration sees it.</summary>
/// <param name="Id">Its ID.</param>
/// <param name="DisplayName">The name its owner gave it.</param>
/// <param name="Model">The model of its authenticator, where it is known.</param>
/// <param name="CreatedAt">When it was registered.</param>
/// <param name="LastUsedAt">When it last signed in.</param>
/// <param name="Attestation"><c>attested</c>: its make is vouched for; <c>revoked</c>: it was, and no longer is; <c>notAttested</c>: it says so itself, and nobody vouches for it.</param>
public sealed record PersonPasskey(string Id, string DisplayName, string? Model, DateTimeOffset CreatedAt, DateTimeOffset? LastUsedAt, string Attestation = "notAttested");

/// <summary>All passkeys of a person.</summary>
/// <param name="Value">The passkeys, oldest first.</param>
public sealed record PersonPasskeyCollection(IReadOnlyList<PersonPasskey> Value);

/// <summary>The organisation's own settings.</summary>
/// <param name="DisplayName">Its name, 1 to 100 characters, as people read it; absent in a change that leaves it.</param>
/// <param name="AllowsCodeAsFirstFactor">Whether a person without any second factor may register an authenticator code straight after the password; absent in a change that leaves it.</param>
/// <param name="TunnelDomain">
/// The tunnel domain the organisation's Authenticators meet browsers at, 256 to 65535 (CTAP 2.2 §11.5); 0 and 1 are the phone vendors'. Absent
/// when there is none, and in a change that leaves it; <see cref="AdministrationClient.RemoveTunnelDomainAsync"/> takes it away.
/// </param>
/// <param name="AllowsVendorTunnel">In a change alone: that 0 or 1 is meant. Without it they are refused with <c>tunnel_domain_vendor</c>.</param>
public sealed record OrganisationSettings(
    string? DisplayName = null, bool? AllowsCodeAsFirstFactor = null, int? TunnelDomain = null, bool? AllowsVendorTunnel = null);

/// <summary>A group of people.</summary>
/// <param name="Id">Its ID.</param>
/// <param name="Name">Its name.</param>
/// <param name="Members">How many people are in it.</param>
public sealed record PeopleGroup(string Id, string Name, int Members);

/// <summary>All groups, in the order of their names.</summary>
/// <param name="Value">The groups.</param>
public sealed record PeopleGroupCollection(IReadOnlyList<PeopleGroup> Value);

/// <summary>A group to make.</summary>
/// <param name="Name">Its name, 1 to 256 characters.</param>
public sealed record NewPeopleGroup(string Name);
