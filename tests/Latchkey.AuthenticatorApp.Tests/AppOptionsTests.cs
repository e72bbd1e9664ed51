using Latchkey.AuthenticatorApp.Device;

namespace Latchkey.AuthenticatorApp.Tests;

public sealed class AppOptionsTests
{
    [Fact]
    public void Everything_can_be_said_at_once()
    {
        var file = typeof(AppOptionsTests).Assembly.Location;

        Assert.True(AppOptions.TryParse(
            ["--data", "/d", "--port", "7081", "--server", "login.example.org", "--no-browser", "--tunnel-domain", "266", "--tunnel-url", "wss://127.0.0.1:8443", "--ca", file, "--open", "FIDO:/123", "--shown-in", "http://127.0.0.1:7090"],
            out var options,
            out _));

        Assert.Equal(
            (7081, "https://login.example.org/", false, (ushort)266, "wss://127.0.0.1:8443/", file, "FIDO:/123", "http://127.0.0.1:7090"),
            (options.Port, options.Server!.AbsoluteUri, options.OpensBrowser, options.TunnelDomain!.Value.Id, options.TunnelUrl!.AbsoluteUri, options.CaFile, options.Open, options.ShownIn));
    }

    [Fact]
    public void Nothing_said_is_the_persons_own_vault_in_a_browser_window()
    {
        Assert.True(AppOptions.TryParse([], out var options, out _));

        Assert.True(options.OpensBrowser);
        Assert.True(Path.IsPathFullyQualified(options.DataDirectory), options.DataDirectory);
        Assert.Equal((0, null, null, null), (options.Port, options.TunnelDomain, options.Open, options.ShownIn));
    }

    [Fact]
    public void A_menu_that_has_no_link_to_open_starts_the_program_all_the_same()
    {
        Assert.True(AppOptions.TryParse(["--data", "/d", "--open"], out var options, out _));

        Assert.Equal(("/d", null), (options.DataDirectory, options.Open));
    }

    [Fact]
    public void Installing_keeps_what_the_program_is_to_be_started_with()
    {
        Assert.True(AppOptions.TryParse(["--install", "--server", "login.example.org", "--data", "/d"], out var options, out _));

        Assert.Equal(InstallationWish.Install, options.Installation);
        Assert.Equal(["--data", "/d", "--server", "https://login.example.org/", "--background"], options.ForBackground);
    }

    [Theory]
    [InlineData("--port", "70000")]
    [InlineData("--server", "http://login.example.org")]
    [InlineData("--tunnel-domain", "-1")]
    [InlineData("--tunnel-domain", "65536")]
    [InlineData("--tunnel-domain", "77")] // assigned to nobody
    [InlineData("--tunnel-url", "ftp://127.0.0.1")]
    [InlineData("--tunnel-url", "cable")]
    [InlineData("--ca", "/no/such/file")]
    [InlineData("--open", "https://example.org")]
    [InlineData("--open", "javascript:alert(1)")]
    [InlineData("--shown-in", "http://example.org:7090")]
    [InlineData("--shown-in", "https://127.0.0.1:7090")]
    [InlineData("--shown-in", "http://localhost:7090")] // another site: the cookie would not come along
    [InlineData("--shown-in", "http://127.0.0.1:7090/")]
    [InlineData("--shown-in", "http://127.0.0.1:7090; script-src *")]
    [InlineData("--shown-in", "*")]
    [InlineData("--data", null)]
    [InlineData("--what", "x")]
    public void What_makes_no_sense_is_said_with_the_usage(string name, string? value)
    {
        Assert.False(AppOptions.TryParse(value is null ? [name] : [name, value], out _, out var problem));

        Assert.Contains("Usage:", problem, StringComparison.Ordinal);
    }
}
