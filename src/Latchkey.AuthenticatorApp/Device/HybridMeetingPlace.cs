using Latchkey.Hybrid;
using Latchkey.Hybrid.Advert;
using Latchkey.Hybrid.Proximity;
using Latchkey.Hybrid.Qr;
using Latchkey.Hybrid.Tunnel;
using Latchkey.Protocol.Ctap;

namespace Latchkey.AuthenticatorApp.Device;

/// <summary>This machine's Bluetooth and the real tunnel service.</summary>
/// <param name="options">Where the tunnel service is, when that is not what its domain says.</param>
/// <param name="time">The clock.</param>
internal sealed class HybridMeetingPlace(AppOptions options, TimeProvider time) : IMeetingPlace
{
    private readonly TunnelConnector _tunnels = new(new() { Address = options.TunnelUrl, CaFile = options.CaFile });

    public async Task<BluetoothState> CheckBluetoothAsync(CancellationToken cancellationToken)
    {
        var state = await Bluetooth.CheckAsync(cancellationToken);
        return new(state.Adapters.Count, state.Problem?.Problem);
    }

    // Started with an address of its own, the program was told that the public name is not to be judged from here.
    public Task<HybridProblem?> CheckTunnelServiceAsync(TunnelDomain domain, CancellationToken cancellationToken) =>
        options.TunnelUrl is null ? _tunnels.CheckAsync(domain, cancellationToken) : Task.FromResult<HybridProblem?>(null);

    public Task<HybridOutcome> AnswerAsync(
        ICtapAuthenticator authenticator,
        TunnelDomain domain,
        HybridQrCode code,
        IProgress<HybridProgress> progress,
        Func<MakeCredentialResponse, bool, Task> made,
        CancellationToken cancellationToken) =>
        new HybridResponder(authenticator, Bluetooth.Advertiser, _tunnels, domain, time).AnswerAsync(code, progress, made, cancellationToken);
}
