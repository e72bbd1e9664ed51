using Latchkey.Api.Plan;
using Latchkey.Protocol;
using Latchkey.Protocol.WebAuthn;
using Latchkey.RelyingParty;
using Latchkey.Server.Features.Policies;
using Latchkey.Server.Features.Problems;
using Latchkey.Server.Storage;
using Microsoft.EntityFrameworkCore;

namespace Latchkey.Server.Features.RegistrationPlan;

/// <summary>What policy says to a person, and what they have, as one plan.</summary>
internal sealed class Planner(LatchkeyDb db, PolicyStore policies, PasskeyStore passkeys, AuthenticatorStore authenticators, RegistrationDesk desk)
{
    /// <param name="user">The person.</param>
    /// <param name="model">The model that would keep the passkey; <see cref="Aaguid.None"/> when the authenticator does not say.</param>
    /// <param name="cancellation">Gives up.</param>
    public async Task<Api.Plan.RegistrationPlan> ForAsync(User user, Aaguid model, CancellationToken cancellation)
    {
        var policy = await policies.ForAsync(user.Id, cancellation);
        var held = await passkeys.ListAsync(user.Id, cancellation);
        var codes = await db.CodeMethods.AsNoTracking().Where(c => c.UserId == user.Id).OrderBy(c => c.CreatedAt).ToListAsync(cancellation);
        var devices = await authenticators.ListAsync(user.Id, cancellation);
        return For(policy, await WhyNoPasskeyAsync(policy, user, model, cancellation), new PersonMethods
        {
            Passkeys = [.. held.Select(passkey => new RegisteredMethod(new ByteString(passkey.CredentialId).ToBase64Url(), passkey.DisplayName, passkey.CreatedAt))],
            HasAcceptedPasskey = held.Any(passkey => policy.AtSignIn(passkey, user) is null),
            NoMorePasskeys = held.Count >= Passkey.MaxPerUser ? RegistrationDesk.LimitReached : null,
            PhoneSignIn = UsedFor(AuthenticatorUse.PhoneSignIn),
            Notifications = UsedFor(AuthenticatorUse.Notification),
            NoMoreDevices = devices.Count >= AuthenticatorMethod.MaxPerUser ? AuthenticatorStore.LimitReached : null,
            Codes = [.. codes.Select(code => new RegisteredMethod(code.Id.ToString(), code.DisplayName, code.CreatedAt))],
            NoMoreCodes = codes.Count >= SecondFactorStore.MaxCodeMethods ? CodeDesk.LimitReached : null,
        });

        IReadOnlyList<RegisteredMethod> UsedFor(AuthenticatorUse use) =>
            [.. devices.Where(device => device.IsAllowed(use)).Select(device => new RegisteredMethod(device.Id.ToString(), device.DisplayName, device.CreatedAt))];
    }

    /// <summary>The plan itself. One that would be refused is never offered.</summary>
    /// <param name="policy">What policy says to the person.</param>
    /// <param name="whyNoPasskey">Why a passkey of the authenticator at hand would be refused; null when it would not.</param>
    /// <param name="has">What they have.</param>
    public static Api.Plan.RegistrationPlan For(PersonPolicy policy, string? whyNoPasskey, PersonMethods has) => new(
    [
        Method(PlannedMethods.Passkey, has.Passkeys, has.HasAcceptedPasskey, whyNoPasskey ?? has.NoMorePasskeys, policy.IsPasskeyRequired),
        Method(PlannedMethods.PhoneSignIn, has.PhoneSignIn, has.PhoneSignIn is not [] && policy.Withheld(AuthenticatorUse.PhoneSignIn) is null, policy.Withheld(AuthenticatorUse.PhoneSignIn) ?? has.NoMoreDevices),
        Method(PlannedMethods.Notifications, has.Notifications, has.Notifications is not [] && policy.Withheld(AuthenticatorUse.Notification) is null, policy.Withheld(AuthenticatorUse.Notification) ?? has.NoMoreDevices),
        Method(PlannedMethods.Codes, has.Codes, has.Codes is not [] && policy.Withheld(MethodKind.Code) is null, policy.Withheld(MethodKind.Code) ?? has.NoMoreCodes),
    ]);

    private static PlannedMethod Method(string method, IReadOnlyList<RegisteredMethod> has, bool counts, string? problem, bool required = false) => new(
        method,
        counts ? PlannedState.Registered : problem is not null ? PlannedState.Withheld : required ? PlannedState.Required : PlannedState.Offered,
        has,
        problem is null ? null : new(problem, ProblemTable.Of(problem).Text, ProblemTable.Of(problem).NextStep));

    /// <summary>Asked as the registration itself will ask: at its beginning, and of what it will bring, which is a passkey on one device.</summary>
    private async Task<string?> WhyNoPasskeyAsync(PersonPolicy policy, User user, Aaguid model, CancellationToken cancellation) =>
        await desk.WhyNotAsync(user, cancellation)
        ?? policy.Passkeys.AtCompletion(new Passkey { Aaguid = model.Value, AttestationTrusted = policy.Passkeys.AsksForAttestation, CredentialId = [1], PublicKey = [1] }.ToRecord(user))?.Code();
}
