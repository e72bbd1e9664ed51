namespace Latchkey.Hybrid.Proximity;

/// <summary>An adapter of this machine.</summary>
/// <param name="Path">Its D-Bus object.</param>
/// <param name="Address">Its Bluetooth address.</param>
/// <param name="IsPowered">Switched on.</param>
/// <param name="CanBroadcast">Its driver lets programs advertise.</param>
internal sealed record BlueZAdapter(string Path, string Address, bool IsPowered, bool CanBroadcast);

/// <summary>
/// What both ends of proximity ask of BlueZ, the Bluetooth service of Linux.
/// <see href="https://github.com/bluez/bluez/blob/master/doc/org.bluez.Adapter.rst"/>
/// </summary>
internal static class BlueZ
{
    public const string Service = "org.bluez";
    public const string AdapterInterface = "org.bluez.Adapter1";
    public const string DeviceInterface = "org.bluez.Device1";
    public const string ManagerInterface = "org.bluez.LEAdvertisingManager1";
    public const string AdvertisementInterface = "org.bluez.LEAdvertisement1";
    public const string ObjectManagerInterface = "org.freedesktop.DBus.ObjectManager";
    public const string PropertiesInterface = "org.freedesktop.DBus.Properties";

    /// <summary>Connects to the bus.</summary>
    /// <exception cref="ProximityException">There is none, or no library to speak to it.</exception>
    public static SystemBus Connect(string? address)
    {
        try
        {
            return SystemBus.Connect(address);
        }
        catch (DllNotFoundException e)
        {
            throw new ProximityException(ProximityProblem.NotSupportedHere, "Bluetooth is reached through libsystemd, which this system does not have.", e);
        }
        catch (BusException e)
        {
            throw new ProximityException(ProximityProblem.NoService, $"The system's message bus does not answer ({e.Message}). Is this a container? Bluetooth needs the bus of the machine itself.", e);
        }
    }

    /// <summary>All adapters, in BlueZ's order.</summary>
    /// <exception cref="ProximityException">BlueZ does not run, or does not answer us.</exception>
    public static async Task<IReadOnlyList<BlueZAdapter>> AdaptersAsync(SystemBus bus, CancellationToken cancellationToken)
    {
        try
        {
            return await bus.CallAsync(Service, "/", ObjectManagerInterface, "GetManagedObjects", null, ReadAdapters, cancellationToken);
        }
        catch (BusException e)
        {
            throw Problem(e);
        }
    }

    /// <summary>The first adapter that is switched on.</summary>
    /// <exception cref="ProximityException">There is none, and why.</exception>
    public static BlueZAdapter Usable(IReadOnlyList<BlueZAdapter> adapters) =>
        adapters.Count == 0 ? throw AdapterGone()
        : adapters.FirstOrDefault(adapter => adapter.IsPowered)
            ?? throw new ProximityException(ProximityProblem.AdapterOff, "Bluetooth is switched off. Switch it on in the system's settings, or with: bluetoothctl power on");

    /// <summary>There is none, or no longer.</summary>
    public static ProximityException AdapterGone() =>
        new(ProximityProblem.NoAdapter, "This machine has no Bluetooth adapter, or the system does not see it. A USB adapter will do.");

    /// <summary>What an error of BlueZ, or of the bus, means to a person.</summary>
    public static ProximityException Problem(BusException error) => error.Name switch
    {
        "org.freedesktop.DBus.Error.ServiceUnknown" or "org.freedesktop.DBus.Error.NameHasNoOwner" or "org.freedesktop.DBus.Error.Spawn.ServiceNotFound" =>
            new(ProximityProblem.NoService, "The Bluetooth service does not run. Start it with: sudo systemctl start bluetooth", error),
        BusException.Disconnected => new(ProximityProblem.NoService, "The connection to the system's message bus broke. Try again.", error),
        "org.freedesktop.DBus.Error.AccessDenied" or "org.bluez.Error.NotAuthorized" or "org.freedesktop.DBus.Error.InteractiveAuthorizationRequired" =>
            new(ProximityProblem.PermissionDenied, "The Bluetooth service does not let you do this. Sign in at the machine itself, or ask to be put into its group for Bluetooth.", error),
        "org.bluez.Error.NotReady" => new(ProximityProblem.AdapterOff, "Bluetooth is switched off. Switch it on in the system's settings, or with: bluetoothctl power on", error),
        "org.bluez.Error.NotPermitted" => new(ProximityProblem.NotPossible, "The Bluetooth adapter is busy with other broadcasts. Stop what else broadcasts, and try again.", error),
        "org.bluez.Error.NotSupported" or "org.freedesktop.DBus.Error.UnknownMethod" or "org.freedesktop.DBus.Error.UnknownObject" or "org.freedesktop.DBus.Error.UnknownInterface" =>
            new(ProximityProblem.NotPossible, "This Bluetooth adapter cannot do it: it needs Bluetooth Low Energy, and a driver that lets programs broadcast.", error),
        "org.freedesktop.DBus.Error.NoReply" or "org.freedesktop.DBus.Error.Timeout" or "System.Error.ETIMEDOUT" =>
            new(ProximityProblem.Failed, "The Bluetooth service did not answer in time. Restart it with: sudo systemctl restart bluetooth", error),
        _ => new(ProximityProblem.Failed, $"The Bluetooth service failed: {error.Message} ({error.Name}). Restart it with: sudo systemctl restart bluetooth", error),
    };

    /// <summary>
    /// Reads the answer of GetManagedObjects, <c>a{oa{sa{sv}}}</c>.
    /// </summary>
    private static List<BlueZAdapter> ReadAdapters(BusReader reader)
    {
        List<BlueZAdapter> adapters = [];
        reader.EnterArray("{oa{sa{sv}}}");
        while (reader.EnterEntry("oa{sa{sv}}"))
        {
            var path = reader.String();
            var (isAdapter, canBroadcast, powered, address) = (false, false, false, "");
            reader.EnterArray("{sa{sv}}");
            while (reader.EnterEntry("sa{sv}"))
            {
                var name = reader.String();
                canBroadcast |= name == ManagerInterface;
                if (name != AdapterInterface)
                {
                    reader.Skip("a{sv}");
                    reader.Exit();
                    continue;
                }

                isAdapter = true;
                reader.EnterArray("{sv}");
                while (reader.EnterEntry("sv"))
                {
                    switch (reader.String())
                    {
                        case "Powered" when reader.EnterVariant("b"): powered = reader.Boolean(); reader.Exit(); break;
                        case "Address" when reader.EnterVariant("s"): address = reader.String(); reader.Exit(); break;
                        case "Powered" or "Address": break;
                        default: reader.Skip("v"); break;
                    }

                    reader.Exit();
                }

                reader.Exit();
                reader.Exit();
            }

            reader.Exit();
            reader.Exit();
            if (isAdapter) adapters.Add(new(path, address, powered, canBroadcast));
        }

        reader.Exit();
        return adapters;
    }
}
