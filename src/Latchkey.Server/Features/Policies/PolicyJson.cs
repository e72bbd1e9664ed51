using System.Collections.Immutable;
using System.Text.Json.Nodes;
using Latchkey.Protocol.WebAuthn;
using Latchkey.RelyingParty.Policy;

namespace Latchkey.Server.Features.Policies;

/// <summary>The policy as JSON, written and read: the reference system's members, with methods and profiles by their ID instead of in a list,
/// so that a change can name one of them.</summary>
internal static class PolicyJson
{
    public const string AllUsers = "all_users";

    /// <summary>What a pass may be like, named also where one is refused.</summary>
    public const string DefaultLength = "defaultLength", DefaultLifetime = "defaultLifetimeInMinutes",
        MinimumLifetime = "minimumLifetimeInMinutes", MaximumLifetime = "maximumLifetimeInMinutes", UsableOnce = "isUsableOnce";

    private const string Enabled = "enabled", Disabled = "disabled", Group = "group", Allow = "allow", Block = "block", DeviceBound = "deviceBound", Synced = "synced",
        SyncedCounterReset = "isSyncedCounterResetAllowed";

    private static readonly (string Text, AttestationEnforcement Value)[] Enforcements =
        [("disabled", AttestationEnforcement.Disabled), ("registrationOnly", AttestationEnforcement.RegistrationOnly), ("registrationAndSignIn", AttestationEnforcement.RegistrationAndSignIn)];

    private static readonly (string Text, AuthenticationMode Value)[] Modes =
        [("any", AuthenticationMode.Any), ("deviceBasedPush", AuthenticationMode.DeviceBasedPush), ("push", AuthenticationMode.Push)];

    public static JsonObject Write(AuthenticationMethodsPolicy policy) => new()
    {
        ["Fido2"] = Method(policy.Fido2, target => new()
        {
            ["isRegistrationRequired"] = target.IsRegistrationRequired,
            ["allowedPasskeyProfiles"] = new JsonArray([.. PasskeyConfiguration.ProfilesOf(target).Select(id => (JsonNode)id.ToString())]),
        }, new()
        {
            ["isSelfServiceRegistrationAllowed"] = policy.Fido2.IsSelfServiceRegistrationAllowed,
            [SyncedCounterReset] = policy.Fido2.IsSyncedCounterResetAllowed,
            ["passkeyProfiles"] = new JsonObject(policy.Fido2.PasskeyProfiles.Select(profile => KeyValuePair.Create(profile.Key.ToString(), (JsonNode?)Profile(profile.Value)))),
        }),
        ["Authenticator"] = Method(policy.Authenticator, target => new() { ["authenticationMode"] = Array.Find(Modes, mode => mode.Value == target.AuthenticationMode).Text }),
        ["SoftwareOath"] = Method(policy.SoftwareOath, _ => []),
        ["TemporaryAccessPass"] = Method(policy.TemporaryAccessPass, _ => [], new()
        {
            [DefaultLength] = policy.TemporaryAccessPass.DefaultLength,
            [DefaultLifetime] = policy.TemporaryAccessPass.DefaultLifetimeInMinutes,
            [MinimumLifetime] = policy.TemporaryAccessPass.MinimumLifetimeInMinutes,
            [MaximumLifetime] = policy.TemporaryAccessPass.MaximumLifetimeInMinutes,
            [UsableOnce] = policy.TemporaryAccessPass.IsUsableOnce,
        }),
    };

    /// <summary>What is not there is as in the default: taking a method away resets it.</summary>
    /// <exception cref="PolicyException">Something in it is not as it must be; the first such thing, with its place.</exception>
    public static AuthenticationMethodsPolicy Read(JsonObject json)
    {
        var methods = new PolicyObject(json, "authenticationMethodConfigurations").Only("Fido2", "Authenticator", "SoftwareOath", "TemporaryAccessPass");
        return new AuthenticationMethodsPolicy
        {
            Fido2 = methods.Has("Fido2") ? ReadFido2(methods.Object("Fido2")) : AuthenticationMethodsPolicy.Default.Fido2,
            Authenticator = methods.Has("Authenticator")
                ? ReadMethod(methods.Object("Authenticator"), [], ReadAuthenticatorTarget, ["authenticationMode"])
                : AuthenticationMethodsPolicy.Default.Authenticator,
            SoftwareOath = methods.Has("SoftwareOath")
                ? ReadMethod(methods.Object("SoftwareOath"), [], ReadGroupTarget, [])
                : AuthenticationMethodsPolicy.Default.SoftwareOath,
            TemporaryAccessPass = methods.Has("TemporaryAccessPass") ? ReadPass(methods.Object("TemporaryAccessPass")) : AuthenticationMethodsPolicy.Default.TemporaryAccessPass,
        };
    }

    private static JsonObject Method<TTarget>(MethodConfiguration<TTarget> method, Func<TTarget, JsonObject> more, JsonObject? before = null)
        where TTarget : GroupTarget
    {
        var json = new JsonObject { ["state"] = method.IsEnabled ? Enabled : Disabled };
        foreach (var (name, value) in before ?? []) json[name] = value?.DeepClone();
        json["includeTargets"] = new JsonArray([.. method.IncludeTargets.Select(target => (JsonNode)Target(target, more(target)))]);
        json["excludeTargets"] = new JsonArray([.. method.ExcludeTargets.Select(target => (JsonNode)Target(target, []))]);
        return json;
    }

    private static JsonObject Target(GroupTarget target, JsonObject more)
    {
        var json = new JsonObject { ["targetType"] = Group, ["id"] = target.Group?.ToString() ?? AllUsers };
        foreach (var (name, value) in more) json[name] = value?.DeepClone();
        return json;
    }

    private static JsonObject Profile(NamedPasskeyProfile profile) => new()
    {
        ["name"] = profile.Name,
        ["passkeyTypes"] = string.Join(',', new[] { profile.Rules.DeviceBoundAllowed ? DeviceBound : null, profile.Rules.SyncedAllowed ? Synced : null }.OfType<string>()),
        ["attestationEnforcement"] = Array.Find(Enforcements, e => e.Value == profile.Rules.Attestation).Text,
        ["keyRestrictions"] = new JsonObject
        {
            ["isEnforced"] = profile.Rules.KeyRestriction is not KeyRestriction.Off,
            ["enforcementType"] = profile.Rules.KeyRestriction is KeyRestriction.Block ? Block : Allow,
            ["aaGuids"] = new JsonArray([.. profile.Rules.Aaguids.Select(aaguid => aaguid.Value.ToString()).Order(StringComparer.Ordinal).Select(text => (JsonNode)text)]),
        },
    };

    private static GroupTarget ReadGroupTarget(PolicyObject json, Guid? group) => new(group);

    /// <summary>A policy stored before there were these members has their defaults.</summary>
    private static PassConfiguration ReadPass(PolicyObject json)
    {
        var method = ReadMethod(json, [DefaultLength, DefaultLifetime, MinimumLifetime, MaximumLifetime, UsableOnce], ReadGroupTarget, []);
        var defaults = AuthenticationMethodsPolicy.Default.TemporaryAccessPass;
        return new PassConfiguration
        {
            IsEnabled = method.IsEnabled,
            IncludeTargets = method.IncludeTargets,
            ExcludeTargets = method.ExcludeTargets,
            DefaultLength = json.Has(DefaultLength) ? json.Integer(DefaultLength, PassConfiguration.LeastLength, PassConfiguration.MostLength) : defaults.DefaultLength,
            DefaultLifetimeInMinutes = Minutes(DefaultLifetime, defaults.DefaultLifetimeInMinutes),
            MinimumLifetimeInMinutes = Minutes(MinimumLifetime, defaults.MinimumLifetimeInMinutes),
            MaximumLifetimeInMinutes = Minutes(MaximumLifetime, defaults.MaximumLifetimeInMinutes),
            IsUsableOnce = json.Has(UsableOnce) ? json.Boolean(UsableOnce) : defaults.IsUsableOnce,
        };

        int Minutes(string member, int absent) => json.Has(member) ? json.Integer(member, PassConfiguration.LeastMinutes, PassConfiguration.MostMinutes) : absent;
    }

    private static PasskeyConfiguration ReadFido2(PolicyObject json)
    {
        var method = ReadMethod(json, ["isSelfServiceRegistrationAllowed", SyncedCounterReset, "passkeyProfiles"], ReadPasskeyTarget, ["isRegistrationRequired", "allowedPasskeyProfiles"]);
        return new PasskeyConfiguration
        {
            IsEnabled = method.IsEnabled,
            IncludeTargets = method.IncludeTargets,
            ExcludeTargets = method.ExcludeTargets,
            IsSelfServiceRegistrationAllowed = json.Boolean("isSelfServiceRegistrationAllowed"),
            // A policy stored before there was this member has its default.
            IsSyncedCounterResetAllowed = !json.Has(SyncedCounterReset) || json.Boolean(SyncedCounterReset),
            PasskeyProfiles = ReadProfiles(json.Object("passkeyProfiles")),
        };
    }

    private static MethodConfiguration<TTarget> ReadMethod<TTarget>(
        PolicyObject json, string[] more, Func<PolicyObject, Guid?, TTarget> readTarget, string[] inTarget)
        where TTarget : GroupTarget
    {
        json.Only(["state", "includeTargets", "excludeTargets", .. more]);
        return new()
        {
            IsEnabled = json.Choice("state", (Enabled, true), (Disabled, false)),
            IncludeTargets = [.. json.Array("includeTargets").Select(target => readTarget(target.Only(["targetType", "id", .. inTarget]), ReadGroup(target)))],
            ExcludeTargets = [.. json.Array("excludeTargets").Select(target => new GroupTarget(
                ReadGroup(target.Only("targetType", "id")) ?? throw PolicyException.Contradiction(target.Place, PolicyTexts.ExcludesAll)))],
        };
    }

    private static Guid? ReadGroup(PolicyObject target)
    {
        target.Choice("targetType", (Group, true));
        var id = target.Text("id");
        return id == AllUsers ? null : Guid.TryParse(id, out var group) ? group : throw new PolicyException(PolicyException.GroupUnknown, id, target.Place);
    }

    private static PasskeyTarget ReadPasskeyTarget(PolicyObject json, Guid? group) => new(
        group,
        json.Has("isRegistrationRequired") && json.Boolean("isRegistrationRequired"),
        json.Has("allowedPasskeyProfiles")
            ? [.. json.Texts("allowedPasskeyProfiles").Select(text => Guid.TryParse(text, out var id) ? id : throw new PolicyException(PolicyException.ProfileUnknown, text, json.Place))]
            : []);

    private static AuthenticatorTarget ReadAuthenticatorTarget(PolicyObject json, Guid? group) =>
        new(group, json.Has("authenticationMode") ? json.Choice("authenticationMode", Modes) : AuthenticationMode.Any);

    private static ImmutableSortedDictionary<Guid, NamedPasskeyProfile> ReadProfiles(PolicyObject json)
    {
        var profiles = ImmutableSortedDictionary.CreateBuilder<Guid, NamedPasskeyProfile>();
        foreach (var profile in json.Objects())
        {
            // The same ID in other letters is another member to JSON.
            if (!profiles.TryAdd(profile.Id(), ReadProfile(profile))) throw PolicyException.Contradiction(profile.Place, PolicyTexts.ProfileTwice);
        }

        return profiles.ToImmutable();
    }

    private static NamedPasskeyProfile ReadProfile(PolicyObject json)
    {
        json.Only("name", "passkeyTypes", "attestationEnforcement", "keyRestrictions");
        var types = (json.Has("passkeyTypes") ? json.Text("passkeyTypes") : $"{DeviceBound},{Synced}").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        if (types is [] || types.Any(type => type is not (DeviceBound or Synced)))
        {
            throw new PolicyException(PolicyException.ValueInvalid, json.Text("passkeyTypes"), json.PlaceOf("passkeyTypes"));
        }

        var rules = new PasskeyProfile
        {
            DeviceBoundAllowed = types.Contains(DeviceBound),
            SyncedAllowed = types.Contains(Synced),
            Attestation = json.Has("attestationEnforcement") ? json.Choice("attestationEnforcement", Enforcements) : AttestationEnforcement.Disabled,
        };
        if (!json.Has("keyRestrictions"))
        {
            return new NamedPasskeyProfile(json.Text("name"), rules);
        }

        var restrictions = json.Object("keyRestrictions").Only("isEnforced", "enforcementType", "aaGuids");
        var kind = restrictions.Choice("enforcementType", (Allow, KeyRestriction.Allow), (Block, KeyRestriction.Block));
        return new NamedPasskeyProfile(json.Text("name"), rules with
        {
            KeyRestriction = restrictions.Boolean("isEnforced") ? kind : KeyRestriction.Off,
            Aaguids = restrictions.Texts("aaGuids").Select(text => Guid.TryParseExact(text, "D", out var aaguid)
                ? new Aaguid(aaguid)
                : throw new PolicyException(PolicyException.AaguidInvalid, text, restrictions.PlaceOf("aaGuids"))).ToHashSet(),
        });
    }
}
