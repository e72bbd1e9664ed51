namespace Latchkey.Phone.Computer;

/// <summary>A system bus of our own, where nobody else is: dbus-daemon on a socket in a folder of its own.</summary>
internal sealed class PrivateBus : IAsyncDisposable
{
    private readonly ChildProgram _daemon;
    private readonly DirectoryInfo _directory;

    private PrivateBus(ChildProgram daemon, DirectoryInfo directory, string address) => (_daemon, _directory, Address) = (daemon, directory, address);

    /// <summary>What <c>DBUS_SYSTEM_BUS_ADDRESS</c> is set to.</summary>
    public string Address { get; }

    public static async Task<PrivateBus> StartAsync(CancellationToken cancellationToken)
    {
        var directory = Directory.CreateTempSubdirectory("latchkey-bus");
        var address = $"unix:path={Path.Combine(directory.FullName, "bus")}";
        var configuration = Path.Combine(directory.FullName, "bus.conf");
        await File.WriteAllTextAsync(
            configuration,
            $"""
            <!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN" "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
            <busconfig>
              <type>system</type>
              <listen>{address}</listen>
              <auth>EXTERNAL</auth>
              <policy context="default">
                <allow send_destination="*"/>
                <allow receive_sender="*"/>
                <allow own="*"/>
              </policy>
            </busconfig>
            """,
            cancellationToken);
        var daemon = ChildProgram.Start("dbus-daemon", [$"--config-file={configuration}", "--nofork", "--nopidfile", "--nosyslog", "--print-address"]);
        try
        {
            await daemon.LineAsync("unix:", cancellationToken);
            return new(daemon, directory, address);
        }
        catch
        {
            await daemon.DisposeAsync();
            directory.Delete(recursive: true);
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _daemon.DisposeAsync();
        _directory.Delete(recursive: true);
    }
}
