using Latchkey.Authenticator;
using Latchkey.Protocol;

namespace Latchkey.Hybrid.Tests.Meetings;

/// <summary>A tunnel service that does not just carry. It sees failures only, and the key's state is right after each.</summary>
public sealed class RelayInTheMiddleTests : IDisposable
{
    // What goes over the tunnel when a passkey is made: handshake, reply, getInfo, request, answer, goodbye.
    private static readonly (FromComputerOrPhone From, int Number)[] Messages =
    [
        (FromComputerOrPhone.Computer, 0),
        (FromComputerOrPhone.Phone, 0),
        (FromComputerOrPhone.Phone, 1),
        (FromComputerOrPhone.Computer, 1),
        (FromComputerOrPhone.Phone, 2),
    ];

    private static readonly Dictionary<string, Func<ByteString, IEnumerable<ByteString>?>> Harms = new(StringComparer.Ordinal)
    {
        ["alters the first byte"] = message => [Flip(message, 0)],
        ["alters the last byte"] = message => [Flip(message, message.Length - 1)],
        ["alters a byte within"] = message => [Flip(message, message.Length / 2)],
        ["truncates"] = message => [message.Slice(0, message.Length - 1)],
        ["empties"] = _ => [ByteString.Empty],
        ["lengthens"] = message => [(byte[])[.. message.Span, 0]],
        ["puts something before"] = message => [ByteString.Random(message.Length), message],
        ["hangs up"] = _ => null,
    };

    private readonly Meeting _meeting = new();

    public static TheoryData<string, int> Every
    {
        get
        {
            var data = new TheoryData<string, int>();
            foreach (var harm in Harms.Keys)
            {
                for (var message = 0; message < Messages.Length; message++) data.Add(harm, message);
            }

            return data;
        }
    }

    public void Dispose() => _meeting.Dispose();

    [Theory]
    [MemberData(nameof(Every))]
    public async Task Whatever_it_does_to_a_message_both_ends_fail_clearly(string harm, int message)
    {
        var (from, number) = Messages[message];
        _meeting.Relay.Middle = (sender, n, bytes) => (sender, n) == (from, number) ? Harms[harm](bytes) : [bytes];

        var (_, failure, outcome) = await _meeting.CreateAsync();

        var problem = Assert.IsType<HybridException>(failure).Problem;
        Assert.Contains(problem, new[] { HybridProblem.HandshakeFailed, HybridProblem.PeerMisbehaved, HybridProblem.PeerClosed });

        // Once the answer is handed over, the phone has to take it as delivered: only the server can tell what became of it.
        var answered = (from, number) == (FromComputerOrPhone.Phone, 2);
        Assert.Equal(answered ? [CredentialState.Delivered] : [], _meeting.Keys);
        if (!answered) Assert.Contains(outcome.Problem, new HybridProblem?[] { HybridProblem.HandshakeFailed, HybridProblem.PeerMisbehaved, HybridProblem.PeerClosed });
    }

    [Fact]
    public async Task A_message_brought_twice_ends_it()
    {
        _meeting.Relay.Middle = (sender, n, bytes) => (sender, n) == (FromComputerOrPhone.Computer, 1) ? [bytes, bytes] : [bytes];
        _meeting.Phone.Person.Answer = async (request, token) =>
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, _meeting.Time, token);
            return Person.Yes(request);
        };

        var (_, failure, outcome) = await _meeting.CreateAsync();

        Assert.IsType<HybridException>(failure);
        Assert.Equal(HybridProblem.PeerMisbehaved, outcome.Problem);
        Assert.Empty(_meeting.Keys);
    }

    [Fact]
    public async Task Messages_brought_out_of_order_end_it()
    {
        ByteString held = default;
        _meeting.Relay.Middle = (sender, n, bytes) =>
        {
            if (sender != FromComputerOrPhone.Phone || n == 2) return [bytes];
            if (n == 1) return [bytes, held];
            held = bytes;
            return [];
        };

        var (_, failure, outcome) = await _meeting.CreateAsync();

        Assert.Equal(HybridProblem.HandshakeFailed, Assert.IsType<HybridException>(failure).Problem);
        Assert.Equal(HybridProblem.PeerClosed, outcome.Problem);
        Assert.Empty(_meeting.Keys);
    }

    [Fact]
    public async Task It_cannot_take_the_phones_place()
    {
        // It has the tunnel ID and the routing ID, and plays a phone of its own towards the computer.
        _meeting.Relay.Middle = (sender, n, bytes) => (sender, n) == (FromComputerOrPhone.Phone, 0)
            ? [(byte[])[.. P256KeyPair.Generate().Public.Uncompressed.Span, .. new byte[16]]]
            : [bytes];

        var (_, failure, _) = await _meeting.CreateAsync();

        Assert.Equal(HybridProblem.HandshakeFailed, Assert.IsType<HybridException>(failure).Problem);
        Assert.Empty(_meeting.Keys);
    }

    private static ByteString Flip(ByteString message, int at)
    {
        var bytes = message.ToArray();
        bytes[at] ^= 0x01;
        return bytes;
    }
}
