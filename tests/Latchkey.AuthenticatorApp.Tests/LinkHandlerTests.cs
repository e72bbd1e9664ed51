using Latchkey.AuthenticatorApp.Device;

namespace Latchkey.AuthenticatorApp.Tests;

public sealed class LinkHandlerTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("latchkey-links").FullName;

    private string Location => Path.Combine(_directory, "applications", LinkHandler.FileName);

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public void Turned_on_there_is_a_desktop_file_for_both_kinds_of_links_and_turned_off_there_is_none()
    {
        var handler = Handler("/data");
        Assert.False(handler.IsOn);

        handler.TurnOn();

        Assert.True(handler.IsOn);
        var lines = File.ReadAllLines(Location);
        Assert.Contains("""Exec="/opt/latchkey/authenticator" "--data" "/data" "--open" %u""", lines);
        Assert.Contains("MimeType=x-scheme-handler/fido;x-scheme-handler/latchkey;", lines);
        Assert.Equal("[Desktop Entry]", lines[0]);
        var picture = Path.Combine(_directory, "icons", "hicolor", "scalable", "apps", "latchkey-authenticator.svg");
        Assert.Contains("Icon=latchkey-authenticator", lines);
        Assert.StartsWith("<svg", File.ReadAllText(picture), StringComparison.Ordinal);

        handler.TurnOff();
        Assert.False(handler.IsOn);
        Assert.False(File.Exists(Location));
        Assert.False(File.Exists(picture));
    }

    [Fact]
    public void A_file_for_another_data_directory_is_not_ours()
    {
        Handler("/other").TurnOn();

        Assert.False(Handler("/data").IsOn);
    }

    [Fact]
    public void A_directory_with_odd_characters_stays_one_argument_and_no_field_code()
    {
        Handler("""/my "data" $HOME `x` 100%u \""").TurnOn();

        var exec = Assert.Single(File.ReadAllLines(Location), line => line.StartsWith("Exec=", StringComparison.Ordinal));
        Assert.Equal("""Exec="/opt/latchkey/authenticator" "--data" "/my \\"data\\" \\$HOME \\`x\\` 100%%u \\\\" "--open" %u""", exec);
    }

    private LinkHandler Handler(string data) => new(Path.Combine(_directory, "applications"), ["/opt/latchkey/authenticator"], data);
}
