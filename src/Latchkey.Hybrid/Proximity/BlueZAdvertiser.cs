using System.Security.Cryptography;
using Latchkey.Protocol;

namespace Latchkey.Hybrid.Proximity;

/// <summary>
/// Broadcasts through BlueZ: an object of ours holds the advert, BlueZ reads it and puts it on the air.
/// <see href="https://github.com/bluez/bluez/blob/master/doc/org.bluez.LEAdvertisingManager.rst"/>
/// </summary>
/// <param name="busAddress">The system bus's address; null is what the system says.</param>
public sealed class BlueZAdvertiser(string? busAddress = null) : IProximityAdvertiser
{
    /// <summary>The length of an advert, in bytes.</summary>
    private const int AdvertLength = 20;

    /// <inheritdoc/>
    public async Task<IAsyncDisposable> AdvertiseAsync(ByteString advert, CancellationToken cancellationToken)
    {
        if (advert.Length != AdvertLength) throw new ArgumentException($"An advert has {AdvertLength} bytes.", nameof(advert));
        var bus = BlueZ.Connect(busAddress);
        try
        {
            var adapter = BlueZ.Usable(await BlueZ.AdaptersAsync(bus, cancellationToken));
            if (!adapter.CanBroadcast)
            {
                throw new ProximityException(ProximityProblem.NotPossible, "This Bluetooth adapter cannot broadcast: it needs Bluetooth Low Energy, and a driver that lets programs advertise.");
            }

            // A name of its own for each, so that one that is still being taken off the air stands in nobody's way.
            var path = "/org/latchkey/advert/" + RandomNumberGenerator.GetHexString(16, lowercase: true);
            await bus.AddObjectAsync(path, call => Answer(call, advert));
            await bus.CallAsync(
                BlueZ.Service,
                adapter.Path,
                BlueZ.ManagerInterface,
                "RegisterAdvertisement",
                arguments => arguments.Path(path).StartArray("{sv}").End(),
                cancellationToken);
            return new Broadcast(bus, adapter.Path, path);
        }
        catch (BusException e)
        {
            bus.Dispose();
            throw BlueZ.Problem(e);
        }
        catch
        {
            // Also takes it off the air if it got there: BlueZ drops what a connection that is gone has registered.
            bus.Dispose();
            throw;
        }
    }

    /// <summary>The object BlueZ asks: two properties, and a call when BlueZ drops it.</summary>
    private static BusWrite? Answer(BusReader call, ByteString advert)
    {
        switch (call.Interface, call.Member)
        {
            case (BlueZ.PropertiesInterface, "GetAll"):
                return reply => reply.StartArray("{sv}")
                    .Property("Type", "broadcast")
                    .ServiceData(IProximityAdvertiser.ServiceUuid, advert.Span)
                    .End();
            case (BlueZ.PropertiesInterface, "Get"):
                call.String();
                return call.String() switch
                {
                    "Type" => reply => reply.StartVariant("s").String("broadcast").End(),
                    "ServiceData" => reply => reply.ServiceDataValue(IProximityAdvertiser.ServiceUuid, advert.Span),
                    var name => throw new BusException("org.freedesktop.DBus.Error.UnknownProperty", name),
                };
            case (BlueZ.AdvertisementInterface, "Release"):
                return _ => { };
            default:
                return null;
        }
    }

    private sealed class Broadcast(SystemBus bus, string adapter, string path) : IAsyncDisposable
    {
        public async ValueTask DisposeAsync()
        {
            try
            {
                await bus.CallAsync(BlueZ.Service, adapter, BlueZ.ManagerInterface, "UnregisterAdvertisement", arguments => arguments.Path(path), CancellationToken.None);
            }
            catch (BusException)
            {
                // BlueZ went away, and the advert with it.
            }

            bus.Dispose();
        }
    }
}
