using Latchkey.Protocol.Cbor;

namespace Latchkey.Protocol.WebAuthn;

/// <summary>The flags byte of authenticator data. <see href="https://www.w3.org/TR/webauthn-3/#authdata-flags"/></summary>
[Flags]
public enum AuthenticatorDataFlags : byte
{
    /// <summary>Bit 0: user present.</summary>
    UserPresent = 0x01,

    /// <summary>Bit 1: reserved.</summary>
    Reserved1 = 0x02,

    /// <summary>Bit 2: user verified.</summary>
    UserVerified = 0x04,

    /// <summary>Bit 3: backup eligibility.</summary>
    BackupEligible = 0x08,

    /// <summary>Bit 4: backup state.</summary>
    BackupState = 0x10,

    /// <summary>Bit 5: reserved.</summary>
    Reserved2 = 0x20,

    /// <summary>Bit 6: attested credential data included.</summary>
    AttestedCredentialData = 0x40,

    /// <summary>Bit 7: extension data included.</summary>
    ExtensionData = 0x80,
}

/// <summary>
/// Authenticator data: what the authenticator says of itself and signs. Byte strings are slices of what was parsed.
/// <see href="https://www.w3.org/TR/webauthn-3/#sctn-authenticator-data"/>
/// </summary>
/// <param name="RpIdHash">SHA-256 of the RP ID.</param>
/// <param name="UserPresent">UP: the authenticator tested user presence.</param>
/// <param name="UserVerified">UV: the authenticator verified the user.</param>
/// <param name="BackupEligible">BE: the credential may live on more than one device.</param>
/// <param name="BackupState">BS: it is backed up now.</param>
/// <param name="SignCount">The signature counter; zero where there is none.</param>
/// <param name="AttestedCredentialData">The new credential; at registration only.</param>
/// <param name="Extensions">The extension outputs, a CBOR map as it was encoded; absent when there are none.</param>
public readonly record struct AuthenticatorData(
    RpIdHash RpIdHash,
    bool UserPresent,
    bool UserVerified,
    bool BackupEligible,
    bool BackupState,
    uint SignCount,
    AttestedCredentialData? AttestedCredentialData = null,
    ByteString? Extensions = null)
{
    /// <summary>Bytes that are always there: rpIdHash, flags, signCount.</summary>
    public const int MinLength = RpIdHash.Length + 1 + 4;

    /// <summary>The flags byte; the last two flags follow the data.</summary>
    public AuthenticatorDataFlags Flags =>
        (UserPresent ? AuthenticatorDataFlags.UserPresent : 0)
        | (UserVerified ? AuthenticatorDataFlags.UserVerified : 0)
        | (BackupEligible ? AuthenticatorDataFlags.BackupEligible : 0)
        | (BackupState ? AuthenticatorDataFlags.BackupState : 0)
        | (AttestedCredentialData is null ? 0 : AuthenticatorDataFlags.AttestedCredentialData)
        | (Extensions is null ? 0 : AuthenticatorDataFlags.ExtensionData);

    /// <summary>Reads authenticator data, all of it; reserved flags are passed over.</summary>
    /// <param name="bytes">What was received; the result is slices of it.</param>
    /// <param name="cbor">A reader to use again, so that nothing is allocated; one that takes keys in any order when absent.</param>
    /// <exception cref="WireFormatException">Too short, flags that promise what is not there, or bytes that no flag announces.</exception>
    public static AuthenticatorData Parse(ByteString bytes, WireCborReader? cbor = null)
    {
        cbor ??= new WireCborReader(Structure, default, form: CborForm.AnyOrder);
        var reader = new ByteReader(bytes, Structure);
        var rpIdHash = new RpIdHash(reader.ReadBytes(RpIdHash.Length));
        var flags = (AuthenticatorDataFlags)reader.ReadByte();
        var signCount = reader.ReadUInt32();
        AttestedCredentialData? attested = Has(flags, AuthenticatorDataFlags.AttestedCredentialData)
            ? WebAuthn.AttestedCredentialData.Read(ref reader, cbor)
            : null;
        ByteString? extensions = Has(flags, AuthenticatorDataFlags.ExtensionData) ? ReadExtensions(ref reader, cbor) : default(ByteString?);
        reader.ExpectEnd();

        return new(
            rpIdHash,
            Has(flags, AuthenticatorDataFlags.UserPresent),
            Has(flags, AuthenticatorDataFlags.UserVerified),
            Has(flags, AuthenticatorDataFlags.BackupEligible),
            Has(flags, AuthenticatorDataFlags.BackupState),
            signCount,
            attested,
            extensions);
    }

    /// <summary>Writes authenticator data, in the order <see cref="Parse"/> reads it.</summary>
    public ByteString Encode()
    {
        var writer = new ByteWriter(MinLength + 256)
            .Bytes(RpIdHash.Bytes)
            .Byte((byte)Flags)
            .UInt32(SignCount);
        AttestedCredentialData?.Write(writer);
        return writer.Bytes(Extensions ?? default).ToByteString();
    }

    private const string Structure = "authenticator data";

    // Enum.HasFlag boxes until the method is optimized: this path allocates nothing from its first call.
    private static bool Has(AuthenticatorDataFlags flags, AuthenticatorDataFlags flag) => (flags & flag) != 0;

    private static ByteString ReadExtensions(ref ByteReader reader, WireCborReader cbor)
    {
        cbor.Reset("authenticator extension outputs", reader.Rest.Memory);
        if (cbor.Peek() != System.Formats.Cbor.CborReaderState.StartMap)
        {
            throw reader.Wrong("has extension data that is not a map");
        }

        return reader.ReadBytes(cbor.ReadEncodedValue().Length);
    }
}
