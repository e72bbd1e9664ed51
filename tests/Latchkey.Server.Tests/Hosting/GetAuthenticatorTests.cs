using System.Net;
using System.Security.Cryptography;
using Latchkey.Server.Tests.Hosts;

namespace Latchkey.Server.Tests.Hosting;

/// <summary>Where a device gets the Authenticator: what the organisation put there, or how to start one.</summary>
public sealed class GetAuthenticatorTests : IAsyncLifetime
{
    private static readonly byte[] Package = "a package"u8.ToArray();

    private RunningServer _server = null!;
    private HttpClient _http = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private string Folder => Path.Combine(_server.Options.DataDirectory, "downloads");

    public async ValueTask InitializeAsync()
    {
        _server = await RunningServer.StartAsync();
        _http = _server.NewClient();
    }

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await _server.DisposeAsync();
    }

    [Fact]
    public async Task Without_a_package_the_page_says_whom_to_ask_and_tells_administrators_what_to_do()
    {
        var page = await _http.GetStringAsync("/get-authenticator", Token);

        Assert.Contains("Ask your administrator", page, StringComparison.Ordinal);
        Assert.Contains("./package", page, StringComparison.Ordinal);
        Assert.DoesNotContain("dotnet", page, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("latchkey-authenticator-linux-x64.tar.gz", "Linux")]
    [InlineData("Latchkey-win-x64.zip", "Windows")]
    [InlineData("latchkey_osx-arm64.dmg", "macOS")]
    [InlineData("latchkey.apk", "Android")]
    [InlineData("latchkey-ios.ipa", "iOS")]
    public async Task A_package_is_listed_with_platform_size_and_hash_and_is_served(string name, string platform)
    {
        Put(name);

        var page = await _http.GetStringAsync("/get-authenticator", Token);
        Assert.Contains($"Authenticator for {platform}", page, StringComparison.Ordinal);
        Assert.Contains(Convert.ToHexStringLower(SHA256.HashData(Package)), page, StringComparison.Ordinal);

        var answer = await _http.GetAsync("/downloads/" + name, Token);
        Assert.Equal(Package, await answer.Content.ReadAsByteArrayAsync(Token));
        Assert.Equal("attachment", answer.Content.Headers.ContentDisposition!.DispositionType);
    }

    [Fact]
    public async Task A_package_that_was_replaced_has_a_new_hash()
    {
        Put("latchkey-linux.tar.gz");
        var before = await _http.GetStringAsync("/get-authenticator", Token);
        await File.WriteAllBytesAsync(Path.Combine(Folder, "latchkey-linux.tar.gz"), [1, 2, 3], Token);

        var after = await _http.GetStringAsync("/get-authenticator", Token);

        Assert.DoesNotContain(Convert.ToHexStringLower(SHA256.HashData([1, 2, 3])), before, StringComparison.Ordinal);
        Assert.Contains(Convert.ToHexStringLower(SHA256.HashData([1, 2, 3])), after, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("..%2Flatchkey.db")]
    [InlineData("../latchkey.db")]
    [InlineData("%2e%2e%2fkeys%2fceremony-seal.key")]
    [InlineData(".hidden")]
    [InlineData("link.zip")]
    [InlineData("none.zip")]
    public async Task Nothing_but_what_lies_in_the_folder_is_served(string name)
    {
        Put(".hidden");
        File.CreateSymbolicLink(Path.Combine(Folder, "link.zip"), Path.Combine(_server.Options.DataDirectory, "latchkey.db"));

        Assert.Equal(HttpStatusCode.NotFound, (await _http.GetAsync("/downloads/" + name, Token)).StatusCode);
    }

    private void Put(string name)
    {
        Directory.CreateDirectory(Folder);
        File.WriteAllBytes(Path.Combine(Folder, name), Package);
    }
}
