using Latchkey.Hybrid.Advert;
using Latchkey.Protocol;

namespace Latchkey.Hybrid.Linking;

/// <summary>A phone a computer is linked to: what the computer keeps. The secret is one.</summary>
/// <param name="Domain">The tunnel service the phone waits at.</param>
/// <param name="ContactId">By what that service knows the phone.</param>
/// <param name="LinkId">By what the phone knows this computer.</param>
/// <param name="Secret">32 bytes; the keys of every meeting come from them.</param>
/// <param name="PhoneKey">What the phone proves itself with.</param>
/// <param name="PhoneName">What the person calls the phone.</param>
public sealed record PhoneLink(TunnelDomain Domain, ContactId ContactId, LinkId LinkId, ByteString Secret, P256Point PhoneKey, string PhoneName);

/// <summary>Where a computer keeps the phones it is linked to.</summary>
public interface ILinkStore
{
    /// <summary>Keeps a phone; one with the same key is the same phone, and the older link of it goes.</summary>
    Task KeepAsync(PhoneLink link, CancellationToken cancellationToken);

    /// <summary>Forgets a phone, because it has forgotten this computer.</summary>
    Task ForgetAsync(PhoneLink link, CancellationToken cancellationToken);
}

/// <summary>A computer a phone is linked to: what the phone keeps. The secret and the key are two.</summary>
/// <param name="LinkId">By what the phone knows the computer.</param>
/// <param name="Secret">32 bytes; the keys of every meeting come from them.</param>
/// <param name="PrivateKey">What the phone proves itself with towards this computer, and no other: 32 bytes.</param>
public sealed record ComputerLink(LinkId LinkId, ByteString Secret, ByteString PrivateKey);

/// <summary>A phone's offer to be found again by the computers it meets.</summary>
/// <param name="ContactId">What the tunnel service gave the phone.</param>
/// <param name="PhoneName">What the person calls the phone.</param>
/// <param name="KeepAsync">Keeps a link; done before the computer hears of it.</param>
public sealed record LinkOffer(ContactId ContactId, string PhoneName, Func<ComputerLink, CancellationToken, Task> KeepAsync)
{
    /// <summary>A fresh link, and what the computer is told about it.</summary>
    /// <param name="computer">The QR code's identity key.</param>
    /// <param name="handshakeHash">The meeting's.</param>
    internal (ComputerLink Link, LinkingInformation Information) Make(P256Point computer, ByteString handshakeHash)
    {
        using var key = P256KeyPair.Generate();
        var link = new ComputerLink(new(ByteString.Random(LinkId.Length)), ByteString.Random(LinkingInformation.SecretLength), key.ExportPrivateKey());
        return (link, new(ContactId, link.LinkId, link.Secret, key.Public, PhoneName, LinkingSignature.Compute(key, computer, handshakeHash)));
    }
}
