using Latchkey.Hybrid.Advert;
using Latchkey.Protocol;

namespace Latchkey.Hybrid.Handshake;

/// <summary>
/// The computer's part of the handshake: one message out, one in.
/// <see href="https://fidoalliance.org/specs/fido-v2.2-ps-20250714/fido-client-to-authenticator-protocol-v2.2-ps-20250714.html#hybrid-handshake"/>
/// </summary>
internal sealed class HandshakeInitiator : IDisposable
{
    private readonly NoiseState _noise;
    private readonly P256KeyPair _ephemeral;
    private readonly P256KeyPair? _identity;

    private HandshakeInitiator(NoiseState noise, Psk psk, P256KeyPair? identity, P256Point? phone, P256KeyPair? ephemeral)
    {
        _noise = noise;
        _identity = identity;
        _ephemeral = ephemeral ?? P256KeyPair.Generate();

        // -> psk, e            (KNpsk0)
        // -> psk, e, es        (NKpsk0)
        noise.MixKeyAndHash(psk.Bytes);
        noise.MixHash(_ephemeral.Public.Uncompressed);
        noise.MixKey(_ephemeral.Public.Uncompressed);
        if (phone is not null) noise.MixKey(_ephemeral.Agree(phone));
        Message = HandshakeMessage.Encode(_ephemeral.Public, noise.SealNothing());
    }

    /// <summary>What goes out.</summary>
    public ByteString Message { get; }

    /// <summary>KNpsk0: from a QR code, whose identity key the phone has seen.</summary>
    /// <param name="psk">The meeting's.</param>
    /// <param name="identity">The QR code's; stays the caller's.</param>
    /// <param name="ephemeral">Fresh, unless a vector says which.</param>
    public static HandshakeInitiator QrInitiated(Psk psk, P256KeyPair identity, P256KeyPair? ephemeral = null)
    {
        var noise = new NoiseState(NoiseState.KnPsk0, HandshakeMessage.PrologueQrInitiated);
        noise.MixHash(identity.Public.Uncompressed);
        return new(noise, psk, identity, phone: null, ephemeral);
    }

    /// <summary>NKpsk0: from a link, in which the phone left its key.</summary>
    /// <param name="psk">The meeting's.</param>
    /// <param name="phone">The phone's key.</param>
    /// <param name="ephemeral">Fresh, unless a vector says which.</param>
    public static HandshakeInitiator StateAssisted(Psk psk, P256Point phone, P256KeyPair? ephemeral = null)
    {
        var noise = new NoiseState(NoiseState.NkPsk0, HandshakeMessage.PrologueStateAssisted);
        noise.MixHash(phone.Uncompressed);
        return new(noise, psk, identity: null, phone, ephemeral);
    }

    /// <summary>Takes the phone's message.</summary>
    /// <exception cref="HybridException">It is none, or not from the phone that saw the QR code.</exception>
    public HandshakeResult Complete(ByteString reply)
    {
        var (phone, tag) = HandshakeMessage.Parse(reply);

        // <- e, ee, se         (KNpsk0)
        // <- e, ee             (NKpsk0)
        _noise.MixHash(phone.Uncompressed);
        _noise.MixKey(phone.Uncompressed);
        _noise.MixKey(_ephemeral.Agree(phone));
        if (_identity is not null) _noise.MixKey(_identity.Agree(phone));
        return _noise.OpenNothing(tag) ? _noise.Split() : throw HandshakeMessage.NotTheSame();
    }

    public void Dispose() => _ephemeral.Dispose();
}
