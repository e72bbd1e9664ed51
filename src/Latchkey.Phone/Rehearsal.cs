using Latchkey.Phone.Computer;

namespace Latchkey.Phone;

/// <summary>Everything that is on stage: a screen, a meeting point, two machines on one air, the computer and the phone.</summary>
internal sealed class Rehearsal : IAsyncDisposable
{
    private readonly Stack<IAsyncDisposable> _onStage = new();

    private Rehearsal()
    {
    }

    /// <summary>The screen, when it had to be made.</summary>
    public Display? Display { get; private set; }

    public VirtualComputer Computer { get; private set; } = null!;

    public VirtualPhone Phone { get; private set; } = null!;

    /// <exception cref="RehearsalException">Something is missing, or did not start.</exception>
    public static async Task<Rehearsal> StartAsync(PhoneOptions options, CancellationToken cancellationToken)
    {
        var hasScreen = !options.Walks && !string.IsNullOrEmpty(Environment.GetEnvironmentVariable("DISPLAY") ?? Environment.GetEnvironmentVariable("WAYLAND_DISPLAY"));
        if (!hasScreen && !options.Walks) throw new RehearsalException("There is no screen here to show the phone on. ./run --walk does the steps by itself, and saves a picture of each.");
        var requirements = Requirements.Check(screenless: !hasScreen);
        var rehearsal = new Rehearsal();
        try
        {
            if (!hasScreen) rehearsal.Display = rehearsal.Add(await Display.StartAsync(cancellationToken));
            var stage = rehearsal.Add(new Folder("latchkey-rehearsal"));
            var meetingPoint = rehearsal.Add(await MeetingPoint.StartAsync(stage.Directory, cancellationToken));
            var air = new Air();
            var (computerBus, _) = await rehearsal.AddMachineAsync(air, cancellationToken);
            var (phoneBus, phoneBluetooth) = await rehearsal.AddMachineAsync(air, cancellationToken);
            rehearsal.Phone = rehearsal.Add(await VirtualPhone.StartAsync(options, requirements, meetingPoint, phoneBus, phoneBluetooth, rehearsal.Display, cancellationToken));
            rehearsal.Computer = rehearsal.Add(await VirtualComputer.StartAsync(
                requirements, meetingPoint, computerBus.Address, rehearsal.Display, new Uri(options.Server, "security-info"), [], cancellationToken));
            return rehearsal;
        }
        catch
        {
            await rehearsal.DisposeAsync();
            throw;
        }
    }

    /// <summary>Off stage in the opposite order.</summary>
    public async ValueTask DisposeAsync()
    {
        while (_onStage.TryPop(out var one)) await one.DisposeAsync();
    }

    private async Task<(PrivateBus Bus, BlueZStandIn Bluetooth)> AddMachineAsync(Air air, CancellationToken cancellationToken)
    {
        var bus = Add(await PrivateBus.StartAsync(cancellationToken));
        return (bus, Add(await BlueZStandIn.StartAsync(bus, air)));
    }

    private T Add<T>(T one)
        where T : IAsyncDisposable
    {
        _onStage.Push(one);
        return one;
    }

    private sealed class Folder(string name) : IAsyncDisposable
    {
        public DirectoryInfo Directory { get; } = System.IO.Directory.CreateTempSubdirectory(name);

        public ValueTask DisposeAsync()
        {
            Directory.Delete(recursive: true);
            return ValueTask.CompletedTask;
        }
    }
}
