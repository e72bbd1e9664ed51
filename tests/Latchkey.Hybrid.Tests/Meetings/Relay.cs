using System.Threading.Channels;
using Latchkey.Hybrid.Advert;
using Latchkey.Hybrid.Linking;
using Latchkey.Hybrid.Tunnel;
using Latchkey.Protocol;

namespace Latchkey.Hybrid.Tests.Meetings;

/// <summary>A tunnel service in memory. A test may stand in the middle: it sees each message and says what goes on instead.</summary>
internal sealed class Relay : ITunnelConnector
{
    private readonly Dictionary<TunnelId, Pipe> _waiting = [];

    /// <summary>Says what goes on instead of a message; null closes the tunnel. Messages are counted by direction, from 0.</summary>
    public Func<FromComputerOrPhone, int, ByteString, IEnumerable<ByteString>?> Middle { get; set; } = (_, _, message) => [message];

    /// <summary>Happens before a phone gets its tunnel.</summary>
    public Func<Task> BeforeNew { get; set; } = () => Task.CompletedTask;

    /// <summary>Happens before a computer gets its tunnel.</summary>
    public Func<Task> BeforeConnect { get; set; } = () => Task.CompletedTask;

    /// <summary>Ends of tunnels handed out and not yet disposed.</summary>
    public int Open { get; private set; }

    public int Connected { get; private set; }

    /// <summary>Done when a computer has left its tunnel.</summary>
    public TaskCompletionSource ComputerGone { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public async Task<(ITunnel Tunnel, RoutingId RoutingId)> OpenNewAsync(TunnelDomain domain, TunnelId tunnelId, CancellationToken cancellationToken)
    {
        await BeforeNew().WaitAsync(cancellationToken);
        var pipe = new Pipe(this);
        _waiting[tunnelId] = pipe;
        Open++;
        return (pipe.Phone, RoutingId.Parse("a1b2c3"));
    }

    public async Task<ITunnel> ConnectAsync(TunnelDomain domain, RoutingId routingId, TunnelId tunnelId, CancellationToken cancellationToken)
    {
        await BeforeConnect().WaitAsync(cancellationToken);
        Connected++;
        if (routingId != RoutingId.Parse("a1b2c3") || !_waiting.Remove(tunnelId, out var pipe)) throw new HybridException(HybridProblem.TunnelRefused, "No such tunnel.");
        Open++;
        return pipe.Computer;
    }

    /// <summary>Linked phones by contact ID: called with the tunnel to open and what the computer sent.</summary>
    public Dictionary<ContactId, Action<TunnelId, ByteString>> Contacts { get; } = [];

    public Task<ITunnel> ContactAsync(TunnelDomain domain, ContactId contactId, ClientPayload payload, CancellationToken cancellationToken)
    {
        if (!Contacts.TryGetValue(contactId, out var call)) throw new HybridException(HybridProblem.LinkGone, "No such contact.");
        var tunnelId = new TunnelId(ByteString.Random(TunnelId.Length));
        call(tunnelId, payload.Encode());
        return ConnectAsync(domain, RoutingId.Parse("a1b2c3"), tunnelId, cancellationToken);
    }

    private sealed class Pipe
    {
        public Pipe(Relay relay)
        {
            var toPhone = System.Threading.Channels.Channel.CreateUnbounded<ByteString>();
            var toComputer = System.Threading.Channels.Channel.CreateUnbounded<ByteString>();
            Computer = new(relay, FromComputerOrPhone.Computer, toPhone.Writer, toComputer);
            Phone = new(relay, FromComputerOrPhone.Phone, toComputer.Writer, toPhone);
        }

        public End Computer { get; }

        public End Phone { get; }
    }

    private sealed class End : ITunnel
    {
        private readonly Relay _relay;
        private readonly FromComputerOrPhone _from;
        private readonly ChannelWriter<ByteString> _out;
        private readonly Channel<ByteString> _in;
        private int _sent;
        private bool _disposed;

        public End(Relay relay, FromComputerOrPhone from, ChannelWriter<ByteString> @out, Channel<ByteString> @in) => (_relay, _from, _out, _in) = (relay, from, @out, @in);

        public ValueTask SendAsync(ByteString message, CancellationToken cancellationToken)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (_relay.Middle(_from, _sent++, message) is not { } instead)
            {
                Close();
                return default;
            }

            foreach (var part in instead)
            {
                if (!_out.TryWrite(part)) throw new HybridException(HybridProblem.PeerClosed, "The tunnel is closed.");
            }

            return default;
        }

        public async ValueTask<ByteString?> ReceiveAsync(CancellationToken cancellationToken)
        {
            while (await _in.Reader.WaitToReadAsync(cancellationToken))
            {
                if (_in.Reader.TryRead(out var message)) return message;
            }

            return null;
        }

        public ValueTask DisposeAsync()
        {
            if (!_disposed) _relay.Open--;
            _disposed = true;
            Close();
            if (_from == FromComputerOrPhone.Computer) _relay.ComputerGone.TrySetResult();
            return default;
        }

        private void Close()
        {
            _out.TryComplete();
            _in.Writer.TryComplete();
        }
    }
}

public enum FromComputerOrPhone
{
    Computer,
    Phone,
}
