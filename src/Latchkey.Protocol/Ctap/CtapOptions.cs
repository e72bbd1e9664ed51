using Latchkey.Protocol.Cbor;

namespace Latchkey.Protocol.Ctap;

/// <summary>The <c>options</c> parameter of makeCredential and getAssertion; absent is not the same as false.</summary>
internal readonly record struct CtapOptions(bool? Rk, bool? Up, bool? Uv)
{
    private const string KeyRk = "rk", KeyUp = "up", KeyUv = "uv";

    public bool IsEmpty => Rk is null && Up is null && Uv is null;

    public static CtapOptions Parse(WireCborReader reader)
    {
        bool? rk = null, up = null, uv = null;
        for (var entries = reader.ReadStartMap(); entries > 0; entries--)
        {
            switch (reader.ReadText())
            {
                case KeyRk: rk = reader.ReadBoolean(); break;
                case KeyUp: up = reader.ReadBoolean(); break;
                case KeyUv: uv = reader.ReadBoolean(); break;
                default: reader.SkipValue(); break;
            }
        }

        reader.ReadEndMap();
        return new(rk, up, uv);
    }

    public void Encode(CanonicalCborWriter writer)
    {
        writer.StartMap((Rk is null ? 0 : 1) + (Up is null ? 0 : 1) + (Uv is null ? 0 : 1));
        if (Rk is { } rk) writer.Text(KeyRk).Boolean(rk);
        if (Up is { } up) writer.Text(KeyUp).Boolean(up);
        if (Uv is { } uv) writer.Text(KeyUv).Boolean(uv);
        writer.EndMap();
    }
}
