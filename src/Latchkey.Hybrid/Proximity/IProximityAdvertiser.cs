using Latchkey.Protocol;

namespace Latchkey.Hybrid.Proximity;

/// <summary>
/// The phone's end of proximity: broadcasts one advert as service data of <see cref="ServiceUuid"/>.
/// <see href="https://fidoalliance.org/specs/fido-v2.2-ps-20250714/fido-client-to-authenticator-protocol-v2.2-ps-20250714.html#hybrid-ble-advert"/>
/// </summary>
public interface IProximityAdvertiser
{
    /// <summary>FIDO's 16-bit service UUID, in the 128-bit form that Bluetooth stacks speak.</summary>
    const string ServiceUuid = "0000fff9-0000-1000-8000-00805f9b34fb";

    /// <summary>Broadcasts until the result is disposed.</summary>
    /// <param name="advert">Exactly 20 bytes.</param>
    /// <param name="cancellationToken">Gives up before it is on the air.</param>
    /// <exception cref="ProximityException">It cannot be done here, and why.</exception>
    Task<IAsyncDisposable> AdvertiseAsync(ByteString advert, CancellationToken cancellationToken);
}
