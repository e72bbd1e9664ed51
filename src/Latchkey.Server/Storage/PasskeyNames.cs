using System.Collections.Frozen;
using System.Text.Json;
using Latchkey.Protocol;
using Latchkey.RelyingParty;
using Latchkey.RelyingParty.Policy;

namespace Latchkey.Server.Storage;

/// <summary>What kinds of passkey are called. For display only: an AAGUID proves nothing unless attested.</summary>
public sealed class PasskeyNames
{
    /// <summary>The model of our own Authenticator.</summary>
    public static readonly Guid Authenticator = new("ded00605-1e89-4610-859f-70eabe866e61");

    /// <summary>The same on the virtual phone: a rehearsal's passkey should be seen to be one.</summary>
    public static readonly Guid VirtualPhone = new("1cd066f6-6418-428d-8e70-3c5698b7d0e6");

    private readonly FrozenDictionary<Guid, string> providers, keepers;

    public PasskeyNames()
    {
        using var stream = typeof(PasskeyNames).Assembly.GetManifestResourceStream("data/aaguids.json")!;
        using var document = JsonDocument.Parse(stream);
        (providers, keepers) = (Read("combined"), Read("community"));

        FrozenDictionary<Guid, string> Read(string list) => document.RootElement.GetProperty(list).EnumerateObject()
            .ToFrozenDictionary(entry => Guid.Parse(entry.Name), entry => entry.Value.GetString()!);
    }

    /// <summary>Whether a passkey says that it is in an Authenticator of ours.</summary>
    public static bool IsAuthenticator(Guid aaguid) => aaguid == Authenticator || aaguid == VirtualPhone;

    /// <summary>Whether it is a known app or system that keeps passkeys.</summary>
    public bool IsProvider(Guid aaguid) => IsAuthenticator(aaguid) || keepers.ContainsKey(aaguid);

    /// <summary>Whether it is a known model of what one carries about: a security key, a card.</summary>
    public bool IsSecurityKey(Guid aaguid) => !IsProvider(aaguid) && providers.ContainsKey(aaguid);

    /// <summary>The provider or model, if the AAGUID is a known one.</summary>
    public string? ProviderOf(Guid aaguid) => aaguid == Guid.Empty ? null
        : aaguid == Authenticator ? StorageTexts.Authenticator
        : aaguid == VirtualPhone ? StorageTexts.VirtualPhone
        : providers.GetValueOrDefault(aaguid);

    /// <summary>Whether security keys are all that a policy takes: then browsers are told to ask for one first. (A hint, and no rule.)</summary>
    public bool WantsSecurityKey(PasskeyPolicy policy) => policy.Profiles.Count > 0
        && policy.Profiles.All(profile => profile is { KeyRestriction: KeyRestriction.Allow, Aaguids.Count: > 0 } && profile.Aaguids.All(aaguid => IsSecurityKey(aaguid.Value)));

    /// <summary>A name to begin with: the provider, else where it lives; numbered when it is taken.</summary>
    public string DefaultFor(CredentialRecord credential, IReadOnlyList<Passkey> existing)
    {
        var name = ProviderOf(credential.Aaguid.Value) ?? PlaceOf(credential.Transports, credential.AuthenticatorAttachment, credential.BackupEligible);
        name = ForeignText.Of(name, Passkey.MaxDisplayName - 4).Plain; // room for a number
        var taken = existing.Select(p => p.DisplayName).ToHashSet(StringComparer.CurrentCultureIgnoreCase);
        return taken.Contains(name) ? Enumerable.Range(2, Passkey.MaxPerUser).Select(n => $"{name} {n}").First(candidate => !taken.Contains(candidate)) : name;
    }

    private static string PlaceOf(IReadOnlyList<string> transports, string? attachment, bool backupEligible) =>
        attachment == "platform" || (attachment is null && transports is ["internal"]) ? StorageTexts.PasskeyOnThisDevice
        : transports.Any(t => t is "usb" or "nfc" or "ble" or "smart-card") ? StorageTexts.PasskeyOnSecurityKey
        : transports.Contains("hybrid") ? StorageTexts.PasskeyOnPhone
        : backupEligible ? StorageTexts.PasskeySynced
        : StorageTexts.Passkey;
}
