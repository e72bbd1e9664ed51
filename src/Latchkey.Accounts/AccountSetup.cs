using Latchkey.Api;
using Latchkey.Api.Fido2Methods;
using Latchkey.Api.Plan;
using Latchkey.Authenticator;
using Latchkey.Authenticator.Vault;
using Latchkey.Protocol.Ctap;
using Latchkey.Protocol.WebAuthn;

namespace Latchkey.Accounts;

/// <summary>Where a method stands while an account is set up on this device.</summary>
public enum SetupState
{
    /// <summary>It can be set up, and has not been.</summary>
    Waiting,

    /// <summary>It is set up on this device.</summary>
    Here,

    /// <summary>It is made here, and the server has not acknowledged it: it is asked again.</summary>
    Owed,

    /// <summary>The person did not want it.</summary>
    Skipped,

    /// <summary>One that is here waits to be deleted on the server; until then, or until the person keeps it, there is no place for another.</summary>
    BeingDeleted,

    /// <summary>Policy keeps it from the person, or the server takes no more.</summary>
    Withheld,
}

/// <summary>One method of the plan, as it stands on this device.</summary>
/// <param name="Planned">What the server says of it.</param>
/// <param name="State">Where it stands here.</param>
public sealed record SetupItem(PlannedMethod Planned, SetupState State)
{
    /// <summary>One of <see cref="PlannedMethods"/>.</summary>
    public string Method => Planned.Method;

    /// <summary>Whether sign-in insists on it.</summary>
    public bool IsRequired => Planned.State == PlannedState.Required;
}

/// <summary>How a step ended; one of the types below.</summary>
public abstract record SetupOutcome
{
    private SetupOutcome()
    {
    }

    /// <summary>It is set up.</summary>
    /// <param name="Passkey">The new passkey, as the server shows it, when it was one.</param>
    /// <param name="Replaced">The passkey it replaced, if it did.</param>
    public sealed record Done(Fido2AuthenticationMethod? Passkey = null, PublicKeyCredentialSource? Replaced = null) : SetupOutcome;

    /// <summary>This device has a passkey for the account already.</summary>
    /// <param name="Existing">Which one.</param>
    public sealed record Already(PublicKeyCredentialSource Existing) : SetupOutcome;

    /// <summary>The server could not be reached. What was made is kept, and sent again.</summary>
    /// <param name="Problem">What kept it.</param>
    public sealed record Unreachable(ApiException Problem) : SetupOutcome;

    /// <summary>The server wants a fresh second factor first.</summary>
    public sealed record SignInFirst : SetupOutcome;

    /// <summary>The server refused; nothing is left here.</summary>
    /// <param name="Problem">Its words.</param>
    public sealed record Refused(ApiException Problem) : SetupOutcome;

    /// <summary>The person said no, or nothing.</summary>
    /// <param name="Status">What the authenticator said.</param>
    public sealed record Declined(CtapStatus? Status) : SetupOutcome;
}

/// <summary>
/// Sets up on this device what policy offers the person, method by method, by the server's plan. What the person did not want, and that it has
/// not ended, stands in the vault; what is done is known by what is there. So it goes on after a restart where it was.
/// </summary>
/// <param name="vault">Where it is kept.</param>
/// <param name="accounts">The accounts.</param>
/// <param name="passkeys">Makes passkeys.</param>
/// <param name="devices">Registers this device, which then may approve sign-ins.</param>
/// <param name="codes">Registers codes.</param>
/// <param name="time">The clock.</param>
public sealed class AccountSetup(FileCredentialStore vault, AccountBook accounts, PasskeyRegistration passkeys, DeviceRegistration devices, CodeRegistration codes, TimeProvider time)
{
    /// <summary>The methods this version can set up.</summary>
    public static IReadOnlyList<string> Known { get; } = [PlannedMethods.Passkey, PlannedMethods.PhoneSignIn, PlannedMethods.Notifications, PlannedMethods.Codes];

    /// <summary>The account whose setting up was begun last and has not ended; null when there is none.</summary>
    public VaultAccount? Unfinished => vault.Contents.Setups.Select(setup => accounts.Find(setup.AccountId)).LastOrDefault(account => account is not null);

    /// <summary>Whether an account's setting up was begun and has not ended.</summary>
    public bool IsUnfinished(VaultAccount account) => SetupOf(account) is not null;

    /// <summary>Begins: from here on it goes on after a restart.</summary>
    public Task BeginAsync(VaultAccount account, string? handoff, CancellationToken cancellationToken) =>
        vault.UpdateAsync(contents => contents.SetUp(account.Id, new(account.Id, time.GetUtcNow()) { Handoff = handoff }), cancellationToken);

    /// <summary>What there is to set up, and where each stands here.</summary>
    /// <exception cref="ApiException">The server refused, or did not answer.</exception>
    public async Task<IReadOnlyList<SetupItem>> PlanAsync(VaultAccount account, CancellationToken cancellationToken)
    {
        using var http = await accounts.ConnectAsync(account, cancellationToken);
        var plan = await new RegistrationPlanClient(http).GetAsync(accounts.Model, cancellationToken);
        return [.. plan.Methods.Where(method => Known.Contains(method.Method)).Select(method => new SetupItem(method, StateOf(account, method)))];
    }

    /// <summary>
    /// The passkeys the server knows and this vault has no key of, made by an Authenticator of this model: another device's, or of a vault that
    /// was lost. Nobody but the person knows which. (A security key's, or another maker's app's, could never have been here.)
    /// </summary>
    /// <exception cref="ApiException">The server refused, or did not answer.</exception>
    public async Task<IReadOnlyList<Fido2AuthenticationMethod>> ElsewhereAsync(VaultAccount account, PlannedMethod passkey, CancellationToken cancellationToken)
    {
        if (passkey.Registered.All(registered => IsKnownHere(registered.Id))) return [];
        using var http = await accounts.ConnectAsync(account, cancellationToken);
        var listed = await new Fido2MethodsClient(http).ListAsync(cancellationToken);
        return [.. listed.Where(method => !IsKnownHere(method.Id) && Guid.TryParse(method.AaGuid, out var model) && model == accounts.Model.Value)];
    }

    /// <summary>The same items, as they stand by now.</summary>
    public IReadOnlyList<SetupItem> Again(VaultAccount account, IReadOnlyList<SetupItem> items) =>
        [.. items.Select(item => item with { State = StateOf(account, item.Planned) })];

    /// <summary>Sets one method up.</summary>
    /// <param name="account">For which account.</param>
    /// <param name="method">One of <see cref="Known"/>.</param>
    /// <param name="replace">Whether the person agreed that the passkey that is here is replaced.</param>
    /// <param name="elsewhere">The passkey of <see cref="ElsewhereAsync"/> that the new one replaces; null leaves them all.</param>
    /// <param name="cancellationToken">Gives up; what the server may have heard of goes on later.</param>
    public async Task<SetupOutcome> DoAsync(VaultAccount account, string method, bool replace, CredentialId? elsewhere, CancellationToken cancellationToken)
    {
        if (method == PlannedMethods.Passkey)
        {
            return await passkeys.RegisterAsync(account, replace, elsewhere, SetupOf(account)?.Handoff, cancellationToken) switch
            {
                RegistrationOutcome.Registered registered => new SetupOutcome.Done(registered.Method, registered.Replaced),
                RegistrationOutcome.AlreadyRegistered already => new SetupOutcome.Already(already.Existing),
                RegistrationOutcome.Outstanding outstanding => new SetupOutcome.Unreachable(outstanding.Problem),
                RegistrationOutcome.Refused refused => Of(refused.Problem),
                RegistrationOutcome.Declined declined => new SetupOutcome.Declined(declined.Status),
                _ => throw new InvalidOperationException("The union is closed."),
            };
        }

        try
        {
            await (method == PlannedMethods.Codes ? codes.RegisterAsync(account, cancellationToken) : AllowAsync(account, method, cancellationToken));
            return new SetupOutcome.Done();
        }
        catch (ApiException e)
        {
            return Of(e);
        }
    }

    /// <summary>The person does not want a method now.</summary>
    public Task SkipAsync(VaultAccount account, string method, CancellationToken cancellationToken) => vault.UpdateAsync(
        contents => contents.Setups.Find(setup => setup.AccountId == account.Id) is { } setup && !setup.Skipped.Contains(method)
            ? contents.SetUp(account.Id, setup with { Skipped = setup.Skipped.Add(method) })
            : contents,
        cancellationToken);

    /// <summary>The person wants a method after all.</summary>
    public Task UnskipAsync(VaultAccount account, string method, CancellationToken cancellationToken) => vault.UpdateAsync(
        contents => contents.Setups.Find(setup => setup.AccountId == account.Id) is { } setup && setup.Skipped.Contains(method)
            ? contents.SetUp(account.Id, setup with { Skipped = setup.Skipped.Remove(method) })
            : contents,
        cancellationToken);

    /// <summary>It has ended, whatever is set up by now.</summary>
    public Task EndAsync(VaultAccount account, CancellationToken cancellationToken) =>
        vault.UpdateAsync(contents => contents.Setups.Exists(setup => setup.AccountId == account.Id) ? contents.SetUp(account.Id, null) : contents, cancellationToken);

    /// <summary>The passkey this device offers for an account; null when there is none.</summary>
    public PublicKeyCredentialSource? PasskeyOf(VaultAccount account) => vault.Credentials.FirstOrDefault(credential => credential.IsOffered && credential.AccountId == account.Id);

    /// <summary>One registration of the device serves both uses; a use that policy did not let then is allowed now.</summary>
    private async Task AllowAsync(VaultAccount account, string method, CancellationToken cancellationToken)
    {
        var registered = await devices.RegisterAsync(account, cancellationToken);
        if (method == PlannedMethods.PhoneSignIn && !registered.IsPhoneSignInAllowed) await devices.ChangeAsync(account, new(IsPhoneSignInAllowed: true), cancellationToken);
        if (method == PlannedMethods.Notifications && !registered.IsNotificationAllowed) await devices.ChangeAsync(account, new(IsNotificationAllowed: true), cancellationToken);
    }

    /// <summary>Whether a passkey's key is here, or its record is about to go.</summary>
    private bool IsKnownHere(string id) =>
        vault.Credentials.Any(credential => credential.Id.ToString() == id) || vault.Contents.Work.Exists(work => work is OutstandingDeletion && work.CredentialId.ToString() == id);

    private SetupState StateOf(VaultAccount account, PlannedMethod planned)
    {
        if (planned.Method == PlannedMethods.Passkey && PasskeyOf(account) is null
            && vault.Credentials.Any(credential => credential.State == CredentialState.Deleting && credential.AccountId == account.Id))
        {
            return SetupState.BeingDeleted;
        }

        var (isHere, isOwed) = planned.Method switch
        {
            PlannedMethods.Passkey => (PasskeyOf(account) is not null, vault.Contents.Work.Exists(work => work is OutstandingRegistration && work.AccountId == account.Id)),
            PlannedMethods.Codes => (codes.Find(account) is not null, vault.Contents.PendingCodes.Exists(pending => pending.AccountId == account.Id)),
            _ => (planned.State != PlannedState.Withheld && accounts.Find(account.Id)?.Device?.Id is { } id && planned.Registered.Any(registered => registered.Id == id), false),
        };
        return isOwed ? SetupState.Owed
            : isHere ? SetupState.Here
            : !planned.CanBeAdded ? SetupState.Withheld
            : SetupOf(account)?.Skipped.Contains(planned.Method) is true ? SetupState.Skipped
            : SetupState.Waiting;
    }

    private VaultSetup? SetupOf(VaultAccount account) => vault.Contents.Setups.Find(setup => setup.AccountId == account.Id);

    private static SetupOutcome Of(ApiException problem) => problem switch
    {
        { Code: "step_up_required" or "mfa_required" or AccountBook.SignInRequired } => new SetupOutcome.SignInFirst(),
        { IsTransient: true } => new SetupOutcome.Unreachable(problem),
        _ => new SetupOutcome.Refused(problem),
    };
}
