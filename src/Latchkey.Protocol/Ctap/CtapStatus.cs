namespace Latchkey.Protocol.Ctap;

/// <summary>
/// What an authenticator answers, one byte. Total: a code without a name here is data like any other.
/// <see href="https://fidoalliance.org/specs/fido-v2.2-ps-20250714/fido-client-to-authenticator-protocol-v2.2-ps-20250714.html#error-responses"/>
/// </summary>
public enum CtapStatus : byte
{
    /// <summary>The command succeeded.</summary>
    Success = 0x00,

    /// <summary>The command is none this authenticator knows.</summary>
    InvalidCommand = 0x01,

    /// <summary>A parameter has a value it may not have.</summary>
    InvalidParameter = 0x02,

    /// <summary>The message has an impossible length.</summary>
    InvalidLength = 0x03,

    /// <summary>The message has an invalid sequence number.</summary>
    InvalidSeq = 0x04,

    /// <summary>The message took too long.</summary>
    Timeout = 0x05,

    /// <summary>Another operation is under way.</summary>
    ChannelBusy = 0x06,

    /// <summary>The command needs a channel lock.</summary>
    LockRequired = 0x0A,

    /// <summary>The command is not allowed on this channel.</summary>
    InvalidChannel = 0x0B,

    /// <summary>A value has another CBOR type than the parameter.</summary>
    CborUnexpectedType = 0x11,

    /// <summary>The message is not canonical CBOR of the command's shape.</summary>
    InvalidCbor = 0x12,

    /// <summary>A required parameter is not there.</summary>
    MissingParameter = 0x14,

    /// <summary>A length or a count is over the limit.</summary>
    LimitExceeded = 0x15,

    /// <summary>The fingerprint database is full.</summary>
    FpDatabaseFull = 0x17,

    /// <summary>The large blob storage is full.</summary>
    LargeBlobStorageFull = 0x18,

    /// <summary>A credential of the exclude list lives here.</summary>
    CredentialExcluded = 0x19,

    /// <summary>The operation goes on.</summary>
    Processing = 0x21,

    /// <summary>The credential is not of this authenticator.</summary>
    InvalidCredential = 0x22,

    /// <summary>The authenticator waits for the person.</summary>
    UserActionPending = 0x23,

    /// <summary>The operation goes on.</summary>
    OperationPending = 0x24,

    /// <summary>Nothing is under way.</summary>
    NoOperations = 0x25,

    /// <summary>None of the algorithms asked for is supported.</summary>
    UnsupportedAlgorithm = 0x26,

    /// <summary>The person said no, or the operation is not permitted.</summary>
    OperationDenied = 0x27,

    /// <summary>There is no room for another credential.</summary>
    KeyStoreFull = 0x28,

    /// <summary>An option is known but not supported.</summary>
    UnsupportedOption = 0x2B,

    /// <summary>An option is not valid for the command.</summary>
    InvalidOption = 0x2C,

    /// <summary>The client cancelled.</summary>
    KeepAliveCancel = 0x2D,

    /// <summary>No credential fits.</summary>
    NoCredentials = 0x2E,

    /// <summary>The person did nothing for too long.</summary>
    UserActionTimeout = 0x2F,

    /// <summary>The command does not continue anything.</summary>
    NotAllowed = 0x30,

    /// <summary>The PIN is wrong.</summary>
    PinInvalid = 0x31,

    /// <summary>Too many wrong PINs in all: nothing but a reset helps.</summary>
    PinBlocked = 0x32,

    /// <summary>The PIN/UV authentication parameter does not verify.</summary>
    PinAuthInvalid = 0x33,

    /// <summary>Too many wrong PINs in a row: a restart helps.</summary>
    PinAuthBlocked = 0x34,

    /// <summary>No PIN is set.</summary>
    PinNotSet = 0x35,

    /// <summary>The command needs a PIN/UV authentication token.</summary>
    PuatRequired = 0x36,

    /// <summary>The PIN breaks the rules for PINs.</summary>
    PinPolicyViolation = 0x37,

    /// <summary>The request is too long.</summary>
    RequestTooLarge = 0x39,

    /// <summary>The action took too long.</summary>
    ActionTimeout = 0x3A,

    /// <summary>User presence is needed.</summary>
    UpRequired = 0x3B,

    /// <summary>Built-in user verification is blocked.</summary>
    UvBlocked = 0x3C,

    /// <summary>The data is not what its hash says.</summary>
    IntegrityFailure = 0x3D,

    /// <summary>The subcommand is none this authenticator knows.</summary>
    InvalidSubcommand = 0x3E,

    /// <summary>Built-in user verification failed.</summary>
    UvInvalid = 0x3F,

    /// <summary>The token lacks the permission.</summary>
    UnauthorizedPermission = 0x40,

    /// <summary>Something else went wrong.</summary>
    Other = 0x7F,
}

/// <summary>An authenticator's answer other than <see cref="CtapStatus.Success"/>.</summary>
public sealed class CtapException : Exception
{
    /// <summary>Carries the status.</summary>
    /// <param name="status">Not <see cref="CtapStatus.Success"/>.</param>
    /// <param name="inner">What caused it, if anything did.</param>
    public CtapException(CtapStatus status, Exception? inner = null)
        : base($"The authenticator answered {status} (0x{(byte)status:x2}).", inner) => Status = status;

    /// <summary>What the authenticator answered.</summary>
    public CtapStatus Status { get; }
}
