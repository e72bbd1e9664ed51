namespace Latchkey.Protocol.WebAuthn;

/// <summary>
/// The enumerations of the options, by their names on the wire. They travel as strings, because the standard says that
/// an unknown value counts as absent.
/// <see href="https://www.w3.org/TR/webauthn-3/#sctn-automation-add-credential"/>
/// </summary>
public static class Requirements
{
    /// <summary>User verification or a discoverable credential is demanded.</summary>
    public const string Required = "required";

    /// <summary>It is liked, not demanded.</summary>
    public const string Preferred = "preferred";

    /// <summary>It had better not be.</summary>
    public const string Discouraged = "discouraged";

    /// <summary>Attachment: an authenticator in this device.</summary>
    public const string Platform = "platform";

    /// <summary>Attachment: an authenticator that roams.</summary>
    public const string CrossPlatform = "cross-platform";

    /// <summary>Attestation conveyance: none.</summary>
    public const string None = "none";

    /// <summary>Attestation conveyance: indirect.</summary>
    public const string Indirect = "indirect";

    /// <summary>Attestation conveyance: as the authenticator made it.</summary>
    public const string Direct = "direct";

    /// <summary>Attestation conveyance: may identify the device.</summary>
    public const string Enterprise = "enterprise";
}
