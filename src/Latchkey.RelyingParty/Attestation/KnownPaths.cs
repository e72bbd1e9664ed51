using System.Collections.Concurrent;
using Latchkey.Protocol;

namespace Latchkey.RelyingParty.Attestation;

/// <summary>
/// Certificate paths that one set of anchors has accepted, by the exact bytes of <c>x5c</c>, each for as long as
/// everything on it is valid. A model's authenticators all carry the same certificates, and checking them costs as much
/// as checking what was signed. What an anchor took back belongs to the anchor, and other anchors have another memory.
/// </summary>
internal sealed class KnownPaths
{
    private const int MaxCount = 256;

    private readonly ConcurrentDictionary<ByteString, (AttestationCertificate Leaf, Validity Validity)> _paths = new();

    /// <summary>The leaf of a path that was accepted and is valid at this time; null when there is none.</summary>
    public AttestationCertificate? Find(ByteString x5c, DateTimeOffset now) =>
        _paths.TryGetValue(x5c, out var path) && path.Validity.Contains(now) ? path.Leaf : null;

    /// <summary>Keeps a path that was accepted, as a copy: the bytes belong to a response.</summary>
    public void Add(ByteString x5c, Validity validity)
    {
        // Only what leads to an anchor comes here, so it takes no enemy but only many models to fill it.
        if (_paths.Count >= MaxCount)
        {
            _paths.Clear();
        }

        var copy = ByteString.CopyOf(x5c);
        if (AttestationCertificate.TryParse(PackedAttestation.Certificates(copy)[0], out var leaf))
        {
            _paths[copy] = (leaf, validity);
        }
    }
}
