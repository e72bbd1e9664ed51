namespace Latchkey.Authenticator.Vault;

/// <summary>The vault cannot be opened; each reason is a type of its own.</summary>
public abstract class VaultException : Exception
{
    private protected VaultException(string message, Exception? inner = null)
        : base(message, inner)
    {
    }
}

/// <summary>The PIN is wrong.</summary>
/// <param name="attemptsLeft">Wrong PINs that may still follow before the vault refuses for good.</param>
public sealed class WrongPinException(int attemptsLeft) : VaultException($"The PIN is wrong; {attemptsLeft} attempts are left. Try again.")
{
    /// <summary>Wrong PINs that may still follow before the vault refuses for good.</summary>
    public int AttemptsLeft { get; } = attemptsLeft;
}

/// <summary>Too many wrong PINs: the PIN was not even checked.</summary>
/// <param name="forGood">True when only throwing the vault away helps; false when a restart does.</param>
public sealed class PinBlockedException(bool forGood) : VaultException(forGood
    ? "The vault is blocked for good after too many wrong PINs. Move its folder away and begin anew; codes and accounts come back from a backup."
    : "Too many wrong PINs in a row: restart before another attempt.")
{
    /// <summary>True when only throwing the vault away helps; false when a restart does.</summary>
    public bool ForGood { get; } = forGood;
}

/// <summary>The file is not a vault as it was written.</summary>
public sealed class VaultDamagedException(string problem, Exception? inner = null) : VaultException($"The vault file is damaged: it {problem}. Put a copy of it back if you have one; otherwise move its folder away and begin anew.", inner);

/// <summary>The file was written by a newer program.</summary>
/// <param name="version">The version it says.</param>
public sealed class VaultNewerVersionException(int version) : VaultException($"The vault has format {version}, which this program does not know yet. Use the newer version that wrote it.")
{
    /// <summary>The version the file says.</summary>
    public int Version { get; } = version;
}

/// <summary>Another process has the vault open.</summary>
public sealed class VaultInUseException(Exception inner) : VaultException("Another program has the vault open. Close it (it may be the Authenticator), then try again.", inner);

/// <summary>There is no vault in this directory.</summary>
public sealed class VaultNotFoundException() : VaultException("There is no vault here yet.");

/// <summary>There is a vault in this directory already.</summary>
public sealed class VaultExistsException() : VaultException("There is a vault here already.");

/// <summary>The directory belongs to somebody else, or to everybody: no vault is made in it.</summary>
/// <param name="directory">Which one.</param>
/// <param name="inner">What noticed it, if something below did.</param>
public sealed class VaultDirectoryException(string directory, Exception? inner = null)
    : VaultException($"No vault can be made in {directory}: others have a part in that directory. Choose one of your own.", inner);

/// <summary>The vault cannot be read: the system says no.</summary>
/// <param name="inner">What the system said.</param>
public sealed class VaultReadException(Exception inner)
    : VaultException($"The vault cannot be read. Make its folder and its files yours (chown, chmod u+rwX), then try again. {inner.Message}", inner);

/// <summary>A change cannot be put on the disk. The vault is as it was before.</summary>
/// <param name="inner">What the system said.</param>
public sealed class VaultWriteException(Exception inner)
    : VaultException($"The vault cannot be written, and is as it was before. Make room on the disk, or its folder writable, then try again. {inner.Message}", inner);

/// <summary>This machine has not the memory that checking a PIN or a passphrase takes on purpose.</summary>
/// <param name="mebibytes">How much it takes.</param>
/// <param name="inner">What noticed it.</param>
public sealed class VaultMemoryException(uint mebibytes, Exception inner)
    : VaultException($"Checking the PIN or passphrase takes {mebibytes} MB of memory, and this machine has not so much to spare. Close other programs, then try again.", inner);
