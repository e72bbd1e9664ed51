namespace Latchkey.NativeHost.Tests;

public sealed class HostOptionsTests
{
    private static readonly string Data = Path.GetFullPath("/data");

    private static readonly string[] Wrapper = ["--data", Data, "--start", "/opt/app", "--data", Data, "--background", "--"];

    public static TheoryData<string[], string> Browsers => new()
    {
        { ["chrome-extension://abc/"], "chrome-extension://abc/" },
        { ["chrome-extension://abc/", "--parent-window=0"], "chrome-extension://abc/" },
        { ["/home/ana/.mozilla/native-messaging-hosts/latchkey.json", "authenticator@latchkey.invalid"], "authenticator@latchkey.invalid" },
    };

    [Theory]
    [MemberData(nameof(Browsers))]
    public void What_the_wrapper_and_the_browser_say_is_told_apart(string[] fromBrowser, string extension)
    {
        Assert.True(HostOptions.TryParse([.. Wrapper, .. fromBrowser], out var options));

        if (!OperatingSystem.IsWindows()) Assert.Equal("/data/browsers.sock", options.Pipe);
        Assert.Equal(["/opt/app", "--data", Data, "--background"], options.Program);
        Assert.Equal(extension, options.Extension);
    }

    [Theory]
    [InlineData("")]
    [InlineData("--data /data -- chrome-extension://abc/")]
    [InlineData("--data /data --start -- chrome-extension://abc/")]
    [InlineData("--data data --start app -- chrome-extension://abc/")]
    [InlineData("--data /data --start app --")]
    [InlineData("--data /data --start app -- https://evil.example/")]
    [InlineData("chrome-extension://abc/")]
    public void A_start_by_anybody_else_is_refused(string line) =>
        Assert.False(HostOptions.TryParse(line.Split(' '), out _));
}
