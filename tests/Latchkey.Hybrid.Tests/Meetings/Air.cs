using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Latchkey.Hybrid.Proximity;
using Latchkey.Protocol;

namespace Latchkey.Hybrid.Tests.Meetings;

/// <summary>The air between a phone and a computer that are near each other, and everybody else's adverts in it.</summary>
internal sealed class Air : IProximityAdvertiser, IProximityScanner
{
    private readonly Channel<ByteString> _heard = System.Threading.Channels.Channel.CreateUnbounded<ByteString>();

    /// <summary>Adverts on the air now.</summary>
    public int OnAir { get; private set; }

    /// <summary>What is heard instead of an advert.</summary>
    public Func<ByteString, IEnumerable<ByteString>> Weather { get; set; } = advert => [advert];

    public ProximityException? Broken { get; set; }

    public Task<IAsyncDisposable> AdvertiseAsync(ByteString advert, CancellationToken cancellationToken)
    {
        if (Broken is { } broken) throw broken;
        Assert.Equal(20, advert.Length);
        OnAir++;
        foreach (var heard in Weather(advert)) Put(heard);
        return Task.FromResult<IAsyncDisposable>(new Advertisement(this));
    }

    public void Put(ByteString heard) => Assert.True(_heard.Writer.TryWrite(heard));

    public async IAsyncEnumerable<ByteString> ScanAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        if (Broken is { } broken) throw broken;
        await foreach (var heard in _heard.Reader.ReadAllAsync(cancellationToken)) yield return heard;
    }

    private sealed class Advertisement(Air air) : IAsyncDisposable
    {
        public ValueTask DisposeAsync()
        {
            air.OnAir--;
            return default;
        }
    }
}
