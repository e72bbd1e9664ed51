using Latchkey.Authenticator;
using Latchkey.Protocol.WebAuthn;

namespace Latchkey.AuthenticatorApp.Device.Platforms.Desktop;

/// <summary>A computer: the app is a window of the system's browser, and no setting of the system decides about passkeys.</summary>
internal sealed class DesktopPlatform : IDevicePlatform
{
    public Aaguid Aaguid => AuthenticatorAaguid.Value;

    public bool HasSystemSettings => false;

    public void Open(Uri address) => SystemBrowser.Open(address);

    public void ShowWindow(Uri address) => SystemBrowser.Open(address);

    public Task<SystemReadiness> CheckAsync(CancellationToken cancellationToken) => Task.FromResult(SystemReadiness.Ready);

    public Task OpenSettingsAsync(SystemReadiness toChange, CancellationToken cancellationToken) => Task.CompletedTask;
}
