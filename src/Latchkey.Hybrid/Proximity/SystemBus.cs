using System.Collections.Concurrent;
using System.Runtime.InteropServices;

namespace Latchkey.Hybrid.Proximity;

/// <summary>Writes a message.</summary>
internal delegate void BusWrite(BusWriter arguments);

/// <summary>Reads a message, which is gone when this returns.</summary>
internal delegate T BusRead<out T>(BusReader arguments);

/// <summary>Answers a method call: writes its reply, or throws <see cref="BusException"/>; null when the object has no such method.</summary>
internal delegate BusWrite? BusAnswer(BusReader call);

/// <summary>
/// A connection to a D-Bus, with a thread of its own: sd-bus is not for several. Everything given to it runs on that thread, one after the
/// other; calls do not block it, so that whoever is called may ask back before it answers.
/// </summary>
internal sealed class SystemBus : IDisposable
{
    private const ulong CallMicroseconds = 15_000_000;

    private readonly nint _bus;
    private readonly int _wake;
    private readonly Thread _thread;
    private readonly ConcurrentQueue<Work> _work = new();
    private readonly CancellationTokenSource _lost = new();
    private readonly HashSet<PendingCall> _pending = [];
    private readonly Lock _wakeGate = new();
    private volatile bool _ends;

    private SystemBus(nint bus, int wake)
    {
        (_bus, _wake) = (bus, wake);
        _thread = new Thread(Pump) { IsBackground = true, Name = "D-Bus" };
        _thread.Start();
    }

    /// <summary>Cancelled when the connection is gone, by <see cref="Dispose"/> or by itself.</summary>
    public CancellationToken Lost => _lost.Token;

    /// <summary>Connects.</summary>
    /// <param name="address">Such as <c>unix:path=…</c>; null is the system's bus, or what <c>DBUS_SYSTEM_BUS_ADDRESS</c> says.</param>
    /// <exception cref="BusException">Nobody is there.</exception>
    /// <exception cref="DllNotFoundException">This system has no libsystemd.</exception>
    public static SystemBus Connect(string? address)
    {
        // The runtime's environment is not libc's: what was set in this process would not be seen there.
        address ??= Environment.GetEnvironmentVariable("DBUS_SYSTEM_BUS_ADDRESS");
        nint bus;
        if (address is null)
        {
            BusException.ThrowIfFailed(SdBus.OpenSystem(out bus));
        }
        else
        {
            BusException.ThrowIfFailed(SdBus.New(out bus));
            var result = SdBus.SetAddress(bus, address);
            if (result >= 0) result = SdBus.SetBusClient(bus, 1);
            if (result >= 0) result = SdBus.Start(bus);
            if (result < 0)
            {
                SdBus.FlushCloseUnref(bus);
                BusException.ThrowIfFailed(result);
            }
        }

        const int CloseOnExec = 0x80000, NonBlocking = 0x800;
        return new(bus, SdBus.EventFd(0, CloseOnExec | NonBlocking));
    }

    /// <summary>Calls a method and reads its reply.</summary>
    /// <exception cref="BusException">It answered with an error, or not at all.</exception>
    public async Task<T> CallAsync<T>(string destination, string path, string @interface, string member, BusWrite? write, BusRead<T> read, CancellationToken cancellationToken)
    {
        var answer = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        var pending = new PendingCall(reply => answer.TrySetResult(read(new BusReader(reply))), problem => answer.TrySetException(problem));
        Post(new(() => Begin(pending, destination, path, @interface, member, write), pending.End));
        return await answer.Task.WaitAsync(cancellationToken);
    }

    /// <summary>Calls a method whose reply says nothing.</summary>
    /// <exception cref="BusException">It answered with an error, or not at all.</exception>
    public Task CallAsync(string destination, string path, string @interface, string member, BusWrite? write, CancellationToken cancellationToken) =>
        CallAsync(destination, path, @interface, member, write, _ => true, cancellationToken);

    /// <summary>Takes a name that others call us by.</summary>
    public Task OwnAsync(string name) => RunAsync(() => BusException.ThrowIfFailed(SdBus.RequestName(_bus, name, 0)));

    /// <summary>Sends a signal; nobody learns whether anybody hears it.</summary>
    public void Emit(string path, string @interface, string member, BusWrite write) => Post(new(
        () =>
        {
            BusException.ThrowIfFailed(SdBus.NewSignal(_bus, out var message, path, @interface, member));
            Send(message, write);
        },
        _ => { }));

    /// <summary>Offers an object until the result is disposed.</summary>
    public Task<IDisposable> AddObjectAsync(string path, BusAnswer answer) => SubscribeAsync(
        new Subscription(this, message =>
        {
            try
            {
                if (answer(new BusReader(message)) is not { } write) return 0;
                BusException.ThrowIfFailed(SdBus.NewMethodReturn(message, out var reply));
                Send(reply, write);
            }
            catch (BusException e)
            {
                return SdBus.ReplyMethodError(message, e.Name, e.Message.Replace('%', ' '));
            }

            return 1;
        }),
        path,
        AddObject);

    /// <summary>Hears signals until the result is disposed.</summary>
    /// <param name="match">D-Bus's match rule.</param>
    /// <param name="heard">Reads each.</param>
    public Task<IDisposable> MatchAsync(string match, BusHear heard) => SubscribeAsync(
        new Subscription(this, message =>
        {
            try
            {
                heard(new BusReader(message));
            }
            catch (BusException)
            {
                // Somebody's signal of another shape than it should have.
            }

            return 0;
        }),
        match,
        AddMatch);

    /// <summary>Ends the connection; what waits for an answer fails.</summary>
    public void Dispose()
    {
        if (_ends && !_thread.IsAlive) return;
        _ends = true;
        Wake();
        if (Thread.CurrentThread != _thread) _thread.Join();
    }

    private async Task<IDisposable> SubscribeAsync(Subscription subscription, string where, Func<Subscription, string, int> add)
    {
        subscription.Handle = GCHandle.Alloc(subscription);
        try
        {
            await RunAsync(() => BusException.ThrowIfFailed(add(subscription, where)));
            return subscription;
        }
        catch
        {
            subscription.Handle.Free();
            throw;
        }
    }

    private unsafe int AddObject(Subscription subscription, string path) => SdBus.AddObject(_bus, out subscription.Slot, path, &OnMessage, GCHandle.ToIntPtr(subscription.Handle));

    private unsafe int AddMatch(Subscription subscription, string match) => SdBus.AddMatchAsync(_bus, out subscription.Slot, match, &OnMessage, 0, GCHandle.ToIntPtr(subscription.Handle));

    private unsafe void Begin(PendingCall pending, string destination, string path, string @interface, string member, BusWrite? write)
    {
        nint message = 0;
        try
        {
            BusException.ThrowIfFailed(SdBus.NewMethodCall(_bus, out message, destination, path, @interface, member));
            write?.Invoke(new BusWriter(message));
            pending.Handle = GCHandle.Alloc(pending);
            BusException.ThrowIfFailed(SdBus.CallAsync(_bus, out pending.Slot, message, &OnReply, GCHandle.ToIntPtr(pending.Handle), CallMicroseconds));
            pending.Forget = () => _pending.Remove(pending);
            _pending.Add(pending);
        }
        catch (BusException e)
        {
            pending.End(e);
        }
        finally
        {
            if (message != 0) SdBus.MessageUnref(message);
        }
    }

    private void Send(nint message, BusWrite write)
    {
        try
        {
            write(new BusWriter(message));
            BusException.ThrowIfFailed(SdBus.Send(_bus, message, 0));
        }
        finally
        {
            SdBus.MessageUnref(message);
        }
    }

    private async Task RunAsync(Action action)
    {
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Post(new(
            () =>
            {
                try
                {
                    action();
                    done.SetResult();
                }
                catch (BusException e)
                {
                    done.SetException(e);
                }
            },
            problem => done.SetException(problem)));
        await done.Task;
    }

    private void Post(Work work)
    {
        _work.Enqueue(work);
        if (_lost.IsCancellationRequested) Abandon();
        else Wake();
    }

    /// <summary>The connection is gone: nothing that was to be done can be.</summary>
    private void Abandon()
    {
        while (_work.TryDequeue(out var work)) work.Abandon(Gone());
    }

    private static BusException Gone() => new(BusException.Disconnected, "The connection to the system's bus is gone.");

    private unsafe void Wake()
    {
        // The number of a closed file may be somebody else's by now.
        lock (_wakeGate)
        {
            if (_lost.IsCancellationRequested) return;
            ulong one = 1;
            _ = SdBus.Write(_wake, &one, sizeof(ulong));
        }
    }

    private void Pump()
    {
        while (!_ends)
        {
            while (_work.TryDequeue(out var work))
            {
                try
                {
                    work.Run();
                }
                catch (BusException)
                {
                    // A signal that could not be sent; everything else has told whoever waits.
                }
            }

            var processed = SdBus.Process(_bus, 0);
            if (processed < 0) break;
            if (processed == 0 && _work.IsEmpty && !_ends) Wait();
        }

        _ends = true;
        foreach (var pending in _pending.ToList()) pending.End(Gone());
        SdBus.FlushCloseUnref(_bus);
        lock (_wakeGate)
        {
            _lost.Cancel();
            _ = SdBus.Close(_wake);
        }

        Abandon();
    }

    private unsafe void Wait()
    {
        var fds = stackalloc PollFd[2];
        fds[0] = new() { Fd = SdBus.GetFd(_bus), Events = (short)SdBus.GetEvents(_bus) };
        fds[1] = new() { Fd = _wake, Events = PollFd.In };
        _ = SdBus.Poll(fds, 2, Milliseconds());
        ulong count;
        _ = SdBus.Read(_wake, &count, sizeof(ulong));
    }

    /// <summary>Until the next call of ours runs out of time.</summary>
    private int Milliseconds()
    {
        if (SdBus.GetTimeout(_bus, out var at) < 0 || at == ulong.MaxValue) return -1;
        var now = (ulong)(System.Diagnostics.Stopwatch.GetTimestamp() / (System.Diagnostics.Stopwatch.Frequency / 1_000_000.0));
        return at <= now ? 0 : (int)Math.Min((at - now + 999) / 1000, 60_000);
    }

    [UnmanagedCallersOnly]
    private static unsafe int OnReply(nint message, nint userdata, nint error)
    {
        var pending = (PendingCall)GCHandle.FromIntPtr(userdata).Target!;
        if (SdBus.IsMethodError(message, 0) > 0)
        {
            var problem = SdBus.GetError(message);
            pending.End(new BusException(Marshal.PtrToStringUTF8((nint)problem->Name) ?? "", Marshal.PtrToStringUTF8((nint)problem->Message) ?? ""));
            return 1;
        }

        try
        {
            pending.Read(message);
            pending.End(null);
        }
        catch (BusException e)
        {
            pending.End(e);
        }

        return 1;
    }

    [UnmanagedCallersOnly]
    private static int OnMessage(nint message, nint userdata, nint error) => ((Subscription)GCHandle.FromIntPtr(userdata).Target!).Handler(message);

    /// <summary>A call under way.</summary>
    private sealed class PendingCall(Action<nint> read, Action<BusException> fail)
    {
        public nint Slot;
        public GCHandle Handle;

        public Action? Forget { get; set; }

        public void Read(nint reply) => read(reply);

        public void End(BusException? problem)
        {
            Forget?.Invoke();
            if (problem is not null) fail(problem);
            if (Slot != 0) SdBus.SlotUnref(Slot);
            if (Handle.IsAllocated) Handle.Free();
        }
    }

    private sealed class Subscription(SystemBus bus, Func<nint, int> handler) : IDisposable
    {
        public nint Slot;
        public GCHandle Handle;

        public Func<nint, int> Handler => handler;

        public void Dispose() => bus.Post(new(() => Free(unref: true), _ => Free(unref: false)));

        private void Free(bool unref)
        {
            if (!Handle.IsAllocated) return;
            // A connection that is gone took its slots with it.
            if (unref) SdBus.SlotUnref(Slot);
            Handle.Free();
        }
    }

    /// <summary>Something for the bus's thread.</summary>
    /// <param name="Run">Does it there.</param>
    /// <param name="Abandon">The connection went first.</param>
    private sealed record Work(Action Run, Action<BusException> Abandon);
}

/// <summary>Reads a signal.</summary>
internal delegate void BusHear(BusReader signal);
