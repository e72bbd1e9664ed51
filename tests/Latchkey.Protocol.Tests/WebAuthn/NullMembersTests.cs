using System.Text;
using System.Text.Json.Nodes;
using Latchkey.Protocol.WebAuthn;

namespace Latchkey.Protocol.Tests.WebAuthn;

/// <summary>Clients in other languages write null where there is nothing: an optional member that is null counts as absent, a required one as missing.</summary>
public sealed class NullMembersTests
{
    private const string Registration =
        """{"id":"AQ","rawId":"AQ","type":"public-key","authenticatorAttachment":"platform","response":{"clientDataJSON":"e30","attestationObject":"oA","transports":["usb"]},"clientExtensionResults":{"credProps":{"rk":true},"appidExclude":true}}""";

    private const string Authentication =
        """{"id":"AQ","rawId":"AQ","type":"public-key","authenticatorAttachment":"platform","response":{"clientDataJSON":"e30","authenticatorData":"AA","signature":"AA","userHandle":"AQ"},"clientExtensionResults":{"appid":true}}""";

    private const string Creation =
        """{"rp":{"name":"Example","id":"example.org"},"user":{"id":"AQ","name":"kim","displayName":"Kim"},"challenge":"AAAAAAAAAAAAAAAAAAAAAA","pubKeyCredParams":[{"type":"public-key","alg":-7}],"timeout":60000,"excludeCredentials":[{"type":"public-key","id":"AQ","transports":["usb"]}],"authenticatorSelection":{"authenticatorAttachment":"platform","residentKey":"required","requireResidentKey":true,"userVerification":"required"},"hints":["hybrid"],"attestation":"direct","attestationFormats":["packed"],"extensions":{"credProps":true}}""";

    private const string Request =
        """{"challenge":"AAAAAAAAAAAAAAAAAAAAAA","timeout":60000,"rpId":"example.org","allowCredentials":[{"type":"public-key","id":"AQ","transports":["usb"]}],"userVerification":"required","hints":["hybrid"],"extensions":{"appid":"https://example.org"}}""";

    private const string ClientData = """{"type":"webauthn.get","challenge":"AA","origin":"https://example.org","crossOrigin":true,"topOrigin":"https://example.net"}""";

    [Theory]
    [InlineData(nameof(Registration), "rawId", "type", "authenticatorAttachment", "response.transports", "clientExtensionResults", "clientExtensionResults.credProps", "clientExtensionResults.credProps.rk", "clientExtensionResults.appidExclude")]
    [InlineData(nameof(Authentication), "rawId", "type", "authenticatorAttachment", "response.userHandle", "clientExtensionResults", "clientExtensionResults.appid")]
    [InlineData(nameof(Creation), "rp.id", "timeout", "excludeCredentials", "excludeCredentials.0.transports", "authenticatorSelection", "authenticatorSelection.authenticatorAttachment", "authenticatorSelection.residentKey", "authenticatorSelection.requireResidentKey", "authenticatorSelection.userVerification", "hints", "attestation", "attestationFormats", "extensions", "extensions.credProps")]
    [InlineData(nameof(Request), "timeout", "rpId", "allowCredentials", "allowCredentials.0.transports", "userVerification", "hints", "extensions", "extensions.appid")]
    [InlineData(nameof(ClientData), "crossOrigin", "topOrigin")]
    public void An_optional_member_that_is_null_is_read_as_if_it_were_absent(string text, params string[] members) => Assert.All(members, member =>
        Assert.Equal(Read(text, With(text, member, isNull: false)), Read(text, With(text, member, isNull: true))));

    [Theory]
    [InlineData(nameof(Registration), "id", "response", "response.clientDataJSON", "response.attestationObject")]
    [InlineData(nameof(Authentication), "id", "response", "response.clientDataJSON", "response.authenticatorData", "response.signature")]
    [InlineData(nameof(Creation), "rp", "rp.name", "user", "user.id", "challenge")]
    [InlineData(nameof(Request), "challenge")]
    [InlineData(nameof(ClientData), "type", "challenge", "origin")]
    public void A_required_member_that_is_null_is_refused(string text, params string[] members) => Assert.All(members, member =>
        Assert.Throws<WireFormatException>(() => Read(text, With(text, member, isNull: true))));

    [Fact]
    public void Null_and_then_a_value_is_a_member_twice()
    {
        Assert.Throws<WireFormatException>(() => CollectedClientData.Parse("""{"type":"webauthn.get","challenge":"AA","origin":"o","crossOrigin":null,"crossOrigin":true}"""u8));
        Assert.Throws<WireFormatException>(() => RegistrationResponseJson.Parse(Encoding.UTF8.GetBytes(Registration.Replace("\"authenticatorAttachment\":", "\"authenticatorAttachment\":null,\"authenticatorAttachment\":", StringComparison.Ordinal))));
    }

    private static byte[] With(string text, string member, bool isNull)
    {
        var root = JsonNode.Parse(Text(text))!;
        var path = member.Split('.');
        var parent = path[..^1].Aggregate(root, (node, name) => char.IsAsciiDigit(name[0]) ? node[int.Parse(name, System.Globalization.CultureInfo.InvariantCulture)]! : node[name]!);
        if (isNull) parent[path[^1]] = null;
        else parent.AsObject().Remove(path[^1]);
        return Encoding.UTF8.GetBytes(root.ToJsonString());
    }

    private static string Text(string text) => text switch
    {
        nameof(Registration) => Registration,
        nameof(Authentication) => Authentication,
        nameof(Creation) => Creation,
        nameof(Request) => Request,
        _ => ClientData,
    };

    // What was read, written again: equal texts are equal readings.
    private static string Read(string text, byte[] json)
    {
        switch (text)
        {
            case nameof(Registration):
                var made = RegistrationResponseJson.Parse(json);
                return $"{made.Id} {made.AuthenticatorAttachment} {string.Join(',', made.Transports)} {made.CredPropsRk} {made.AppIdExcluded}";
            case nameof(Authentication): return Encoding.UTF8.GetString(AuthenticationResponseJson.Parse(json).Encode());
            case nameof(Creation): return Encoding.UTF8.GetString(PublicKeyCredentialCreationOptions.Parse(json).Encode());
            case nameof(Request): return Encoding.UTF8.GetString(PublicKeyCredentialRequestOptions.Parse(json).Encode());
            default:
                var data = CollectedClientData.Parse(json);
                return $"{Encoding.UTF8.GetString(data.Type)} {Encoding.UTF8.GetString(data.Challenge)} {Encoding.UTF8.GetString(data.Origin)} {data.CrossOrigin} {data.HasTopOrigin} {Encoding.UTF8.GetString(data.TopOrigin)}";
        }
    }
}
