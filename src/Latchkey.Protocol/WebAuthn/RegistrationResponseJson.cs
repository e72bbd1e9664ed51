using System.Text;
using Latchkey.Protocol.Cose;

namespace Latchkey.Protocol.WebAuthn;

/// <summary>
/// What a browser's <c>PublicKeyCredential.toJSON()</c> gives after <c>navigator.credentials.create()</c>.
/// <see href="https://www.w3.org/TR/webauthn-3/#dictdef-registrationresponsejson"/>
/// </summary>
/// <param name="Id">The credential ID (<c>id</c>, <c>rawId</c>).</param>
/// <param name="ClientDataJson">The client data as it was hashed.</param>
/// <param name="AttestationObject">The attestation object as it was made.</param>
/// <remarks>The convenience members <c>authenticatorData</c>, <c>publicKey</c> and <c>publicKeyAlgorithm</c> repeat, unsigned, what the
/// attestation object says; they are written for other readers and never read.</remarks>
public readonly record struct RegistrationResponseJson(CredentialId Id, ByteString ClientDataJson, ByteString AttestationObject)
{
    /// <summary><c>transports</c>: how the authenticator can be reached, as the client believes; unknown names are kept.</summary>
    public IReadOnlyList<string> Transports { get; init; } = [];

    /// <summary><c>authenticatorAttachment</c>, if the client said it.</summary>
    public string? AuthenticatorAttachment { get; init; }

    /// <summary>Client extension output <c>credProps.rk</c>: whether the credential is discoverable, if the client said it.</summary>
    public bool? CredPropsRk { get; init; }

    /// <summary>Client extension output <c>appidExclude</c>: true when the client looked under the AppID too; absent when nobody asked.</summary>
    public bool? AppIdExcluded { get; init; }

    /// <summary>The most transports read.</summary>
    public const int MaxTransports = 16;

    /// <summary>Reads the JSON form.</summary>
    /// <param name="json">UTF-8.</param>
    /// <param name="buffer">Where the byte strings are decoded to, at least as long as <paramref name="json"/>; a fresh one when absent. The result borrows it.</param>
    /// <exception cref="WireFormatException">Not such an object: a member missing, twice, of another type, or not base64url without padding.</exception>
    public static RegistrationResponseJson Parse(ReadOnlySpan<byte> json, byte[]? buffer = null)
    {
        var members = new Members();
        var reader = new JsonObjectReader(json, Structure);
        var (id, attachment) = CredentialJson.Read(ref reader, buffer ?? new byte[json.Length], ref members);
        if (!members.HasClientData || !members.HasAttestationObject)
        {
            throw reader.Wrong("lacks response.clientDataJSON or response.attestationObject");
        }

        return new(id, members.ClientData, members.AttestationObject)
        {
            Transports = members.Transports,
            AuthenticatorAttachment = attachment,
            CredPropsRk = members.ResidentKey,
            AppIdExcluded = members.AppIdExclude,
        };
    }

    /// <summary>Writes the JSON form, UTF-8, with the members in the standard's order.</summary>
    public byte[] Encode()
    {
        var self = this;
        var authenticatorData = WebAuthn.AttestationObject.Parse(AttestationObject).AuthData;
        var key = TryReadKey(authenticatorData);
        return CredentialJson.Encode(Id, AuthenticatorAttachment, json =>
        {
            json.WriteString("clientDataJSON", self.ClientDataJson.ToBase64Url());
            json.WriteString("authenticatorData", authenticatorData.ToBase64Url());
            json.WriteStartArray("transports");
            foreach (var transport in self.Transports)
            {
                json.WriteStringValue(transport);
            }

            json.WriteEndArray();
            // "publicKey", absent where the key is of a kind this client does not understand
            if (key?.ToSubjectPublicKeyInfo() is { } publicKey)
            {
                json.WriteString("publicKey", publicKey.ToBase64Url());
            }

            if (key is { } known)
            {
                json.WriteNumber("publicKeyAlgorithm", (int)known.Algorithm);
            }

            json.WriteString("attestationObject", self.AttestationObject.ToBase64Url());
        }, extensions =>
        {
            if (self.CredPropsRk is { } residentKey)
            {
                extensions.WriteStartObject("credProps");
                extensions.WriteBoolean("rk", residentKey);
                extensions.WriteEndObject();
            }

            if (self.AppIdExcluded is { } excluded)
            {
                extensions.WriteBoolean("appidExclude", excluded);
            }
        });
    }

    private static CoseKey? TryReadKey(ByteString authenticatorData)
    {
        try
        {
            return WebAuthn.AuthenticatorData.Parse(authenticatorData).AttestedCredentialData is { } attested ? CoseKey.Parse(attested.CredentialPublicKey) : null;
        }
        catch (WireFormatException)
        {
            // It repeats what the attestation object says; whoever judges that says what is wrong with it.
            return null;
        }
    }

    private const string Structure = "registration response";

    private struct Members() : ICredentialMembers
    {
        public ByteString ClientData, AttestationObject;
        public bool HasClientData, HasAttestationObject;
        public IReadOnlyList<string> Transports = [];
        public bool? ResidentKey, AppIdExclude;
        private bool _hasTransports, _hasCredProps, _hasResidentKey, _hasAppIdExclude;

        public void ReadResponseMember(ref JsonObjectReader reader, byte[] buffer, ref int used)
        {
            if (reader.NameIs("clientDataJSON"u8))
            {
                ClientData = reader.ReadBase64Url(buffer, ref used, ref HasClientData);
            }
            else if (reader.NameIs("attestationObject"u8))
            {
                AttestationObject = reader.ReadBase64Url(buffer, ref used, ref HasAttestationObject);
            }
            else if (reader.NameIs("transports"u8))
            {
                if (reader.TryEnterArray(ref _hasTransports)) Transports = ReadTransports(ref reader);
            }
            else
            {
                reader.SkipValue();
            }
        }

        public void ReadExtension(ref JsonObjectReader reader)
        {
            if (reader.NameIs("credProps"u8))
            {
                if (!reader.TryEnterObject(ref _hasCredProps)) return;
                while (reader.NextMember())
                {
                    if (reader.NameIs("rk"u8))
                    {
                        ResidentKey = reader.ReadBoolean(ref _hasResidentKey);
                    }
                    else
                    {
                        reader.SkipValue();
                    }
                }
            }
            else if (reader.NameIs("appidExclude"u8))
            {
                AppIdExclude = reader.ReadBoolean(ref _hasAppIdExclude);
            }
            else
            {
                reader.SkipValue();
            }
        }
    }

    private static IReadOnlyList<string> ReadTransports(ref JsonObjectReader reader)
    {
        // Clients give them sorted and without doubles; such lists are made once each, so that the usual one costs nothing.
        var count = 0;
        var known = 0;
        var last = -1;
        List<string>? list = null;
        while (reader.NextString(out var utf8))
        {
            if (count++ == MaxTransports)
            {
                throw reader.Wrong($"has more than {MaxTransports} transports");
            }

            var index = KnownTransports.IndexOf(utf8);
            if (list is null && index > last)
            {
                known |= 1 << index;
                last = index;
                continue;
            }

            list ??= [.. KnownTransports.List(known)];
            list.Add(Encoding.UTF8.GetString(utf8));
        }

        return list ?? KnownTransports.List(known);
    }

    /// <summary>The registered transports, sorted, and the lists that can be made of them.</summary>
    private static class KnownTransports
    {
        private static readonly string[] Names = ["ble", "hybrid", "internal", "nfc", "smart-card", "usb"];
        private static readonly IReadOnlyList<string>?[] Lists = new IReadOnlyList<string>?[1 << 6];

        public static int IndexOf(ReadOnlySpan<byte> utf8)
        {
            for (var i = 0; i < Names.Length; i++)
            {
                if (Ascii.Equals(utf8, Names[i]))
                {
                    return i;
                }
            }

            return -1;
        }

        public static IReadOnlyList<string> List(int known) => Lists[known] ??= Make(known);

        private static string[] Make(int known) => [.. Names.Where((_, i) => (known & (1 << i)) != 0)];
    }
}
