using Latchkey.RelyingParty.Attestation;
using Latchkey.RelyingParty.Policy;

namespace Latchkey.Server.Features.Policies;

/// <summary>What a policy may not say, because it would keep from people what it asks of them; and what it may, but is told of.</summary>
internal static class PolicyRules
{
    private const string Root = "authenticationMethodConfigurations", Fido2 = Root + ".Fido2", Pass = Root + ".TemporaryAccessPass", Profiles = Fido2 + ".passkeyProfiles";

    /// <exception cref="PolicyException">It contradicts itself, or names a profile there is not.</exception>
    public static void Demand(AuthenticationMethodsPolicy policy)
    {
        if (!policy.Fido2.PasskeyProfiles.ContainsKey(PasskeyConfiguration.DefaultProfile))
        {
            throw PolicyException.Contradiction(Profiles, PolicyTexts.DefaultProfileStays);
        }

        foreach (var (id, profile) in policy.Fido2.PasskeyProfiles)
        {
            if (profile.Rules is { KeyRestriction: KeyRestriction.Allow, Aaguids.Count: 0 })
            {
                throw PolicyException.Contradiction($"{Profiles}.{id}", PolicyTexts.AllowsNoModel);
            }

            if (profile.Rules is { Attestation: not AttestationEnforcement.Disabled, DeviceBoundAllowed: false })
            {
                throw PolicyException.Contradiction($"{Profiles}.{id}", PolicyTexts.SyncedProveNothing);
            }
        }

        if (policy.Fido2.IncludeTargets.SelectMany(target => target.AllowedPasskeyProfiles).FirstOrDefault(id => !policy.Fido2.PasskeyProfiles.ContainsKey(id)) is var unknown
            && unknown != Guid.Empty)
        {
            throw new PolicyException(PolicyException.ProfileUnknown, unknown.ToString(), Fido2 + ".includeTargets");
        }

        if (policy.Fido2 is { IsEnabled: true, IsSelfServiceRegistrationAllowed: false } && policy.Fido2.IncludeTargets.Any(target => target.IsRegistrationRequired))
        {
            throw PolicyException.Contradiction(Fido2, PolicyTexts.RequiredButClosed);
        }

        var pass = policy.TemporaryAccessPass;
        if (pass.MinimumLifetimeInMinutes > pass.MaximumLifetimeInMinutes)
        {
            throw PolicyException.Contradiction(Pass, PolicyTexts.PassNoLifetime);
        }

        if (pass.DefaultLifetimeInMinutes < pass.MinimumLifetimeInMinutes || pass.DefaultLifetimeInMinutes > pass.MaximumLifetimeInMinutes)
        {
            throw PolicyException.Contradiction(Pass, PolicyTexts.PassDefaultOutside);
        }

        if (policy is { Fido2.IsEnabled: false, SoftwareOath.IsEnabled: false, TemporaryAccessPass.IsEnabled: false })
        {
            throw PolicyException.Contradiction(Root, PolicyTexts.NobodySignsIn);
        }
    }

    /// <summary>What an administrator should know before it holds.</summary>
    /// <param name="policy">The policy.</param>
    /// <param name="anchors">What this server can check the make of a passkey with.</param>
    public static IEnumerable<string> Warnings(AuthenticationMethodsPolicy policy, TrustAnchors anchors)
    {
        var unmeetable = policy.Fido2.PasskeyProfiles.Where(profile => !profile.Value.Rules.CanBeMet(anchors)).Select(profile => profile.Key).ToHashSet();
        foreach (var target in policy.Fido2.IsEnabled ? policy.Fido2.IncludeTargets : [])
        {
            if (PasskeyConfiguration.ProfilesOf(target).All(unmeetable.Contains))
            {
                yield return target.IsRegistrationRequired ? PolicyTexts.RequiredButUnprovable : PolicyTexts.Unprovable;
            }
        }
    }
}
