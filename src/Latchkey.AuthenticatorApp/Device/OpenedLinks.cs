namespace Latchkey.AuthenticatorApp.Device;

/// <summary>
/// The link somebody asked this program to open: it waits until a window is there and the vault is unlocked, and is taken once. A later
/// link takes the place of one that still waits.
/// </summary>
internal sealed class OpenedLinks
{
    /// <summary>Longer than any link of ours.</summary>
    public const int MaxLength = 4096;

    private readonly Lock _lock = new();
    private string? _waiting;
    private int _windows;

    /// <summary>A link waits.</summary>
    public event Action? Changed;

    /// <summary>Whether a link waits.</summary>
    public bool IsWaiting => Volatile.Read(ref _waiting) is not null;

    /// <summary>Whether a window is open that will see the link.</summary>
    public bool HasWindow => Volatile.Read(ref _windows) > 0;

    /// <summary>Whether this is a link for us at all; what it says is read later.</summary>
    public static bool IsLink(string text) =>
        text.Length <= MaxLength && (text.StartsWith("FIDO:/", StringComparison.OrdinalIgnoreCase) || text.StartsWith("latchkey:", StringComparison.OrdinalIgnoreCase));

    /// <summary>Has a link opened.</summary>
    public void Open(string link)
    {
        lock (_lock)
        {
            _waiting = link;
        }

        Changed?.Invoke();
    }

    /// <summary>Takes the link that waits; null when there is none.</summary>
    public string? Take()
    {
        lock (_lock)
        {
            var link = _waiting;
            _waiting = null;
            return link;
        }
    }

    /// <summary>A window came.</summary>
    public void WindowOpened() => Interlocked.Increment(ref _windows);

    /// <summary>A window went.</summary>
    public void WindowClosed() => Interlocked.Decrement(ref _windows);
}
