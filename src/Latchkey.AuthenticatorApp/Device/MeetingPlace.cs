using Latchkey.Hybrid;
using Latchkey.Hybrid.Advert;
using Latchkey.Hybrid.Proximity;
using Latchkey.Hybrid.Qr;
using Latchkey.Protocol.Ctap;

namespace Latchkey.AuthenticatorApp.Device;

/// <summary>Bluetooth on this machine.</summary>
/// <param name="Adapters">How many adapters it has.</param>
/// <param name="Problem">What keeps them from broadcasting; null when nothing does.</param>
internal sealed record BluetoothState(int Adapters, ProximityProblem? Problem);

/// <summary>What lies between this Authenticator and a computer: the air, and the tunnel service.</summary>
internal interface IMeetingPlace
{
    /// <summary>Whether Bluetooth works here.</summary>
    Task<BluetoothState> CheckBluetoothAsync(CancellationToken cancellationToken);

    /// <summary>Whether a computer could reach the tunnel service; null when nothing is wrong.</summary>
    Task<HybridProblem?> CheckTunnelServiceAsync(TunnelDomain domain, CancellationToken cancellationToken);

    /// <summary>Answers a code, as <see cref="HybridResponder"/> does.</summary>
    Task<HybridOutcome> AnswerAsync(
        ICtapAuthenticator authenticator,
        TunnelDomain domain,
        HybridQrCode code,
        IProgress<HybridProgress> progress,
        Func<MakeCredentialResponse, bool, Task> made,
        CancellationToken cancellationToken);
}

/// <summary>Which tunnel service this Authenticator waits at.</summary>
/// <param name="Domain">Its domain.</param>
/// <param name="Organisation">Whose it is; null when the program was started with it.</param>
internal sealed record MeetingPoint(TunnelDomain Domain, string? Organisation)
{
    /// <summary>The one the program was started with, else that of the account added last that has one; null when there is none.</summary>
    public static MeetingPoint? Of(AppOptions options, VaultSession session) => options.TunnelDomain is { } given
        ? new(given, null)
        : session.Open?.Accounts.All.LastOrDefault(account => account.TunnelDomain is >= 0 and <= ushort.MaxValue && TunnelDomain.IsKnown((ushort)account.TunnelDomain)) is { } account
            ? new(new((ushort)account.TunnelDomain!), account.Organisation)
            : null;
}
