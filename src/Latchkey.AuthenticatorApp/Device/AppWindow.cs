using Latchkey.AuthenticatorApp.Device.Platforms;

namespace Latchkey.AuthenticatorApp.Device;

/// <summary>The app's window, unless whoever started the program shows it himself.</summary>
/// <param name="options">Whether to open one.</param>
/// <param name="guard">Lets windows in.</param>
/// <param name="platform">What opens it.</param>
internal sealed class AppWindow(AppOptions options, LoopbackGuard guard, IDevicePlatform platform)
{
    private readonly TaskCompletionSource _known = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Where the program listens, once it is known. Lets nobody in by itself.</summary>
    public Uri? Root
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

    /// <summary>A new address that lets one window in, once; null before the program listens.</summary>
    /// <param name="path">The page it opens.</param>
    public Uri? NewAddress(string path = "/") => Root is null ? null : At(new($"http://{guard.Authority}"), path);

    /// <summary>The same for a browser's extension, which opens nothing that does not begin with 127.0.0.1; that leads on to the window's own host.</summary>
    public Uri? NewAddressForExtension() => Root is { } root ? At(root, "/") : null;

    /// <summary>Opens a window, where windows are opened at all.</summary>
    /// <returns>Whether it did.</returns>
    public bool Show()
    {
        if (!options.OpensBrowser || NewAddress() is not { } address) return false;
        platform.ShowWindow(address);
        return true;
    }

    private Uri At(Uri root, string path) => new(root, $"{path}#ticket={guard.Tickets.Issue()}");
}
