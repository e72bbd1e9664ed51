namespace Latchkey.Authenticator;

/// <summary>Checks a PIN for real and counts the wrong ones, as CTAP limits them. The only source of user verification.</summary>
public interface IPinVerifier
{
    /// <summary>Wrong PINs that may still follow before the vault refuses for good.</summary>
    int PinAttemptsLeft { get; }

    /// <summary>Checks a PIN. The attempt is counted on disk before the check, so that killing the process wins nothing.</summary>
    Task<PinCheck> CheckPinAsync(string pin, CancellationToken cancellationToken);
}

/// <summary>What came of a PIN.</summary>
public enum PinCheck
{
    /// <summary>It is the PIN.</summary>
    Right,

    /// <summary>It is not; another may be tried.</summary>
    Wrong,

    /// <summary>Not checked: three wrong ones in a row. Another may be tried after a restart.</summary>
    BlockedUntilRestart,

    /// <summary>Not checked: eight wrong ones in a row. The vault can only be thrown away.</summary>
    Blocked,
}
