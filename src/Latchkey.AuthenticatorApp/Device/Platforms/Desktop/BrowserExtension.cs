using System.Security.Cryptography;

namespace Latchkey.AuthenticatorApp.Device.Platforms.Desktop;

/// <summary>The extension this program belongs together with; its files are copied beside the program.</summary>
internal static class BrowserExtension
{
    /// <summary>The name by which the extension asks its browser for the native host.</summary>
    public const string HostName = "org.latchkey.authenticator";

    /// <summary>Its ID in Chromium and its kin: it follows from <c>key</c> in its manifest. A test holds the two together.</summary>
    public const string ChromiumId = "njpkjgpeohnibeckmeomojlbcaeekcag";

    /// <summary>Its ID in Firefox, as its manifest there says it.</summary>
    public const string FirefoxId = "authenticator@latchkey.org";

    /// <summary>The folder to load in Chromium and its kin; null when this copy of the program was made without it.</summary>
    public static string? Folder(BrowserFamily family) =>
        Path.Combine(AppContext.BaseDirectory, "extension", family == BrowserFamily.Firefox ? "firefox" : "chromium") is var folder && Directory.Exists(folder) ? folder : null;

    /// <summary>The ID of an extension with this public key: "the first 128 bits of its SHA-256, in hexadecimal, a to p".</summary>
    /// <param name="key">DER, as <c>key</c> holds it in base64.</param>
    public static string IdOf(byte[] key) =>
        string.Concat(SHA256.HashData(key).Take(16).SelectMany(value => new[] { (char)('a' + (value >> 4)), (char)('a' + (value & 0xF)) }));
}
