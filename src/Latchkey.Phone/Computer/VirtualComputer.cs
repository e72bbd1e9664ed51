namespace Latchkey.Phone.Computer;

/// <summary>
/// The computer beside the phone: the installed browser, unmodified, in a throwaway home. It knows three things that no other browser knows:
/// a system bus with a stand-in for BlueZ, where the meeting point's name leads, and the certificate authority behind it.
/// </summary>
internal sealed class VirtualComputer : IAsyncDisposable
{
    private readonly DirectoryInfo _home;

    private VirtualComputer(DirectoryInfo home, Browser browser) => (_home, Browser) = (home, browser);

    public Browser Browser { get; }

    public static async Task<VirtualComputer> StartAsync(
        Requirements requirements, MeetingPoint meetingPoint, string bus, Display? display, Uri firstPage, IEnumerable<string> options, CancellationToken cancellationToken)
    {
        var home = Directory.CreateTempSubdirectory("latchkey-computer");
        try
        {
            await meetingPoint.Authority.TrustInAsync(home, cancellationToken);
            var place = new WindowPlace(0, 0, Display.ComputerWidth, Display.Height);
            return new(home, await Browser.StartAsync(
                requirements.Browser, home, firstPage, place, display?.Name, bus, [$"--host-resolver-rules={meetingPoint.ResolverRules}", .. options], cancellationToken));
        }
        catch
        {
            home.Delete(recursive: true);
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await Browser.DisposeAsync();
        try
        {
            _home.Delete(recursive: true);
        }
        catch (IOException)
        {
            // A process of the browser's still wrote: the system clears temporary folders.
        }
    }
}
