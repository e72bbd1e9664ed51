using System.Net;

namespace Latchkey.TunnelService.Tests;

public sealed class RelayOptionsTests
{
    [Fact]
    public void Without_options_it_listens_on_loopback_with_the_limits_of_the_library()
    {
        var options = RelayOptions.Parse([]);

        Assert.Equal(IPAddress.Loopback, options.Bind);
        Assert.Equal(new TunnelLimits(), options.Limits);
    }

    [Theory]
    [InlineData("--port", "70000")]
    [InlineData("--bind", "localhost")]
    [InlineData("--idle", "0")]
    [InlineData("--tunnels", "-1")]
    [InlineData("--certificate", "a.pem")]
    [InlineData("--port")]
    [InlineData("--what", "1")]
    public void Wrong_use_is_a_sentence(params string[] args) =>
        Assert.NotEmpty(Assert.Throws<FormatException>(() => RelayOptions.Parse(args)).Message);
}
