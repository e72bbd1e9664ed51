using System.Text;
using Latchkey.Protocol;

namespace Latchkey.Api.Approvals;

/// <summary>
/// What an Authenticator signs with its device key: the purpose, the server, and all that is said, each after its length, so that no two
/// statements are the same bytes and none is good anywhere else. Written here for both ends; nobody reads it back.
/// </summary>
public static class DeviceStatement
{
    private const string RegistrationPurpose = "latchkey device registration v1", AnswerPurpose = "latchkey approval answer v1", RemovalPurpose = "latchkey device removal v1";

    /// <summary>"I hold this key, and register it for this person at this server."</summary>
    /// <param name="server">The server's root.</param>
    /// <param name="userId">The person's ID there.</param>
    /// <param name="challenge">The server's challenge.</param>
    /// <param name="publicKey">The key, as it is registered.</param>
    public static ByteString Registration(Uri server, string userId, string challenge, ByteString publicKey) =>
        Write(Text(RegistrationPurpose), Text(OriginOf(server)), Text(userId), Text(challenge), publicKey);

    /// <summary>"The person at this device says so to this request."</summary>
    /// <param name="server">The server's root.</param>
    /// <param name="userId">The person's ID there.</param>
    /// <param name="approvalId">The request.</param>
    /// <param name="deviceId">The device.</param>
    /// <param name="decision">One of <see cref="ApprovalDecisions"/>.</param>
    /// <param name="number">The number that was typed; null in a refusal.</param>
    public static ByteString Answer(Uri server, string userId, string approvalId, string deviceId, string decision, string? number) =>
        Write(Text(AnswerPurpose), Text(OriginOf(server)), Text(userId), Text(approvalId), Text(deviceId), Text(decision), Text(number ?? ""));

    /// <summary>"I take myself away." Said of one registration, which ends by it: said again, it changes nothing.</summary>
    /// <param name="server">The server's root.</param>
    /// <param name="userId">The person's ID there.</param>
    /// <param name="deviceId">The device.</param>
    public static ByteString Removal(Uri server, string userId, string deviceId) => Write(Text(RemovalPurpose), Text(OriginOf(server)), Text(userId), Text(deviceId));

    /// <summary>The server as both ends write it: no path, no default port, and a name in its ASCII form.</summary>
    private static string OriginOf(Uri server) => $"{server.Scheme}://{server.AsciiHost()}{(server.IsDefaultPort ? "" : $":{server.Port}")}";

    private static ByteString Text(string text) => Encoding.UTF8.GetBytes(text);

    private static ByteString Write(params ReadOnlySpan<ByteString> fields)
    {
        var statement = new ByteWriter(256);
        foreach (var field in fields)
        {
            statement.UInt32((uint)field.Length).Bytes(field.Span);
        }

        return statement.ToByteString();
    }
}
