using System.Text;
using Latchkey.Protocol.WebAuthn;

namespace Latchkey.AuthenticatorApp.Device.Platforms.VirtualPhone;

/// <summary>
/// The rehearsal's phone, which plays the system: it has settings, one browser and one screen, and is asked by a Unix socket of its own. A native
/// head for a real phone would stand where this class stands.
/// </summary>
/// <param name="socket">The phone's socket.</param>
internal sealed class VirtualPhonePlatform(string socket) : IDevicePlatform, IDisposable
{
    /// <summary>Drawn once at random, as the app's own is: a passkey of a rehearsal should never be taken for another.</summary>
    public static readonly Aaguid Model = new(new Guid("1cd066f6-6418-428d-8e70-3c5698b7d0e6"));

    private readonly HttpClient _phone = SocketHttp.Connect(socket, TimeSpan.FromSeconds(10));

    public Aaguid Aaguid => Model;

    public bool HasSystemSettings => true;

    public void Open(Uri address) => _ = SayAsync("system/browser", address.AbsoluteUri, CancellationToken.None);

    public void ShowWindow(Uri address) => _ = SayAsync("system/authenticator", "", CancellationToken.None);

    public async Task<SystemReadiness> CheckAsync(CancellationToken cancellationToken) =>
        Enum.Parse<SystemReadiness>(await _phone.GetStringAsync(new Uri("system/readiness", UriKind.Relative), cancellationToken));

    public Task OpenSettingsAsync(SystemReadiness toChange, CancellationToken cancellationToken) => SayAsync("system/settings", toChange.ToString(), cancellationToken);

    public void Dispose() => _phone.Dispose();

    private async Task SayAsync(string what, string text, CancellationToken cancellationToken)
    {
        using var content = new StringContent(text, Encoding.UTF8, "text/plain");
        using var answer = await _phone.PostAsync(new Uri(what, UriKind.Relative), content, cancellationToken);
    }
}
