using System.Globalization;
using Latchkey.Hybrid.Proximity;

namespace Latchkey.Phone.Computer;

/// <summary>
/// Answers in BlueZ's place on a private bus, with one adapter and as much as browsers and Authenticators ask for. Its radio is
/// <see cref="Computer.Air"/>: what is broadcast by one stand-in, the others on the same air hear.
/// </summary>
internal sealed class BlueZStandIn : IAsyncDisposable
{
    private const string AdapterPath = "/org/bluez/hci0";

    private static int _adapters;

    private readonly SystemBus _bus;
    private readonly Air _air;
    private readonly string _address = string.Create(CultureInfo.InvariantCulture, $"02:00:00:00:00:{Interlocked.Increment(ref _adapters) & 0xFF:X2}");
    private readonly Lock _gate = new();
    private readonly Dictionary<(string Owner, string Path), Broadcast> _registered = [];
    private readonly Dictionary<Broadcast, string> _devices = [];
    private readonly HashSet<string> _listeners = new(StringComparer.Ordinal);
    private bool _hasAdapter;
    private bool _isPowered;
    private int _lastDevice;

    private BlueZStandIn(SystemBus bus, Air air, bool hasAdapter, bool isPowered) => (_bus, _air, _hasAdapter, _isPowered) = (bus, air, hasAdapter, isPowered);

    /// <summary>When set, D-Bus's name of the error that every request to broadcast or listen gets.</summary>
    public string? Refusal { get; set; }

    /// <summary>Whether somebody listens.</summary>
    public bool IsDiscovering
    {
        get
        {
            lock (_gate) return _listeners.Count > 0;
        }
    }

    public static async Task<BlueZStandIn> StartAsync(PrivateBus bus, Air air, bool hasAdapter = true, bool isPowered = true)
    {
        var connection = SystemBus.Connect(bus.Address);
        var standIn = new BlueZStandIn(connection, air, hasAdapter, isPowered);
        await connection.AddObjectAsync("/", standIn.AnswerRoot);
        await connection.AddObjectAsync(AdapterPath, standIn.AnswerAdapter);
        await connection.MatchAsync("type='signal',sender='org.freedesktop.DBus',member='NameOwnerChanged'", standIn.OnOwnerChanged);
        air.Changed += standIn.Announce;
        await connection.OwnAsync(BlueZ.Service);
        return standIn;
    }

    /// <summary>The switch in the settings.</summary>
    public void SetPowered(bool on)
    {
        lock (_gate) _isPowered = on;
        if (!on) DropAll(_ => true);
        _bus.Emit(AdapterPath, BlueZ.PropertiesInterface, "PropertiesChanged", signal =>
            signal.String(BlueZ.AdapterInterface).StartArray("{sv}").Property("Powered", on).End().StartArray("s").End());
        Announce();
    }

    /// <summary>Somebody pulls the adapter out.</summary>
    public void PullAdapterOut()
    {
        lock (_gate) _hasAdapter = false;
        DropAll(_ => true);
        _bus.Emit("/", BlueZ.ObjectManagerInterface, "InterfacesRemoved", signal => signal.Path(AdapterPath).StartArray("s").String(BlueZ.AdapterInterface).End());
    }

    /// <summary>A device known from before sends something else than it did: BlueZ tells of a change, not of a new device.</summary>
    public void HearFromKnownDevice(string uuid, byte[] data) => _bus.Emit(AdapterPath + "/dev_02_00_00_02_00_00", BlueZ.PropertiesInterface, "PropertiesChanged", signal =>
        signal.String(BlueZ.DeviceInterface).StartArray("{sv}").ServiceData(uuid, data).End().StartArray("s").End());

    public ValueTask DisposeAsync()
    {
        _air.Changed -= Announce;
        DropAll(_ => true);
        _bus.Dispose();
        return ValueTask.CompletedTask;
    }

    private BusWrite? AnswerRoot(BusReader call)
    {
        if ((call.Interface, call.Member) != (BlueZ.ObjectManagerInterface, "GetManagedObjects")) return null;
        List<(Broadcast, string)> devices;
        lock (_gate) devices = [.. _devices.Select(device => (device.Key, device.Value))];
        return reply =>
        {
            reply.StartArray("{oa{sa{sv}}}");
            if (_hasAdapter)
            {
                reply.StartEntry("oa{sa{sv}}").Path(AdapterPath).StartArray("{sa{sv}}");
                WriteAdapter(reply.StartEntry("sa{sv}").String(BlueZ.AdapterInterface));
                reply.End();
                reply.StartEntry("sa{sv}").String(BlueZ.ManagerInterface).StartArray("{sv}").End().End();
                reply.End().End();
            }

            foreach (var (broadcast, path) in devices)
            {
                reply.StartEntry("oa{sa{sv}}").Path(path);
                WriteDevice(reply, broadcast, path);
                reply.End();
            }

            reply.End();
        };
    }

    private BusWrite? AnswerAdapter(BusReader call)
    {
        if (!_hasAdapter) return null;
        switch (call.Interface, call.Member)
        {
            case (BlueZ.PropertiesInterface, "GetAll"):
                return call.String() == BlueZ.AdapterInterface ? WriteAdapter : reply => reply.StartArray("{sv}").End();
            case (BlueZ.PropertiesInterface, "Get"):
                call.String();
                return call.String() switch
                {
                    "Powered" => reply => reply.StartVariant("b").Boolean(_isPowered).End(),
                    "Address" => reply => reply.StartVariant("s").String(_address).End(),
                    "Discovering" => reply => reply.StartVariant("b").Boolean(IsDiscovering).End(),
                    var name => throw new BusException("org.freedesktop.DBus.Error.UnknownProperty", name),
                };
            case (BlueZ.PropertiesInterface, "Set"):
                call.String();
                if (call.String() == "Powered" && call.EnterVariant("b")) SetPowered(call.Boolean());
                return _ => { };
            case (BlueZ.AdapterInterface, "SetDiscoveryFilter"):
                return _ => { };
            case (BlueZ.AdapterInterface, "StartDiscovery"):
                ThrowIfNotReady();
                lock (_gate) _listeners.Add(call.Sender);
                Announce();
                return _ => { };
            case (BlueZ.AdapterInterface, "StopDiscovery"):
                lock (_gate) _listeners.Remove(call.Sender);
                Announce();
                return _ => { };
            case (BlueZ.ManagerInterface, "RegisterAdvertisement"):
                ThrowIfNotReady();
                _ = ReadAdvertisementAsync(call.Sender, call.String());
                return _ => { };
            case (BlueZ.ManagerInterface, "UnregisterAdvertisement"):
                var (owner, path) = (call.Sender, call.String());
                DropAll(key => key == (owner, path));
                return _ => { };
            default:
                return null;
        }
    }

    private void ThrowIfNotReady()
    {
        if (Refusal is { } name) throw new BusException(name, "Refused by the stand-in");
        if (!_isPowered) throw new BusException("org.bluez.Error.NotReady", "Resource Not Ready");
    }

    /// <summary>BlueZ asks whoever registers what to broadcast.</summary>
    private async Task ReadAdvertisementAsync(string owner, string path)
    {
        try
        {
            await _bus.CallAsync(
                owner, path, BlueZ.PropertiesInterface, "GetAll", arguments => arguments.String(BlueZ.AdvertisementInterface), reply => Register((owner, path), ReadServiceData(reply)), CancellationToken.None);
        }
        catch (BusException)
        {
            // It went before it said what to broadcast.
        }
    }

    /// <summary>On the bus's thread: before anything its owner says or does after that.</summary>
    private bool Register((string Owner, string Path) key, Broadcast? broadcast)
    {
        if (broadcast is null) return false;
        lock (_gate) _registered[key] = broadcast;
        _air.Add(broadcast);
        return true;
    }

    private Broadcast? ReadServiceData(BusReader properties)
    {
        Broadcast? found = null;
        properties.EnterArray("{sv}");
        while (properties.EnterEntry("sv"))
        {
            if (properties.String() != "ServiceData")
            {
                properties.Skip("v");
            }
            else if (properties.EnterVariant("a{sv}"))
            {
                properties.EnterArray("{sv}");
                while (properties.EnterEntry("sv"))
                {
                    var uuid = properties.String();
                    if (properties.EnterVariant("ay"))
                    {
                        found = new(uuid, properties.Bytes(), this);
                        properties.Exit();
                    }

                    properties.Exit();
                }

                properties.Exit();
                properties.Exit();
            }

            properties.Exit();
        }

        return found;
    }

    /// <summary>BlueZ forgets what belonged to a program that is gone.</summary>
    private void OnOwnerChanged(BusReader signal)
    {
        var (name, _, now) = (signal.String(), signal.String(), signal.String());
        if (now.Length > 0) return;
        DropAll(key => key.Owner == name);
        lock (_gate) _listeners.Remove(name);
        Announce();
    }

    private void DropAll(Func<(string Owner, string Path), bool> which)
    {
        List<Broadcast> dropped = [];
        lock (_gate)
        {
            foreach (var key in _registered.Keys.Where(which).ToList())
            {
                if (_registered.Remove(key, out var broadcast)) dropped.Add(broadcast);
            }
        }

        foreach (var broadcast in dropped) _air.Remove(broadcast);
    }

    /// <summary>Brings the devices in step with what is on the air, while somebody listens.</summary>
    private void Announce()
    {
        lock (_gate)
        {
            var heard = _hasAdapter && _isPowered && _listeners.Count > 0 ? _air.Broadcasts.Where(broadcast => broadcast.Sender != this).ToHashSet() : [];
            foreach (var (broadcast, path) in _devices.Where(device => !heard.Contains(device.Key)).ToList())
            {
                _devices.Remove(broadcast);
                _bus.Emit("/", BlueZ.ObjectManagerInterface, "InterfacesRemoved", signal => signal.Path(path).StartArray("s").String(BlueZ.DeviceInterface).End());
            }

            foreach (var broadcast in heard.Where(broadcast => !_devices.ContainsKey(broadcast)))
            {
                var path = string.Create(CultureInfo.InvariantCulture, $"{AdapterPath}/dev_02_00_00_01_{++_lastDevice >> 8 & 0xFF:X2}_{_lastDevice & 0xFF:X2}");
                _devices.Add(broadcast, path);
                _bus.Emit("/", BlueZ.ObjectManagerInterface, "InterfacesAdded", signal => WriteDevice(signal.Path(path), broadcast, path));
            }
        }
    }

    private void WriteAdapter(BusWriter message) => message.StartArray("{sv}").Property("Address", _address).Property("Powered", _isPowered).Property("Discovering", IsDiscovering).End();

    /// <summary><c>a{sa{sv}}</c> of a device.</summary>
    private static void WriteDevice(BusWriter message, Broadcast broadcast, string path) => message
        .StartArray("{sa{sv}}")
        .StartEntry("sa{sv}").String(BlueZ.DeviceInterface)
        .StartArray("{sv}")
        .Property("Address", path[^17..].Replace('_', ':'))
        .StartEntry("sv").String("Adapter").StartVariant("o").Path(AdapterPath).End().End()
        .ServiceData(broadcast.Uuid, broadcast.Data)
        .End()
        .End()
        .End();
}
