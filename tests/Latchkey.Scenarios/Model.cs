using System.Text.Json.Nodes;
using Microsoft.Playwright;

namespace Latchkey.Scenarios;

/// <summary>Which model a passkey says it is of. Chromium's virtual authenticator names none; ours does.</summary>
internal static class Model
{
    private static readonly byte[] Ours = [0xde, 0xd0, 0x06, 0x05, 0x1e, 0x89, 0x46, 0x10, 0x85, 0x9f, 0x70, 0xea, 0xbe, 0x86, 0x6e, 0x61];

    /// <summary>Writes our model over what the virtual authenticator says, in the unsigned response on its way to the server.</summary>
    /// <param name="page">The page.</param>
    /// <param name="way">The way's name in addresses.</param>
    public static Task SayItIsOursAsync(this IPage page, string way) => page.RouteAsync($"**/security-info/add/{way}?platform=*", async route =>
    {
        var response = JsonNode.Parse(route.Request.PostData!)!;
        var text = response["response"]!["attestationObject"]!.GetValue<string>();
        var bytes = System.Buffers.Text.Base64Url.DecodeFromChars(text);
        // "authData", a byte string with a one-byte length; in it RP ID hash (32), flags (1), counter (4), then the model
        var at = bytes.AsSpan().IndexOf("authData"u8) + "authData".Length + 2 + 37;
        Ours.CopyTo(bytes, at);
        response["response"]!["attestationObject"] = System.Buffers.Text.Base64Url.EncodeToString(bytes);
        await route.ContinueAsync(new() { PostData = System.Text.Encoding.UTF8.GetBytes(response.ToJsonString()) });
    });
}
