using System.Collections.Immutable;
using CsCheck;
using Latchkey.Protocol.WebAuthn;
using Latchkey.RelyingParty;
using Latchkey.RelyingParty.Attestation;
using Latchkey.RelyingParty.Policy;
using Latchkey.Server.Features.Policies;
using Latchkey.Server.Storage;

namespace Latchkey.Server.Tests.Policies;

/// <summary>What a policy says to a person, for any policy and any person.</summary>
public sealed class EvaluationTests
{
    private static readonly Guid[] Groups = [.. Enumerable.Range(1, 4).Select(n => new Guid(n, 0, 0, new byte[8]))];
    private static readonly Guid[] Profiles = [PasskeyConfiguration.DefaultProfile, new("00000000-0000-0000-0000-000000000002"), new("00000000-0000-0000-0000-000000000003")];
    private static readonly Aaguid[] Models = [new(new Guid("10000000-0000-0000-0000-000000000000")), new(new Guid("20000000-0000-0000-0000-000000000000"))];

    private static readonly Gen<Guid?> GroupOrAll = Gen.Int[0, Groups.Length].Select(n => n == Groups.Length ? (Guid?)null : Groups[n]);
    private static readonly Gen<IReadOnlySet<Guid>> Memberships = Gen.Int[0, 15].Select(bits => (IReadOnlySet<Guid>)Groups.Where((_, n) => (bits >> n & 1) == 1).ToHashSet());

    private static readonly Gen<PasskeyTarget> Target =
        Gen.Select(GroupOrAll, Gen.Bool, Gen.Int[0, 7], (group, required, bits) => new PasskeyTarget(group, required, [.. Profiles.Where((_, n) => (bits >> n & 1) == 1)]));

    private static readonly Gen<PasskeyProfile> Rules = Gen.Select(Gen.Int[1, 3], Gen.Int[0, 2], Gen.Int[0, 2], Gen.Int[0, 3], (types, attestation, kind, models) => new PasskeyProfile
    {
        DeviceBoundAllowed = (types & 1) == 1,
        SyncedAllowed = (types & 2) == 2,
        Attestation = (AttestationEnforcement)attestation,
        KeyRestriction = (KeyRestriction)kind,
        Aaguids = Models.Where((_, n) => (models >> n & 1) == 1).ToHashSet(),
    });

    private static readonly Gen<AuthenticationMethodsPolicy> Policy = Gen.Select(
        Gen.Bool, Gen.Bool, Target.List[0, 4], Gen.Int[0, 3].List[0, 2], Rules.Array[3], GroupOrAll.List[0, 2],
        (enabled, selfService, include, exclude, rules, codes) => new AuthenticationMethodsPolicy
        {
            Fido2 = new PasskeyConfiguration
            {
                IsEnabled = enabled,
                IsSelfServiceRegistrationAllowed = selfService,
                IncludeTargets = include,
                ExcludeTargets = [.. exclude.Select(n => new GroupTarget(Groups[n]))],
                PasskeyProfiles = Profiles.Zip(rules).ToImmutableSortedDictionary(p => p.First, p => new NamedPasskeyProfile(p.First.ToString()[^1..], p.Second)),
            },
            SoftwareOath = new() { IncludeTargets = [.. codes.Select(group => new GroupTarget(group))] },
        });

    private static readonly CredentialRecord[] Passkeys =
    [
        .. from model in Models
           from synced in new[] { false, true }
           from attested in new[] { false, true }
           from revoked in new[] { false, true }
           select new Passkey
           {
               Aaguid = model.Value, BackupEligible = synced, AttestationTrusted = attested, CredentialId = [1], PublicKey = [1],
               AttestationCertificate = revoked ? new() { RevokedAt = DateTimeOffset.UnixEpoch } : null,
           }
               .ToRecord(new User { UserHandle = UserHandle.Random().Bytes.ToArray() }),
    ];

    [Fact]
    public void An_excluded_person_has_no_passkey_accepted_whatever_else_is_said() => Gen.Select(Policy, Memberships, Gen.Int[0, 3]).Sample((policy, member, n) =>
    {
        var excluding = policy with { Fido2 = policy.Fido2 with { IsEnabled = true, ExcludeTargets = [.. policy.Fido2.ExcludeTargets, new(Groups[n])] } };
        var person = excluding.For(member.Append(Groups[n]).ToHashSet());
        Assert.Equal(MethodAvailability.Excluded, person.Passkeys.Availability);
        Assert.False(person.IsPasskeyRequired);
        Assert.Equal("method_excluded", person.Withheld(MethodKind.Passkey));
        Assert.Empty(Accepted(person));
    });

    [Fact]
    public void The_order_of_targets_and_profiles_says_nothing() => Gen.Select(Policy, Memberships).Sample((policy, member) =>
    {
        var turned = policy with
        {
            Fido2 = policy.Fido2 with
            {
                IncludeTargets = [.. policy.Fido2.IncludeTargets.Reverse().Select(target => target with { AllowedPasskeyProfiles = [.. target.AllowedPasskeyProfiles.Reverse()] })],
                ExcludeTargets = [.. policy.Fido2.ExcludeTargets.Reverse()],
            },
        };
        var (one, other) = (policy.For(member), turned.For(member.Reverse().ToHashSet()));
        Assert.Equal(Said(one), Said(other));
        // and the refusal names the same rule, whichever profile is looked at first
        var reversed = one.Passkeys with { Profiles = [.. one.Passkeys.Profiles.Reverse()] };
        Assert.Equal(Passkeys.Select(one.Passkeys.AtSignIn), Passkeys.Select(reversed.AtSignIn));
    });

    [Fact]
    public void One_more_group_it_is_offered_to_takes_nothing_away() => Gen.Select(Policy, Memberships, Target).Sample((policy, member, target) =>
    {
        var more = policy with { Fido2 = policy.Fido2 with { IncludeTargets = [.. policy.Fido2.IncludeTargets, target] } };
        var (before, after) = (policy.For(member), more.For(member));
        Assert.Subset(Accepted(after), Accepted(before));
        Assert.True(before.Passkeys.Availability is not MethodAvailability.Available || after.Passkeys.Availability is MethodAvailability.Available);
    });

    [Fact]
    public void A_method_that_is_turned_off_is_nobodys() => Gen.Select(Policy, Memberships).Sample((policy, member) =>
    {
        var person = (policy with
        {
            Fido2 = policy.Fido2 with { IsEnabled = false },
            SoftwareOath = policy.SoftwareOath with { IsEnabled = false },
            TemporaryAccessPass = policy.TemporaryAccessPass with { IsEnabled = false },
        }).For(member);
        Assert.All([MethodKind.Passkey, MethodKind.Code, MethodKind.TemporaryAccessPass], kind => Assert.Equal("method_disabled", person.Withheld(kind)));
        Assert.Empty(Accepted(person));
        Assert.False(person.IsPasskeyRequired);
        Assert.Null(person.Withheld(MethodKind.RecoveryCode));
    });

    [Fact]
    public void A_passkey_is_accepted_exactly_when_it_meets_a_whole_profile_of_a_target_that_holds() => Gen.Select(Policy, Memberships).Sample((policy, member) =>
    {
        var open = policy with { Fido2 = policy.Fido2 with { IsEnabled = true, ExcludeTargets = [] } };
        var inScope = open.Fido2.IncludeTargets.Where(target => target.Group is not { } group || member.Contains(group))
            .SelectMany(target => target.AllowedPasskeyProfiles.Count == 0 ? [PasskeyConfiguration.DefaultProfile] : target.AllowedPasskeyProfiles)
            .Select(id => open.Fido2.PasskeyProfiles[id].Rules).ToList();
        Assert.All(Passkeys, passkey => Assert.Equal(
            inScope.Any(rules => (passkey.BackupEligible ? rules.SyncedAllowed : rules.DeviceBoundAllowed)
                && ((passkey.AttestationTrusted && !passkey.AttestationRevoked) || rules.Attestation is not AttestationEnforcement.RegistrationAndSignIn)
                && (rules.KeyRestriction is KeyRestriction.Off || rules.Aaguids.Contains(passkey.Aaguid) == rules.KeyRestriction is KeyRestriction.Allow)),
            open.For(member).Passkeys.AtSignIn(passkey) is null));
    });

    [Fact]
    public void What_is_written_reads_back_as_the_same_policy() => Policy.Sample(policy =>
    {
        var json = PolicyJson.Write(policy);
        Assert.Equal(json.ToJsonString(), PolicyJson.Write(PolicyJson.Read(json)).ToJsonString());
    });

    [Fact]
    public void The_default_offers_everything_to_everybody_and_requires_nothing() => Memberships.Sample(member =>
    {
        var person = AuthenticationMethodsPolicy.Default.For(member);
        Assert.All(Enum.GetValues<MethodKind>(), kind => Assert.Null(person.Withheld(kind)));
        Assert.Equal(Passkeys.Length, Accepted(person).Count);
        Assert.False(person.IsPasskeyRequired);
        Assert.Null(person.Passkeys.AtBegin(TrustAnchors.None));
        Assert.Equal(AuthenticationMode.Any, person.AuthenticationMode);
    });

    private static HashSet<int> Accepted(PersonPolicy person) =>
        [.. Enumerable.Range(0, Passkeys.Length).Where(n => person.Passkeys.AtSignIn(Passkeys[n]) is null)];

    private static string Said(PersonPolicy person) => string.Join(' ',
        person.Passkeys.Availability, person.Passkeys.SelfServiceRegistration, person.IsPasskeyRequired, person.Codes, person.Pass,
        string.Join(',', Passkeys.Select(passkey => person.Passkeys.AtSignIn(passkey))), string.Join(',', Passkeys.Select(passkey => person.Passkeys.AtCompletion(passkey))));
}
