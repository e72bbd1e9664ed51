using System.Security.Cryptography;
using System.Text;
using Latchkey.Protocol;

namespace Latchkey.AuthenticatorApp.Device;

/// <summary>
/// What an address of the app's window carries: a ticket that lets one window in, once, soon. An address passes through argument lists, histories
/// and terminals, where others read it: by then its ticket has been used, or is too old.
/// </summary>
/// <param name="time">How old a ticket is.</param>
internal sealed class WindowTickets(TimeProvider time)
{
    /// <summary>How long a ticket waits for its window. A browser may take a minute to start, and a person reads before they click.</summary>
    public static readonly TimeSpan Life = TimeSpan.FromMinutes(10);

    /// <summary>Tickets nobody took make room for new ones.</summary>
    public const int Most = 16;

    private readonly List<(byte[] Hash, long Issued)> _open = [];
    private readonly Lock _gate = new();

    /// <summary>A new ticket.</summary>
    public string Issue()
    {
        var ticket = ByteString.Random(32).ToBase64Url();
        lock (_gate)
        {
            DropOld();
            if (_open.Count == Most) _open.RemoveAt(0);
            _open.Add((HashOf(ticket), time.GetTimestamp()));
        }

        return ticket;
    }

    /// <summary>Uses a ticket up. False when it is none, was used, or is too old.</summary>
    public bool TryTake(string given)
    {
        lock (_gate)
        {
            DropOld();
            var hash = HashOf(given);
            var index = _open.FindIndex(one => CryptographicOperations.FixedTimeEquals(one.Hash, hash));
            if (index < 0) return false;
            _open.RemoveAt(index);
            return true;
        }
    }

    private void DropOld() => _open.RemoveAll(one => time.GetElapsedTime(one.Issued) >= Life);

    private static byte[] HashOf(string ticket) => SHA256.HashData(Encoding.UTF8.GetBytes(ticket));
}
