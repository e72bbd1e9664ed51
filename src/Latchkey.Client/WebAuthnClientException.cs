using Latchkey.Protocol.Ctap;

namespace Latchkey.Client;

/// <summary>The names under which a client reports failure. <see href="https://webidl.spec.whatwg.org/#idl-DOMException-error-names"/></summary>
public enum DomExceptionName
{
    /// <summary>The caller aborted.</summary>
    AbortError,

    /// <summary>No authenticator can do what was demanded.</summary>
    ConstraintError,

    /// <summary>An authenticator holds a credential of the exclude list, and the person said so.</summary>
    InvalidStateError,

    /// <summary>Declined, timed out, or nothing fits; the standard keeps these apart from nobody.</summary>
    NotAllowedError,

    /// <summary>No algorithm in common, or an enforced extension that is not there.</summary>
    NotSupportedError,

    /// <summary>The RP ID does not belong to the origin.</summary>
    SecurityError,

    /// <summary>The options break a rule of their own.</summary>
    TypeError,

    /// <summary>The authenticator failed, or answered nonsense.</summary>
    UnknownError,
}

/// <summary>A ceremony the client ended, by the name a page would see.</summary>
public sealed class WebAuthnClientException : Exception
{
    /// <summary>Ends a ceremony.</summary>
    /// <param name="name">The DOMException's name.</param>
    /// <param name="message">A sentence for whoever debugs it.</param>
    /// <param name="inner">What caused it, if something below did.</param>
    public WebAuthnClientException(DomExceptionName name, string message, Exception? inner = null)
        : base(message, inner) => Name = name;

    /// <summary>The DOMException's name.</summary>
    public DomExceptionName Name { get; }

    /// <summary>What the authenticator said, if it was the authenticator.</summary>
    public CtapStatus? Status => (InnerException as CtapException)?.Status;

    /// <summary>What an authenticator's refusal is called in a page.</summary>
    internal static WebAuthnClientException Of(CtapException e) => new(
        e.Status switch
        {
            CtapStatus.CredentialExcluded => DomExceptionName.InvalidStateError,
            CtapStatus.UnsupportedAlgorithm => DomExceptionName.NotSupportedError,
            CtapStatus.OperationDenied or CtapStatus.NotAllowed or CtapStatus.NoCredentials or CtapStatus.UserActionTimeout or CtapStatus.ActionTimeout
                or CtapStatus.KeepAliveCancel or CtapStatus.PinInvalid or CtapStatus.PinBlocked or CtapStatus.PinAuthBlocked or CtapStatus.PuatRequired
                or CtapStatus.PinNotSet or CtapStatus.UvBlocked or CtapStatus.UvInvalid or CtapStatus.KeyStoreFull => DomExceptionName.NotAllowedError,
            CtapStatus.UnsupportedOption or CtapStatus.InvalidOption => DomExceptionName.ConstraintError,
            _ => DomExceptionName.UnknownError,
        },
        $"The authenticator answered {e.Status}.",
        e);
}
