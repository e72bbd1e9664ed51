using Latchkey.AuthenticatorApp.Device.Platforms;

namespace Latchkey.AuthenticatorApp.Device;

/// <summary>The app's window, unless whoever started the program shows it himself.</summary>
/// <param name="options">Whether to open one.</param>
/// <param name="guard">Lets windows in.</param>
/// <param name="platform">What opens it.</param>
internal sealed class AppWindow(AppOptions options, LoopbackGuard guard, IDevicePlatform platform)
{
    private readonly TaskCompletionSource _known = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>The address that lets a window in, once it is known.</summary>
    public Uri? Address
    {
        get;
        set
        {
            field = value;
            _known.TrySetResult();
        }
    }

    /// <summary>Ends once there is an address to show.</summary>
    public Task Known => _known.Task;

    /// <summary>An address that lets one window in, for a browser to open; null before the program listens.</summary>
    public string? AddressForBrowser() => Address is { } address ? new Uri(address, $"/?token={guard.IssueTicket()}").AbsoluteUri : null;

    /// <summary>Opens a window.</summary>
    public void Show()
    {
        if (options.OpensBrowser && Address is { } address)
        {
            platform.ShowWindow(address);
        }
    }
}
