using System.ComponentModel;
using System.Diagnostics;

namespace Latchkey.AuthenticatorApp.Device.Platforms.Desktop;

/// <summary>Opens an address in the person's browser; where there is none, the printed address is the way.</summary>
internal static class SystemBrowser
{
    public static void Open(Uri address)
    {
        try
        {
            using var process = OperatingSystem.IsLinux()
                ? Process.Start(new ProcessStartInfo("xdg-open", [address.AbsoluteUri]) { UseShellExecute = false, RedirectStandardError = true, RedirectStandardOutput = true })
                : Process.Start(new ProcessStartInfo(address.AbsoluteUri) { UseShellExecute = true });
        }
        catch (Exception e) when (e is Win32Exception or FileNotFoundException)
        {
            Console.Error.WriteLine("No browser could be opened: open the address above yourself.");
        }
    }
}
