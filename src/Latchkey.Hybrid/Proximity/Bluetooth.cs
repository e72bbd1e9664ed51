using Latchkey.Protocol;

namespace Latchkey.Hybrid.Proximity;

/// <summary>A Bluetooth adapter of this machine.</summary>
/// <param name="Address">Its Bluetooth address.</param>
/// <param name="IsPowered">Switched on.</param>
/// <param name="CanBroadcast">Lets programs advertise.</param>
public sealed record ProximityAdapter(string Address, bool IsPowered, bool CanBroadcast);

/// <summary>What this machine has.</summary>
/// <param name="Adapters">All adapters, on or off.</param>
/// <param name="Problem">Why nothing can be broadcast now; null when it can.</param>
public sealed record ProximityState(IReadOnlyList<ProximityAdapter> Adapters, ProximityException? Problem);

/// <summary>Bluetooth on this operating system.</summary>
public static class Bluetooth
{
    /// <summary>Broadcasts adverts.</summary>
    public static IProximityAdvertiser Advertiser => OperatingSystem.IsLinux() ? new BlueZAdvertiser() : new Elsewhere();

    /// <summary>Hears adverts.</summary>
    public static IProximityScanner Scanner => OperatingSystem.IsLinux() ? new BlueZScanner() : new Elsewhere();

    /// <summary>Looks at what this machine has, without sending anything.</summary>
    public static async Task<ProximityState> CheckAsync(CancellationToken cancellationToken)
    {
        try
        {
            if (!OperatingSystem.IsLinux()) throw Elsewhere.Problem();
            using var bus = BlueZ.Connect(null);
            var adapters = await BlueZ.AdaptersAsync(bus, cancellationToken);
            IReadOnlyList<ProximityAdapter> all = [.. adapters.Select(adapter => new ProximityAdapter(adapter.Address, adapter.IsPowered, adapter.CanBroadcast))];
            try
            {
                return BlueZ.Usable(adapters).CanBroadcast
                    ? new(all, null)
                    : new(all, new ProximityException(ProximityProblem.NotPossible, "This Bluetooth adapter cannot broadcast: it needs Bluetooth Low Energy, and a driver that lets programs advertise."));
            }
            catch (ProximityException e)
            {
                return new(all, e);
            }
        }
        catch (ProximityException e)
        {
            return new([], e);
        }
    }

    /// <summary>An operating system whose Bluetooth we do not speak to yet: it says so.</summary>
    private sealed class Elsewhere : IProximityAdvertiser, IProximityScanner
    {
        public static ProximityException Problem() => new(
            ProximityProblem.NotSupportedHere,
            "Bluetooth works on Linux only, so far. Use the Authenticator on a Linux machine for QR codes, or add the passkey by signing in inside the Authenticator, which needs no Bluetooth.");

        public Task<IAsyncDisposable> AdvertiseAsync(ByteString advert, CancellationToken cancellationToken) => throw Problem();

        public IAsyncEnumerable<ByteString> ScanAsync(CancellationToken cancellationToken) => throw Problem();
    }
}
