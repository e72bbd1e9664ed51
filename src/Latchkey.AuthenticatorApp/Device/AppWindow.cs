namespace Latchkey.AuthenticatorApp.Device;

/// <summary>The app's window: a page of the system's browser, unless whoever started the program shows it himself.</summary>
/// <param name="options">Whether to open one.</param>
internal sealed class AppWindow(AppOptions options)
{
    /// <summary>The address that lets a window in, once it is known.</summary>
    public Uri? Address { get; set; }

    /// <summary>Opens a window.</summary>
    public void Show()
    {
        if (options.OpensBrowser && Address is { } address)
        {
            SystemBrowser.Open(address);
        }
    }
}
