using System.Text;
using Latchkey.Authenticator;
using Latchkey.Protocol;
using Latchkey.Protocol.WebAuthn;

namespace Latchkey.Server.Tests.Hosts;

/// <summary>A passkey of another model than ours: unattested, so its model is what it says.</summary>
internal static class OtherModel
{
    public static RegistrationResponseJson Of(RegistrationResponseJson response, Guid aaguid)
    {
        var bytes = response.AttestationObject.ToArray();
        var at = bytes.AsSpan().IndexOf(AuthenticatorAaguid.Value.Value.ToByteArray(bigEndian: true));
        aaguid.ToByteArray(bigEndian: true).CopyTo(bytes, at);
        var json = Encoding.UTF8.GetString(response.Encode()).Replace(response.AttestationObject.ToBase64Url(), new ByteString(bytes).ToBase64Url(), StringComparison.Ordinal);
        return RegistrationResponseJson.Parse(Encoding.UTF8.GetBytes(json));
    }
}
