using Latchkey.AuthenticatorApp.Device;

namespace Latchkey.AuthenticatorApp.Tests;

public sealed class UserServiceTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("latchkey-units").FullName;

    private string Location => Path.Combine(_directory, "systemd", "user", UserService.FileName);

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public void Turned_on_there_is_a_unit_that_starts_this_program_with_the_desktop_and_turned_off_there_is_none()
    {
        var service = Service("/opt/latchkey/authenticator", "--data", "/data", "--background");

        service.TurnOn();

        var lines = File.ReadAllLines(Location);
        Assert.Contains("ExecStart=\"/opt/latchkey/authenticator\" \"--data\" \"/data\" \"--background\"", lines);
        Assert.Contains("WantedBy=graphical-session.target", lines);
        Assert.Equal("[Unit]", lines[0]);

        service.TurnOff();
        Assert.False(File.Exists(Location));
        service.TurnOff();
    }

    [Fact]
    public void A_directory_with_odd_characters_stays_one_argument_without_specifiers_and_variables()
    {
        Service("/opt/a b", """/my "data" $HOME 100%u \""").TurnOn();

        Assert.Contains("ExecStart=\"/opt/a b\" \"/my \\\"data\\\" $$HOME 100%%u \\\\\"", File.ReadAllLines(Location));
    }

    private UserService Service(params IReadOnlyList<string> command) => new(Path.GetDirectoryName(Location)!, command);
}
