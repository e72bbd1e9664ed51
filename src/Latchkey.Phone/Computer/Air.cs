namespace Latchkey.Phone.Computer;

/// <summary>Something that is broadcast.</summary>
/// <param name="Uuid">The service.</param>
/// <param name="Data">Its data.</param>
/// <param name="Sender">The adapter it comes from, which does not hear itself.</param>
internal sealed record Broadcast(string Uuid, byte[] Data, object Sender);

/// <summary>What carries broadcasts from one adapter to the others that are near.</summary>
internal sealed class Air
{
    private readonly Lock _gate = new();
    private readonly List<Broadcast> _broadcasts = [];

    /// <summary>Something came on, or went off.</summary>
    public event Action? Changed;

    /// <summary>All that is on the air now.</summary>
    public IReadOnlyList<Broadcast> Broadcasts
    {
        get
        {
            lock (_gate) return [.. _broadcasts];
        }
    }

    public void Add(Broadcast broadcast)
    {
        lock (_gate) _broadcasts.Add(broadcast);
        Changed?.Invoke();
    }

    public void Remove(Broadcast broadcast)
    {
        bool removed;
        lock (_gate) removed = _broadcasts.Remove(broadcast);
        if (removed) Changed?.Invoke();
    }
}
