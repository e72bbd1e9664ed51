namespace Latchkey.Protocol.Ctap;

/// <summary>
/// The one door to any authenticator: in the same process, or behind a byte transport (<see cref="RemoteCtapAuthenticator"/>
/// on this side of it, <see cref="CtapDispatcher"/> on the other). Every failure is a <see cref="CtapException"/>;
/// cancelling the token is the transport's cancel command, and throws <see cref="OperationCanceledException"/>.
/// One operation at a time.
/// <see href="https://fidoalliance.org/specs/fido-v2.2-ps-20250714/fido-client-to-authenticator-protocol-v2.2-ps-20250714.html#authenticator-api"/>
/// </summary>
public interface ICtapAuthenticator
{
    /// <summary>What the authenticator can do (authenticatorGetInfo).</summary>
    /// <exception cref="CtapException">The authenticator answered with an error.</exception>
    Task<GetInfoResponse> GetInfoAsync(CancellationToken cancellationToken);

    /// <summary>Makes a credential after the person agreed (authenticatorMakeCredential).</summary>
    /// <exception cref="CtapException">The authenticator answered with an error.</exception>
    Task<MakeCredentialResponse> MakeCredentialAsync(MakeCredentialRequest request, CancellationToken cancellationToken);

    /// <summary>Signs with a credential (authenticatorGetAssertion).</summary>
    /// <exception cref="CtapException">The authenticator answered with an error.</exception>
    Task<GetAssertionResponse> GetAssertionAsync(GetAssertionRequest request, CancellationToken cancellationToken);

    /// <summary>Signs with the next of several credentials found by the last assertion (authenticatorGetNextAssertion).</summary>
    /// <exception cref="CtapException">The authenticator answered with an error; <see cref="CtapStatus.NotAllowed"/> when there is no next.</exception>
    Task<GetAssertionResponse> GetNextAssertionAsync(CancellationToken cancellationToken);

    /// <summary>Asks the person to choose this authenticator among several (authenticatorSelection).</summary>
    /// <exception cref="CtapException">The person declined, or did nothing for too long.</exception>
    Task SelectionAsync(CancellationToken cancellationToken);
}

/// <summary>The first byte of a CTAP message. <see href="https://fidoalliance.org/specs/fido-v2.2-ps-20250714/fido-client-to-authenticator-protocol-v2.2-ps-20250714.html#commands"/></summary>
public enum CtapCommand : byte
{
    /// <summary>authenticatorMakeCredential.</summary>
    MakeCredential = 0x01,

    /// <summary>authenticatorGetAssertion.</summary>
    GetAssertion = 0x02,

    /// <summary>authenticatorGetInfo.</summary>
    GetInfo = 0x04,

    /// <summary>authenticatorGetNextAssertion.</summary>
    GetNextAssertion = 0x08,

    /// <summary>authenticatorSelection.</summary>
    Selection = 0x0B,
}
