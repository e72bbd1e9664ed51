using System.Collections.Concurrent;

namespace Latchkey.Accounts;

/// <summary>One at a time for each account: what one server is slow to answer holds up no other's.</summary>
internal sealed class AccountTurns : IDisposable
{
    private readonly ConcurrentDictionary<string, SemaphoreSlim> _turns = new(StringComparer.Ordinal);
    private volatile bool _isDisposed;

    /// <summary>Does the work when nobody else does any for this account.</summary>
    /// <exception cref="ObjectDisposedException">The vault was locked meanwhile.</exception>
    public async Task<T> TakeAsync<T>(string account, Func<Task<T>> work)
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        var turn = _turns.GetOrAdd(account, _ => new(1));
        await turn.WaitAsync();
        try
        {
            return await work();
        }
        finally
        {
            turn.Release();
        }
    }

    /// <summary>Frees the guards.</summary>
    public void Dispose()
    {
        _isDisposed = true;
        foreach (var turn in _turns.Values) turn.Dispose();
    }
}
