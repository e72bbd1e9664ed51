using Latchkey.AuthenticatorApp.Device;

namespace Latchkey.AuthenticatorApp.Tests;

public sealed class ServerEntryTests
{
    [Theory]
    [InlineData("login.example.org", "https://login.example.org/", null)]
    [InlineData("  https://login.example.org/security-info?x=1 ", "https://login.example.org/", null)]
    [InlineData("https://login.example.org:8443", "https://login.example.org:8443/", null)]
    [InlineData("localhost:7080", "http://localhost:7080/", null)]
    [InlineData("http://localhost:7080/", "http://localhost:7080/", null)]
    [InlineData("latchkey:add?server=http%3A%2F%2Flocalhost%3A7080&code=AB12-CD34", "http://localhost:7080/", "AB12-CD34")]
    [InlineData("ab12 cd34", null, "AB12-CD34")]
    [InlineData("AB12-CD34", null, "AB12-CD34")]
    public void An_address_the_portals_link_or_its_code_is_understood(string text, string? server, string? code)
    {
        Assert.True(ServerEntry.TryParse(text, out var entry));

        Assert.Equal((server, code), (entry.Server?.AbsoluteUri, entry.Handoff));
    }

    [Theory]
    [InlineData("")]
    [InlineData("intranet")]
    [InlineData("http://login.example.org")] // a password would travel in the clear
    [InlineData("https://127.0.0.1:7080")] // an address can have no passkeys
    [InlineData("https://[::1]:7080")]
    [InlineData("https://user:secret@login.example.org")]
    [InlineData("ftp://login.example.org")]
    [InlineData("latchkey:add?code=AB12-CD34")]
    [InlineData("latchkey:add?server=http%3A%2F%2Fevil.example&code=AB12-CD34")]
    [InlineData("javascript:alert(1)")]
    public void Anything_else_is_not(string text) => Assert.False(ServerEntry.TryParse(text, out _));
}
