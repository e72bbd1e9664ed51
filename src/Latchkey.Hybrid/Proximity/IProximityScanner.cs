using Latchkey.Protocol;

namespace Latchkey.Hybrid.Proximity;

/// <summary>The computer's end of proximity: listens for adverts.</summary>
public interface IProximityScanner
{
    /// <summary>Every service data of FIDO's UUIDs heard, whoever sent it, until the caller stops; at least 20 bytes each.</summary>
    /// <exception cref="ProximityException">It cannot be done here, and why.</exception>
    IAsyncEnumerable<ByteString> ScanAsync(CancellationToken cancellationToken);
}
