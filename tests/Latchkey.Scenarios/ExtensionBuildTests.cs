using System.Security.Cryptography;
using System.Text.Json;

namespace Latchkey.Scenarios;

/// <summary>What a browser would load: the folder beside the Authenticator for each.</summary>
public sealed class ExtensionBuildTests
{
    [Fact]
    public async Task Both_builds_name_only_files_that_are_there_and_ask_for_nothing_but_the_native_host()
    {
        foreach (var browser in (string[])["chromium", "firefox"])
        {
            var folder = FolderOf(browser);
            using var manifest = Manifest(browser);
            var root = manifest.RootElement;
            Assert.Equal(3, root.GetProperty("manifest_version").GetInt32());
            Assert.Equal(["nativeMessaging"], root.GetProperty("permissions").EnumerateArray().Select(one => one.GetString()!));
            Assert.False(root.TryGetProperty("host_permissions", out _));
            // A page can show the frame of what stands over it, and nothing else of the extension's.
            Assert.Equal(["frame.html"], root.GetProperty("web_accessible_resources").EnumerateArray().SelectMany(one => one.GetProperty("resources").EnumerateArray()).Select(one => one.GetString()!));
            var named = root.GetProperty("content_scripts").EnumerateArray().SelectMany(script => script.GetProperty("js").EnumerateArray())
                .Concat(root.GetProperty("icons").EnumerateObject().Select(icon => icon.Value)).Select(file => file.GetString()!)
                .Concat(["worker.js", "native.js", "sheets.js", "frame.html", "frame.css", "frame.js", "parts.js", "question.js", "list.js"]);
            Assert.All(named, file => Assert.True(File.Exists(Path.Combine(folder, file)), file));
            using var texts = JsonDocument.Parse(await File.ReadAllTextAsync(Path.Combine(folder, "_locales", "en", "messages.json"), TestContext.Current.CancellationToken));
            Assert.All(
                ["name", "description", "saveTitle", "saveLead", "signInTitle", "signInLead", "save", "continue", "anotherWay", "cancel", "progressTitle", "progressLead",
                    "noneTitle", "noneLead", "waitingTitle", "waitingLead", "adviceTitle", "close", "gone", "fieldTitle", "fieldLocked", "fieldNone", "fieldOne", "fieldMany"],
                text => Assert.True(texts.RootElement.TryGetProperty(text, out _), text));
        }
    }

    [Fact]
    public void Each_browser_finds_the_ID_the_native_host_lets_in_and_the_worker_it_knows()
    {
        using var chromium = Manifest("chromium");
        // Chromium's ID: the first 16 bytes of the key's hash, each half byte a letter from a to p
        var hash = SHA256.HashData(chromium.RootElement.GetProperty("key").GetBytesFromBase64())[..16];
        Assert.Equal(ExtensionStage.ExtensionId, string.Concat(hash.SelectMany(one => (char[])[(char)('a' + (one >> 4)), (char)('a' + (one & 15))])));
        Assert.Equal("worker.js", chromium.RootElement.GetProperty("background").GetProperty("service_worker").GetString());

        using var firefox = Manifest("firefox");
        Assert.All(["version", "permissions", "content_scripts", "icons"], name => Assert.True(JsonElement.DeepEquals(chromium.RootElement.GetProperty(name), firefox.RootElement.GetProperty(name)), name));
        Assert.Equal("authenticator@latchkey.org", firefox.RootElement.GetProperty("browser_specific_settings").GetProperty("gecko").GetProperty("id").GetString());
        Assert.Equal("worker.js", firefox.RootElement.GetProperty("background").GetProperty("scripts")[0].GetString());
        Assert.False(firefox.RootElement.TryGetProperty("key", out _) || firefox.RootElement.GetProperty("background").TryGetProperty("service_worker", out _));
    }

    private static JsonDocument Manifest(string browser) => JsonDocument.Parse(File.ReadAllBytes(Path.Combine(FolderOf(browser), "manifest.json")));

    private static string FolderOf(string browser) => Path.Combine(ExtensionStage.FolderOf("Latchkey.AuthenticatorApp"), "extension", browser);
}
