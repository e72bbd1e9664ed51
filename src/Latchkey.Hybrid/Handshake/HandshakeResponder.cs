using Latchkey.Hybrid.Advert;
using Latchkey.Protocol;

namespace Latchkey.Hybrid.Handshake;

/// <summary>
/// The phone's part of the handshake: one message in, one out.
/// <see href="https://fidoalliance.org/specs/fido-v2.2-ps-20250714/fido-client-to-authenticator-protocol-v2.2-ps-20250714.html#hybrid-handshake"/>
/// </summary>
internal sealed class HandshakeResponder
{
    private readonly Psk _psk;
    private readonly P256Point? _computer;
    private readonly P256KeyPair? _identity;

    private HandshakeResponder(Psk psk, P256Point? computer, P256KeyPair? identity) => (_psk, _computer, _identity) = (psk, computer, identity);

    /// <summary>KNpsk0: to a QR code, which told the computer's identity key.</summary>
    public static HandshakeResponder QrInitiated(Psk psk, P256Point computer) => new(psk, computer, identity: null);

    /// <summary>NKpsk0: to a linked computer, which has our key.</summary>
    /// <param name="psk">The meeting's.</param>
    /// <param name="identity">Our key of that link; stays the caller's.</param>
    public static HandshakeResponder StateAssisted(Psk psk, P256KeyPair identity) => new(psk, computer: null, identity);

    /// <summary>Takes the computer's message and gives the reply.</summary>
    /// <param name="message">As it came.</param>
    /// <param name="fresh">Our ephemeral key, unless a vector says which it is.</param>
    /// <exception cref="HybridException">It is none, or not from the computer that drew the QR code and heard the advert.</exception>
    public (ByteString Reply, HandshakeResult Result) Respond(ByteString message, P256KeyPair? fresh = null)
    {
        var (computer, tag) = HandshakeMessage.Parse(message);
        var noise = _identity is null
            ? new NoiseState(NoiseState.KnPsk0, HandshakeMessage.PrologueQrInitiated)
            : new NoiseState(NoiseState.NkPsk0, HandshakeMessage.PrologueStateAssisted);
        noise.MixHash((_computer ?? _identity!.Public).Uncompressed);

        // -> psk, e            (KNpsk0)
        // -> psk, e, es        (NKpsk0)
        noise.MixKeyAndHash(_psk.Bytes);
        noise.MixHash(computer.Uncompressed);
        noise.MixKey(computer.Uncompressed);
        if (_identity is not null) noise.MixKey(_identity.Agree(computer));
        if (!noise.OpenNothing(tag)) throw HandshakeMessage.NotTheSame();

        // <- e, ee, se         (KNpsk0)
        // <- e, ee             (NKpsk0)
        using var generated = fresh is null ? P256KeyPair.Generate() : null;
        var ephemeral = fresh ?? generated!;
        noise.MixHash(ephemeral.Public.Uncompressed);
        noise.MixKey(ephemeral.Public.Uncompressed);
        noise.MixKey(ephemeral.Agree(computer));
        if (_computer is not null) noise.MixKey(ephemeral.Agree(_computer));
        return (HandshakeMessage.Encode(ephemeral.Public, noise.SealNothing()), noise.Split());
    }
}
