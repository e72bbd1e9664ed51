namespace Latchkey.Protocol.Cose;

/// <summary>
/// Native <c>EC_KEY</c>s of one curve to use again: setting up the curve costs ten times what setting the point does.
/// A key is one caller's between <see cref="Rent"/> and <see cref="Return"/>; its point is set anew each time. At most as
/// many are kept as there are slots, so nothing grows and nothing needs a finalizer.
/// </summary>
internal sealed unsafe class EcKeyPool(LibCrypto native, int curveNid)
{
    private readonly nint[] _slots = new nint[Math.Max(8, Environment.ProcessorCount * 2)];

    /// <summary>A key without a meaningful point; zero when libcrypto makes none.</summary>
    public nint Rent()
    {
        for (var i = 0; i < _slots.Length; i++)
        {
            if (_slots[i] != 0 && Interlocked.Exchange(ref _slots[i], 0) is var key && key != 0)
            {
                return key;
            }
        }

        return native.EcKeyNew(curveNid);
    }

    /// <summary>Gives a key back, or frees it when there is no slot.</summary>
    public void Return(nint key)
    {
        for (var i = 0; i < _slots.Length; i++)
        {
            if (_slots[i] == 0 && Interlocked.CompareExchange(ref _slots[i], key, 0) == 0)
            {
                return;
            }
        }

        native.EcKeyFree(key);
    }
}
