using System.Collections.Immutable;
using System.Text.Json.Nodes;
using CsCheck;
using Latchkey.Protocol.WebAuthn;
using Latchkey.RelyingParty;
using Latchkey.RelyingParty.Policy;
using Latchkey.Server.Features.Policies;
using Latchkey.Server.Storage;

namespace Latchkey.Server.Tests.Policies;

/// <summary>What holds of the whole policy, every method of it, for any change an administrator can make to it.</summary>
public sealed class PolicyPropertyTests
{
    private static readonly Guid[] Groups = [.. Enumerable.Range(1, 4).Select(n => new Guid(n, 0, 0, new byte[8]))];
    private static readonly MethodKind[] Kinds = [MethodKind.Passkey, MethodKind.Code, MethodKind.TemporaryAccessPass];

    private static readonly Gen<Guid?> GroupOrAll = Gen.Int[0, Groups.Length].Select(n => n == Groups.Length ? (Guid?)null : Groups[n]);
    private static readonly Gen<IReadOnlySet<Guid>> Memberships = Gen.Int[0, 15].Select(bits => (IReadOnlySet<Guid>)Groups.Where((_, n) => (bits >> n & 1) == 1).ToHashSet());
    private static readonly Gen<Guid[]> Strangers = Gen.Int[5, 9].Select(n => new Guid(n, 0, 0, new byte[8])).Array[0, 3];

    private static readonly Gen<AuthenticationMethodsPolicy> Policy = Gen.Select(
        Gen.Int[0, 15], GroupOrAll.Array[0, 3], Gen.Select(GroupOrAll, Gen.Int[0, 2]).Array[0, 3], Gen.Int[0, 3].Array[0, 2], Gen.Int[0, 3], Gen.Bool,
        (enabled, include, authenticator, exclude, rules, required) =>
        {
            IReadOnlyList<GroupTarget> kept = [.. exclude.Select(n => new GroupTarget(Groups[n]))];
            return new AuthenticationMethodsPolicy
            {
                Fido2 = new PasskeyConfiguration
                {
                    IsEnabled = (enabled & 1) == 1,
                    IncludeTargets = [.. include.Select(group => new PasskeyTarget(group, required, []))],
                    ExcludeTargets = kept,
                    PasskeyProfiles = ImmutableSortedDictionary<Guid, NamedPasskeyProfile>.Empty.Add(
                        PasskeyConfiguration.DefaultProfile, new("Default", PasskeyProfile.AllowAll with { SyncedAllowed = rules > 0, DeviceBoundAllowed = rules != 1 })),
                },
                Authenticator = new()
                {
                    IsEnabled = (enabled & 2) == 2,
                    IncludeTargets = [.. authenticator.Select(target => new AuthenticatorTarget(target.Item1, (AuthenticationMode)target.Item2))],
                    ExcludeTargets = kept,
                },
                SoftwareOath = new() { IsEnabled = (enabled & 4) == 4, IncludeTargets = [.. include.Select(group => new GroupTarget(group))], ExcludeTargets = kept },
                TemporaryAccessPass = new()
                {
                    IsEnabled = (enabled & 8) == 8,
                    IncludeTargets = [.. include.Select(group => new GroupTarget(group))],
                    ExcludeTargets = kept,
                    DefaultLength = PassConfiguration.LeastLength + enabled,
                    MinimumLifetimeInMinutes = PassConfiguration.LeastMinutes + rules,
                    DefaultLifetimeInMinutes = PassConfiguration.LeastMinutes + rules + exclude.Length,
                    MaximumLifetimeInMinutes = PassConfiguration.MostMinutes - enabled,
                    IsUsableOnce = required,
                },
            };
        });

    private static readonly Gen<int> Minutes = Gen.OneOf(
        Gen.Int[PassConfiguration.LeastMinutes - 2, PassConfiguration.LeastMinutes + 4], Gen.Int[PassConfiguration.MostMinutes - 4, PassConfiguration.MostMinutes + 2], Gen.Int);

    private static readonly Gen<JsonNode?> Json = Gen.Recursive<JsonNode?>((depth, inner) => depth > 3
        ? Leaf
        : Gen.OneOf(Leaf, Gen.Select(Gen.Int[0, 2].Select(n => "abc"[n..(n + 1)]), inner).Array[0, 3].Select(members =>
            (JsonNode?)new JsonObject(members.DistinctBy(member => member.Item1).Select(member => KeyValuePair.Create(member.Item1, member.Item2?.DeepClone()))))));

    private static Gen<JsonNode?> Leaf => Gen.OneOf(Gen.Const((JsonNode?)null), Gen.Int[0, 3].Select(n => (JsonNode?)JsonValue.Create(n)), Gen.Int[0, 2].Select(n => (JsonNode?)new JsonArray(n)));

    [Fact]
    public void One_more_group_it_is_kept_from_grants_nobody_anything() => Gen.Select(Policy, Memberships, Gen.Int[0, 3]).Sample((policy, member, n) =>
    {
        var target = new GroupTarget(Groups[n]);
        var less = policy with
        {
            Fido2 = policy.Fido2 with { ExcludeTargets = [.. policy.Fido2.ExcludeTargets, target] },
            Authenticator = policy.Authenticator with { ExcludeTargets = [.. policy.Authenticator.ExcludeTargets, target] },
            SoftwareOath = policy.SoftwareOath with { ExcludeTargets = [.. policy.SoftwareOath.ExcludeTargets, target] },
            TemporaryAccessPass = policy.TemporaryAccessPass with { ExcludeTargets = [.. policy.TemporaryAccessPass.ExcludeTargets, target] },
        };
        Assert.Subset(Granted(policy, member), Granted(less, member));
        // and nobody outside that group notices
        if (!member.Contains(Groups[n])) Assert.Equal(Granted(policy, member), Granted(less, member));
    });

    [Fact]
    public void Turning_a_method_off_grants_nobody_anything_and_says_nothing_of_the_others() => Gen.Select(Policy, Memberships).Sample((policy, member) =>
    {
        var off = policy with { Fido2 = policy.Fido2 with { IsEnabled = false }, Authenticator = policy.Authenticator with { IsEnabled = false } };
        Assert.Equal(Granted(policy, member).Where(granted => granted is "Code" or "TemporaryAccessPass"), Granted(off, member).Order());
        Assert.False(off.For(member).IsPasskeyRequired);
    });

    [Fact]
    public void Exclusion_wins_over_any_number_of_targets_that_include_for_every_method() => Gen.Select(Policy, Memberships, Gen.Int[0, 3]).Sample((policy, member, n) =>
    {
        IReadOnlyList<GroupTarget> kept = [new(Groups[n])];
        var person = (policy with
        {
            Fido2 = policy.Fido2 with { IncludeTargets = [new(null, true, []), .. policy.Fido2.IncludeTargets], ExcludeTargets = kept },
            Authenticator = policy.Authenticator with { IncludeTargets = [new(null, AuthenticationMode.Any), .. policy.Authenticator.IncludeTargets], ExcludeTargets = kept },
            SoftwareOath = policy.SoftwareOath with { IncludeTargets = [new(null)], ExcludeTargets = kept },
            TemporaryAccessPass = policy.TemporaryAccessPass with { IncludeTargets = [new(null)], ExcludeTargets = kept },
        }).For(member.Append(Groups[n]).ToHashSet());
        Assert.All(Kinds, kind => Assert.True(person.Withheld(kind) is "method_excluded" or "method_disabled"));
        Assert.NotEqual(MethodAvailability.Available, person.Authenticator);
        Assert.False(person.IsPasskeyRequired);
    });

    [Fact]
    public void A_persons_answer_depends_on_the_groups_the_policy_names_and_on_no_others() => Gen.Select(Policy, Memberships, Strangers).Sample((policy, member, strangers) =>
        Assert.Equal(Said(policy, member), Said(policy, member.Where(policy.Groups.Contains).Concat(strangers).ToHashSet())));

    [Fact]
    public void The_order_of_targets_says_nothing_for_any_method() => Gen.Select(Policy, Memberships).Sample((policy, member) => Assert.Equal(
        Said(policy, member),
        Said(
            policy with
            {
                Fido2 = policy.Fido2 with { IncludeTargets = [.. policy.Fido2.IncludeTargets.Reverse()], ExcludeTargets = [.. policy.Fido2.ExcludeTargets.Reverse()] },
                Authenticator = policy.Authenticator with { IncludeTargets = [.. policy.Authenticator.IncludeTargets.Reverse()] },
                SoftwareOath = policy.SoftwareOath with { IncludeTargets = [.. policy.SoftwareOath.IncludeTargets.Reverse()] },
                TemporaryAccessPass = policy.TemporaryAccessPass with { IncludeTargets = [.. policy.TemporaryAccessPass.IncludeTargets.Reverse()] },
            },
            member)));

    [Fact]
    public void What_is_refused_at_registration_for_its_kind_or_model_is_refused_at_sign_in_and_the_other_way_round() => Gen.Select(Policy, Memberships).Sample((policy, member) =>
    {
        // Enforced attestation alone may differ between the two, and only where the profile says so; these profiles enforce none.
        var passkeys = policy.For(member).Passkeys;
        Assert.All(
            new[] { false, true }.Select(synced => new Passkey { Aaguid = PasskeyNames.Authenticator, BackupEligible = synced, CredentialId = [1], PublicKey = [1] }
                .ToRecord(new User { UserHandle = UserHandle.Random().Bytes.ToArray() })),
            passkey => Assert.Equal(passkeys.AtCompletion(passkey)?.Code(), passkeys.AtSignIn(passkey)?.Code()));
        // and what will be refused for the person is never begun
        if (passkeys.Availability is not MethodAvailability.Available) Assert.NotNull(passkeys.AtBegin(TrustAnchors));
    });

    [Fact]
    public void The_whole_policy_reads_back_as_it_was_written() => Gen.Select(Policy, Memberships).Sample((policy, member) =>
    {
        var read = PolicyJson.Read((JsonObject)JsonNode.Parse(PolicyJson.Write(policy).ToJsonString())!);
        Assert.Equal(PolicyJson.Write(policy).ToJsonString(), PolicyJson.Write(read).ToJsonString());
        Assert.Equal(Said(policy, member), Said(read, member));
    });

    [Theory]
    [InlineData(null, true)] // a policy from before there was this member
    [InlineData(true, true)]
    [InlineData(false, false)]
    public void A_synced_passkeys_counter_may_fall_to_zero_unless_the_policy_says_otherwise(bool? said, bool expected)
    {
        var json = PolicyJson.Write(AuthenticationMethodsPolicy.Default);
        json["Fido2"]!.AsObject().Remove("isSyncedCounterResetAllowed");
        if (said is { } value) json["Fido2"]!["isSyncedCounterResetAllowed"] = value;

        var read = PolicyJson.Read(json);

        Assert.Equal(expected, read.For(new HashSet<Guid>()).Passkeys.SyncedCounterMayFall);
        Assert.Equal(expected, (bool)PolicyJson.Write(read)["Fido2"]!["isSyncedCounterResetAllowed"]!);
    }

    [Fact]
    public void Lifetimes_and_a_length_of_passes_are_taken_where_they_are_in_bounds_and_in_order_and_refused_otherwise() =>
        Gen.Select(Minutes, Minutes, Minutes, Gen.Int[6, 50]).Sample((minimum, standard, maximum, length) =>
        {
            var json = (JsonObject)MergePatch.Apply(PolicyJson.Write(AuthenticationMethodsPolicy.Default), new JsonObject
            {
                ["TemporaryAccessPass"] = new JsonObject
                {
                    ["minimumLifetimeInMinutes"] = minimum, ["defaultLifetimeInMinutes"] = standard, ["maximumLifetimeInMinutes"] = maximum, ["defaultLength"] = length,
                },
            })!;
            var bounded = new[] { minimum, standard, maximum }.All(minutes => minutes is >= 10 and <= 43_200) && length is >= 8 and <= 48;
            var problem = Record.Exception(() => PolicyRules.Demand(PolicyJson.Read(json)));
            Assert.Equal(
                !bounded ? PolicyException.ValueInvalid : minimum > standard || standard > maximum ? PolicyException.Contradictory : null,
                (problem as PolicyException)?.Code);
            Assert.True(problem is null or PolicyException);
        });

    [Fact]
    public void A_change_made_twice_is_the_change_made_once() => Gen.Select(Json, Json).Sample((target, patch) =>
    {
        var once = MergePatch.Apply(target, patch);
        Assert.Equal(Text(once), Text(MergePatch.Apply(once, patch)));
    });

    [Fact]
    public void A_change_leaves_what_it_does_not_name_and_the_policy_it_is_applied_to() => Policy.Sample(policy =>
    {
        var before = PolicyJson.Write(policy);
        var text = before.ToJsonString();
        Assert.Equal(text, Text(MergePatch.Apply(before, new JsonObject())));
        var changed = (JsonObject)MergePatch.Apply(before, JsonNode.Parse("""{"SoftwareOath":{"state":"disabled"}}"""))!;
        Assert.Equal(text, before.ToJsonString());
        Assert.Equal(PolicyJson.Write(policy with { SoftwareOath = policy.SoftwareOath with { IsEnabled = false } }).ToJsonString(), PolicyJson.Write(PolicyJson.Read(changed)).ToJsonString());
    });

    private static Latchkey.RelyingParty.Attestation.TrustAnchors TrustAnchors => Latchkey.RelyingParty.Attestation.TrustAnchors.None;

    private static string Text(JsonNode? json) => json?.ToJsonString() ?? "null";

    private static HashSet<string> Granted(AuthenticationMethodsPolicy policy, IReadOnlySet<Guid> member)
    {
        var person = policy.For(member);
        return [.. Kinds.Where(kind => person.Withheld(kind) is null).Select(kind => kind.ToString()), .. person.Authenticator is MethodAvailability.Available ? ["Authenticator"] : Array.Empty<string>()];
    }

    private static string Said(AuthenticationMethodsPolicy policy, IReadOnlySet<Guid> member)
    {
        var person = policy.For(member);
        return string.Join(' ', [.. Kinds.Select(kind => person.Withheld(kind) ?? "-"), person.IsPasskeyRequired.ToString(), person.Authenticator.ToString(), person.AuthenticationMode?.ToString() ?? "-"]);
    }
}
