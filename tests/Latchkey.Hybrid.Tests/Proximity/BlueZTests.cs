using Latchkey.Hybrid.Proximity;
using Latchkey.Phone.Computer;
using Latchkey.Protocol;

namespace Latchkey.Hybrid.Tests.Proximity;

/// <summary>Our own BlueZ code against a stand-in for BlueZ, over real D-Bus: a private bus, two machines on one air.</summary>
public sealed class BlueZTests : IAsyncLifetime
{
    private static readonly ByteString Advert = ByteString.FromHex("cba55c0e914ac6ef936d09843438cb89947e189b");

    private readonly Air _air = new();
    private PrivateBus? _phoneBus;
    private PrivateBus? _computerBus;
    private BlueZStandIn? _phone;
    private BlueZStandIn? _computer;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private BlueZAdvertiser Advertiser => new(_phoneBus!.Address);

    private BlueZScanner Scanner => new(_computerBus!.Address);

    public async ValueTask InitializeAsync()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() && (File.Exists("/usr/bin/dbus-daemon") || File.Exists("/bin/dbus-daemon")), "needs dbus-daemon: apt-get install dbus");
        _phoneBus = await PrivateBus.StartAsync(Stop);
        _computerBus = await PrivateBus.StartAsync(Stop);
    }

    public async ValueTask DisposeAsync()
    {
        if (_phone is not null) await _phone.DisposeAsync();
        if (_computer is not null) await _computer.DisposeAsync();
        if (_phoneBus is not null) await _phoneBus.DisposeAsync();
        if (_computerBus is not null) await _computerBus.DisposeAsync();
    }

    [Fact]
    public async Task An_advert_reaches_a_listening_machine_byte_for_byte()
    {
        await StartBothAsync();
        await using var broadcast = await Advertiser.AdvertiseAsync(Advert, Stop);

        Assert.Equal(Advert, await FirstAsync());
    }

    [Fact]
    public async Task An_advert_that_comes_while_the_machine_listens_is_heard()
    {
        await StartBothAsync();
        var first = FirstAsync();
        await using var broadcast = await Advertiser.AdvertiseAsync(Advert, Stop);

        Assert.Equal(Advert, await first);
    }

    [Fact]
    public async Task An_adverts_service_data_is_under_FIDOs_uuid_and_20_bytes_long()
    {
        await StartBothAsync();
        await using var broadcast = await Advertiser.AdvertiseAsync(Advert, Stop);
        await FirstAsync();

        var onAir = Assert.Single(_air.Broadcasts);
        Assert.Equal("0000fff9-0000-1000-8000-00805f9b34fb", onAir.Uuid);
        Assert.Equal(20, onAir.Data.Length);
    }

    [Fact]
    public async Task An_advert_is_off_the_air_once_it_is_disposed()
    {
        await StartBothAsync();
        var broadcast = await Advertiser.AdvertiseAsync(Advert, Stop);
        await FirstAsync();
        await broadcast.DisposeAsync();

        Assert.Empty(_air.Broadcasts);
    }

    [Fact]
    public async Task An_adapter_does_not_hear_itself()
    {
        await StartBothAsync();
        await using var broadcast = await Advertiser.AdvertiseAsync(Advert, Stop);
        await FirstAsync();
        var other = ByteString.FromHex("00112233445566778899aabbccddeeff00112233");
        await using var second = await new BlueZAdvertiser(_computerBus!.Address).AdvertiseAsync(other, Stop);

        Assert.Equal(Advert, await FirstAsync());
    }

    [Fact]
    public async Task Listening_stops_with_the_listener()
    {
        await StartBothAsync();
        await using var broadcast = await Advertiser.AdvertiseAsync(Advert, Stop);
        await FirstAsync();

        Assert.False(_computer!.IsDiscovering);
    }

    [Fact]
    public async Task Strangers_adverts_of_other_lengths_are_passed_over()
    {
        await StartBothAsync();
        _air.Add(new(IProximityAdvertiser.ServiceUuid, [1, 2, 3], this));
        _air.Add(new("0000fde2-0000-1000-8000-00805f9b34fb", Advert.ToArray(), this));

        Assert.Equal(Advert, await FirstAsync());
    }

    [Theory]
    [InlineData(false, true, ProximityProblem.NoAdapter)]
    [InlineData(true, false, ProximityProblem.AdapterOff)]
    public async Task An_adapter_that_is_missing_or_off_has_a_problem_of_its_own(bool hasAdapter, bool isPowered, ProximityProblem expected)
    {
        _phone = await BlueZStandIn.StartAsync(_phoneBus!, _air, hasAdapter, isPowered);

        Assert.Equal(expected, (await ProblemAsync()).Problem);
    }

    [Fact]
    public async Task A_bus_without_BlueZ_says_how_to_start_it()
    {
        var problem = await ProblemAsync();

        Assert.Equal(ProximityProblem.NoService, problem.Problem);
        Assert.Contains("systemctl start bluetooth", problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task No_bus_at_all_is_no_service()
    {
        var advertiser = new BlueZAdvertiser("unix:path=/nonexistent/bus");

        Assert.Equal(ProximityProblem.NoService, (await Assert.ThrowsAsync<ProximityException>(() => advertiser.AdvertiseAsync(Advert, Stop))).Problem);
    }

    [Theory]
    [InlineData("org.freedesktop.DBus.Error.AccessDenied", ProximityProblem.PermissionDenied)]
    [InlineData("org.bluez.Error.NotAuthorized", ProximityProblem.PermissionDenied)]
    [InlineData("org.bluez.Error.NotPermitted", ProximityProblem.NotPossible)]
    [InlineData("org.bluez.Error.Failed", ProximityProblem.Failed)]
    public async Task Each_refusal_of_BlueZ_has_its_own_problem(string error, ProximityProblem expected)
    {
        _phone = await BlueZStandIn.StartAsync(_phoneBus!, _air);
        _phone.Refusal = error;

        Assert.Equal(expected, (await ProblemAsync()).Problem);
    }

    [Fact]
    public async Task Bluetooth_switched_off_while_listening_ends_the_listening()
    {
        await StartBothAsync();
        await using var scan = Scanner.ScanAsync(Stop).GetAsyncEnumerator(Stop);
        var next = scan.MoveNextAsync();
        while (!_computer!.IsDiscovering) await Task.Yield();
        _computer.SetPowered(false);

        Assert.Equal(ProximityProblem.AdapterOff, (await Assert.ThrowsAsync<ProximityException>(async () => await next)).Problem);
    }

    [Fact]
    public async Task Bluetooth_switched_off_while_broadcasting_takes_the_advert_off_the_air_and_its_end_is_quiet()
    {
        await StartBothAsync();
        var broadcast = await Advertiser.AdvertiseAsync(Advert, Stop);
        await FirstAsync();

        _phone!.SetPowered(false);

        Assert.Empty(_air.Broadcasts);
        await broadcast.DisposeAsync();
    }

    [Fact]
    public async Task An_adapter_pulled_out_while_listening_ends_the_listening()
    {
        await StartBothAsync();
        var next = await ListenAsync();

        _computer!.PullAdapterOut();

        Assert.Equal(ProximityProblem.NoAdapter, (await Assert.ThrowsAsync<ProximityException>(() => next)).Problem);
    }

    [Fact]
    public async Task BlueZ_stopped_while_listening_ends_the_listening()
    {
        await StartBothAsync();
        var next = await ListenAsync();

        await _computer!.DisposeAsync();

        Assert.Equal(ProximityProblem.NoService, (await Assert.ThrowsAsync<ProximityException>(() => next)).Problem);
    }

    [Fact]
    public async Task An_advert_ends_with_the_program_that_broadcast_it()
    {
        await StartBothAsync();
        using (var program = SystemBus.Connect(_phoneBus!.Address))
        {
            await program.AddObjectAsync("/advert", _ => reply => reply.StartArray("{sv}").ServiceData(IProximityAdvertiser.ServiceUuid, Advert.Span).End());
            await program.CallAsync(BlueZ.Service, "/org/bluez/hci0", BlueZ.ManagerInterface, "RegisterAdvertisement", arguments => arguments.Path("/advert").StartArray("{sv}").End(), Stop);
            await FirstAsync();
        }

        await ChangeUntilAsync(() => _air.Broadcasts.Count == 0);
    }

    [Fact]
    public async Task What_a_known_device_begins_to_send_is_heard()
    {
        await StartBothAsync();
        var next = await ListenAsync();

        _computer!.HearFromKnownDevice(IProximityAdvertiser.ServiceUuid, Advert.ToArray());

        Assert.Equal(Advert, await next);
    }

    [Fact]
    public async Task A_bus_that_dies_ends_the_listening_and_leaves_the_advertiser_disposable()
    {
        await StartBothAsync();
        var broadcast = await Advertiser.AdvertiseAsync(Advert, Stop);
        await using var scan = Scanner.ScanAsync(Stop).GetAsyncEnumerator(Stop);
        Assert.True(await scan.MoveNextAsync());
        await _computerBus!.DisposeAsync();
        await _phoneBus!.DisposeAsync();
        (_computerBus, _phoneBus) = (null, null);

        // What was heard before may come once more.
        var problem = await Assert.ThrowsAsync<ProximityException>(async () =>
        {
            while (await scan.MoveNextAsync())
            {
            }
        });
        Assert.Equal(ProximityProblem.NoService, problem.Problem);
        await broadcast.DisposeAsync();
    }

    [Fact]
    public async Task An_advert_must_have_20_bytes() =>
        await Assert.ThrowsAsync<ArgumentException>(() => Advertiser.AdvertiseAsync(ByteString.Random(21), Stop));

    private async Task StartBothAsync()
    {
        _phone = await BlueZStandIn.StartAsync(_phoneBus!, _air);
        _computer = await BlueZStandIn.StartAsync(_computerBus!, _air);
    }

    private async Task<ByteString> FirstAsync()
    {
        await foreach (var advert in Scanner.ScanAsync(Stop)) return advert;
        throw new InvalidOperationException("nothing heard");
    }

    /// <summary>The next advert, once discovery runs.</summary>
    private async Task<Task<ByteString>> ListenAsync()
    {
        var next = FirstAsync();
        await ChangeUntilAsync(() => _computer!.IsDiscovering || next.IsCompleted);
        return next;
    }

    private static async Task ChangeUntilAsync(Func<bool> condition)
    {
        while (!condition()) await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System, Stop);
    }

    private Task<ProximityException> ProblemAsync() => Assert.ThrowsAsync<ProximityException>(() => Advertiser.AdvertiseAsync(Advert, Stop));
}
