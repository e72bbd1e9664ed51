using CsCheck;
using Latchkey.Api.Plan;
using Latchkey.RelyingParty;
using Latchkey.RelyingParty.Attestation;
using Latchkey.Server.Features.Policies;
using Latchkey.Server.Features.RegistrationPlan;

namespace Latchkey.Server.Tests.Plan;

/// <summary>What a plan says, for any policy and whatever a person has.</summary>
public sealed class PlanPropertyTests
{
    private static readonly Guid[] Groups = [.. Enumerable.Range(1, 4).Select(n => new Guid(n, 0, 0, new byte[8]))];
    private static readonly RegisteredMethod One = new("1", "One", DateTimeOffset.UnixEpoch);

    private static readonly Gen<Guid?> GroupOrAll = Gen.Int[0, Groups.Length].Select(n => n == Groups.Length ? (Guid?)null : Groups[n]);
    private static readonly Gen<IReadOnlySet<Guid>> Memberships = Gen.Int[0, 15].Select(bits => (IReadOnlySet<Guid>)Groups.Where((_, n) => (bits >> n & 1) == 1).ToHashSet());
    private static readonly Gen<List<GroupTarget>> Targets = GroupOrAll.Select(group => new GroupTarget(group)).List[0, 2];

    private static readonly Gen<AuthenticationMethodsPolicy> Policy = Gen.Select(
        Gen.Select(Gen.Bool, Gen.Bool, Gen.Bool),
        Gen.Select(GroupOrAll, Gen.Bool).Select((group, required) => new PasskeyTarget(group, required, [])).List[0, 3],
        Gen.Select(GroupOrAll, Gen.Int[0, 2]).Select((group, mode) => new AuthenticatorTarget(group, (AuthenticationMode)mode)).List[0, 3],
        Targets, Targets, Targets, Targets,
        (on, passkeys, authenticator, codes, noPasskeys, noAuthenticator, noCodes) => new AuthenticationMethodsPolicy
        {
            Fido2 = new PasskeyConfiguration { IsEnabled = on.Item1, IncludeTargets = passkeys, ExcludeTargets = noPasskeys },
            Authenticator = new() { IsEnabled = on.Item2, IncludeTargets = authenticator, ExcludeTargets = noAuthenticator },
            SoftwareOath = new() { IsEnabled = on.Item3, IncludeTargets = codes, ExcludeTargets = noCodes },
        });

    private static readonly Gen<PersonMethods> Has = Gen.Select(Gen.Int[0, 15], Gen.Bool, Gen.Bool, (bits, accepted, full) => new PersonMethods
    {
        Passkeys = (bits & 1) == 1 ? [One] : [],
        HasAcceptedPasskey = (bits & 1) == 1 && accepted,
        PhoneSignIn = (bits & 2) == 2 ? [One] : [],
        Notifications = (bits & 4) == 4 ? [One] : [],
        Codes = (bits & 8) == 8 ? [One] : [],
        NoMorePasskeys = full ? "passkey_limit_reached" : null,
        NoMoreCodes = full ? "code_limit_reached" : null,
    });

    [Fact]
    public void What_is_withheld_is_never_offered_and_says_why_and_what_to_do() => Gen.Select(Policy, Memberships, Has).Sample((policy, member, has) =>
    {
        foreach (var method in PlanOf(policy, member, has).Methods)
        {
            Assert.True(method.State is not (PlannedState.Offered or PlannedState.Required) || method.Problem is null, $"{method}");
            Assert.True(method.State is not PlannedState.Withheld || method.Problem is { Code.Length: > 0, Message.Length: > 0, NextStep.Length: > 0 }, $"{method}");
        }
    });

    [Fact]
    public void The_order_of_groups_and_targets_says_nothing() => Gen.Select(Policy, Memberships, Has).Sample((policy, member, has) =>
    {
        var turned = policy with
        {
            Fido2 = policy.Fido2 with { IncludeTargets = [.. policy.Fido2.IncludeTargets.Reverse()], ExcludeTargets = [.. policy.Fido2.ExcludeTargets.Reverse()] },
            Authenticator = policy.Authenticator with { IncludeTargets = [.. policy.Authenticator.IncludeTargets.Reverse()], ExcludeTargets = [.. policy.Authenticator.ExcludeTargets.Reverse()] },
            SoftwareOath = policy.SoftwareOath with { IncludeTargets = [.. policy.SoftwareOath.IncludeTargets.Reverse()], ExcludeTargets = [.. policy.SoftwareOath.ExcludeTargets.Reverse()] },
        };

        Assert.Equal(Said(PlanOf(policy, member, has)), Said(PlanOf(turned, member.Reverse().ToHashSet(), has)));
    });

    [Fact]
    public void Who_is_excluded_is_offered_nothing_whatever_else_is_said() => Gen.Select(Policy, Memberships, Has, Gen.Int[0, 3]).Sample((policy, member, has, n) =>
    {
        var kept = new GroupTarget(Groups[n]);
        var excluding = policy with
        {
            Fido2 = policy.Fido2 with { IsEnabled = true, ExcludeTargets = [.. policy.Fido2.ExcludeTargets, kept] },
            Authenticator = policy.Authenticator with { IsEnabled = true, ExcludeTargets = [.. policy.Authenticator.ExcludeTargets, kept] },
            SoftwareOath = policy.SoftwareOath with { IsEnabled = true, ExcludeTargets = [.. policy.SoftwareOath.ExcludeTargets, kept] },
        };

        Assert.All(PlanOf(excluding, member.Append(Groups[n]).ToHashSet(), has with { HasAcceptedPasskey = false }).Methods, method =>
            Assert.Equal((PlannedState.Withheld, "method_excluded"), (method.State, method.Problem!.Code)));
    });

    [Fact]
    public void Required_is_only_what_can_be_had_and_is_not_there_yet() => Gen.Select(Policy, Memberships, Has).Sample((policy, member, has) =>
    {
        var passkey = PlanOf(policy, member, has).For(PlannedMethods.Passkey)!;
        Assert.Equal(policy.For(member).IsPasskeyRequired && !has.HasAcceptedPasskey && passkey.Problem is null, passkey.State is PlannedState.Required);
    });

    [Fact]
    public void Each_method_stands_in_it_once_in_the_order_of_setting_up() => Gen.Select(Policy, Memberships, Has).Sample((policy, member, has) =>
        Assert.Equal(
            [PlannedMethods.Passkey, PlannedMethods.PhoneSignIn, PlannedMethods.Notifications, PlannedMethods.Codes],
            PlanOf(policy, member, has).Methods.Select(method => method.Method)));

    private static RegistrationPlan PlanOf(AuthenticationMethodsPolicy policy, IReadOnlySet<Guid> member, PersonMethods has)
    {
        var person = policy.For(member);
        return Planner.For(person, person.Passkeys.AtBegin(TrustAnchors.None) is { } error ? error.Code() : null, has);
    }

    private static string Said(RegistrationPlan plan) => string.Join(' ', plan.Methods.Select(method => $"{method.Method} {method.State} {method.Problem?.Code}"));
}
