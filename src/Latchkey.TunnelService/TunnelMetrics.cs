using System.Diagnostics.Metrics;

namespace Latchkey.TunnelService;

/// <summary>Counts, and nothing else, under the name <c>Latchkey.TunnelService</c>.</summary>
internal sealed class TunnelMetrics
{
    private readonly UpDownCounter<int> _open;
    private readonly Counter<long> _opened, _joined, _ended, _refused, _messages, _bytes;

    public TunnelMetrics(IMeterFactory meters)
    {
        var meter = meters.Create("Latchkey.TunnelService");
        _open = meter.CreateUpDownCounter<int>("latchkey.tunnels.open", "{tunnel}", "Tunnels open now");
        _opened = meter.CreateCounter<long>("latchkey.tunnels.opened", "{tunnel}", "Tunnels opened");
        _joined = meter.CreateCounter<long>("latchkey.tunnels.joined", "{tunnel}", "Tunnels a second device joined");
        _ended = meter.CreateCounter<long>("latchkey.tunnels.ended", "{tunnel}", "Tunnels ended, by reason");
        _refused = meter.CreateCounter<long>("latchkey.tunnels.refused", "{request}", "Requests refused, by reason");
        _messages = meter.CreateCounter<long>("latchkey.tunnels.messages", "{message}", "Messages copied");
        _bytes = meter.CreateCounter<long>("latchkey.tunnels.bytes", "By", "Bytes copied");
    }

    public void Opened()
    {
        _open.Add(1);
        _opened.Add(1);
    }

    public void Joined() => _joined.Add(1);

    public void Ended(TunnelEnd end)
    {
        _open.Add(-1);
        _ended.Add(1, new KeyValuePair<string, object?>("reason", end.Name));
    }

    public void Refused(TunnelRefusal refusal) => _refused.Add(1, new KeyValuePair<string, object?>("reason", refusal.Name));

    public void Copied(int bytes, bool messageEnds)
    {
        _bytes.Add(bytes);
        if (messageEnds) _messages.Add(1);
    }
}
