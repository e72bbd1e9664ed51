using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Latchkey.Protocol;

namespace Latchkey.Hybrid.Proximity;

/// <summary>
/// Listens through BlueZ: while discovery runs, each device heard is an object with the service data it sends.
/// <see href="https://github.com/bluez/bluez/blob/master/doc/org.bluez.Device.rst"/>
/// </summary>
/// <param name="busAddress">The system bus's address; null is what the system says.</param>
public sealed class BlueZScanner(string? busAddress = null) : IProximityScanner
{
    /// <summary>What phones used before FIDO had a UUID of its own.</summary>
    private const string LegacyUuid = "0000fde2-0000-1000-8000-00805f9b34fb";

    private const int AdvertLength = 20;

    // More than this at once is noise; what is lost is heard again.
    private const int MostWaiting = 256;

    /// <inheritdoc/>
    public async IAsyncEnumerable<ByteString> ScanAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var heard = System.Threading.Channels.Channel.CreateBounded<ByteString>(new BoundedChannelOptions(MostWaiting) { FullMode = BoundedChannelFullMode.DropOldest });
        using var bus = BlueZ.Connect(busAddress);
        using var lost = bus.Lost.Register(() => heard.Writer.TryComplete(BlueZ.Problem(new BusException(BusException.Disconnected, ""))));
        var adapter = BlueZ.Usable(await BlueZ.AdaptersAsync(bus, cancellationToken));
        try
        {
            await bus.MatchAsync($"type='signal',sender='{BlueZ.Service}',interface='{BlueZ.ObjectManagerInterface}',member='InterfacesAdded'", signal =>
            {
                signal.String();
                ReadInterfaces(signal, heard.Writer);
            });
            await bus.MatchAsync($"type='signal',sender='{BlueZ.Service}',interface='{BlueZ.PropertiesInterface}',member='PropertiesChanged'", signal => ReadChange(signal, adapter.Path, heard.Writer));
            // Nothing would be heard any more, and nobody would say so.
            await bus.MatchAsync($"type='signal',sender='{BlueZ.Service}',interface='{BlueZ.ObjectManagerInterface}',member='InterfacesRemoved',arg0path='{adapter.Path}'", signal =>
            {
                if (signal.String() == adapter.Path) heard.Writer.TryComplete(BlueZ.AdapterGone());
            });
            await bus.MatchAsync($"type='signal',sender='org.freedesktop.DBus',member='NameOwnerChanged',arg0='{BlueZ.Service}'", _ => heard.Writer.TryComplete(BlueZ.Problem(new BusException("org.freedesktop.DBus.Error.NameHasNoOwner", ""))));
            await bus.CallAsync(
                BlueZ.Service,
                adapter.Path,
                BlueZ.AdapterInterface,
                "SetDiscoveryFilter",
                arguments => arguments.StartArray("{sv}").Property("Transport", "le").Property("DuplicateData", value: true).End(),
                cancellationToken);
            await bus.CallAsync(BlueZ.Service, adapter.Path, BlueZ.AdapterInterface, "StartDiscovery", null, cancellationToken);
            // A device may be known from before: what it sends now comes as no news.
            await bus.CallAsync(BlueZ.Service, "/", BlueZ.ObjectManagerInterface, "GetManagedObjects", null, reply => ReadObjects(reply, heard.Writer), cancellationToken);
        }
        catch (BusException e)
        {
            throw BlueZ.Problem(e);
        }

        try
        {
            await foreach (var advert in heard.Reader.ReadAllAsync(cancellationToken)) yield return advert;
        }
        finally
        {
            await StopAsync(bus, adapter);
        }
    }

    private static async Task StopAsync(SystemBus bus, BlueZAdapter adapter)
    {
        try
        {
            await bus.CallAsync(BlueZ.Service, adapter.Path, BlueZ.AdapterInterface, "StopDiscovery", null, CancellationToken.None);
        }
        catch (BusException)
        {
            // BlueZ went away, and the discovery with it.
        }
    }

    private static bool ReadObjects(BusReader reader, ChannelWriter<ByteString> heard)
    {
        reader.EnterArray("{oa{sa{sv}}}");
        while (reader.EnterEntry("oa{sa{sv}}"))
        {
            reader.String();
            ReadInterfaces(reader, heard);
            reader.Exit();
        }

        return true;
    }

    /// <summary><c>a{sa{sv}}</c>: the interfaces of one object.</summary>
    private static void ReadInterfaces(BusReader reader, ChannelWriter<ByteString> heard)
    {
        reader.EnterArray("{sa{sv}}");
        while (reader.EnterEntry("sa{sv}"))
        {
            if (reader.String() == BlueZ.DeviceInterface) ReadDevice(reader, heard);
            else reader.Skip("a{sv}");
            reader.Exit();
        }

        reader.Exit();
    }

    private static void ReadChange(BusReader reader, string adapter, ChannelWriter<ByteString> heard)
    {
        switch (reader.String())
        {
            case BlueZ.DeviceInterface:
                ReadDevice(reader, heard);
                break;
            case BlueZ.AdapterInterface when reader.Path == adapter:
                if (IsSwitchedOff(reader)) heard.TryComplete(BlueZ.Problem(new BusException("org.bluez.Error.NotReady", "")));
                break;
        }
    }

    private static bool IsSwitchedOff(BusReader reader)
    {
        var off = false;
        reader.EnterArray("{sv}");
        while (reader.EnterEntry("sv"))
        {
            if (reader.String() != "Powered")
            {
                reader.Skip("v");
            }
            else if (reader.EnterVariant("b"))
            {
                off = !reader.Boolean();
                reader.Exit();
            }

            reader.Exit();
        }

        return off;
    }

    /// <summary><c>a{sv}</c>: a device's properties, of which <c>ServiceData</c> counts.</summary>
    private static void ReadDevice(BusReader reader, ChannelWriter<ByteString> heard)
    {
        reader.EnterArray("{sv}");
        while (reader.EnterEntry("sv"))
        {
            if (reader.String() != "ServiceData")
            {
                reader.Skip("v");
            }
            else if (reader.EnterVariant("a{sv}"))
            {
                ReadServiceData(reader, heard);
                reader.Exit();
            }

            reader.Exit();
        }

        reader.Exit();
    }

    private static void ReadServiceData(BusReader reader, ChannelWriter<ByteString> heard)
    {
        reader.EnterArray("{sv}");
        while (reader.EnterEntry("sv"))
        {
            if (reader.String() is not (IProximityAdvertiser.ServiceUuid or LegacyUuid))
            {
                reader.Skip("v");
            }
            else if (reader.EnterVariant("ay"))
            {
                if (reader.Bytes() is { Length: >= AdvertLength } advert) heard.TryWrite(new ByteString(advert));
                reader.Exit();
            }

            reader.Exit();
        }

        reader.Exit();
    }
}
