using System.Globalization;

namespace Latchkey.Benchmarks;

/// <summary>
/// What a tunnel costs while nothing happens, and what a message costs, beside Kestrel's bare WebSockets in the same run.
/// </summary>
internal static class TunnelRatios
{
    private const int BasePairs = 500, IdlePairs = 2500, StormPairs = 64, Rounds = 25;
    private const int KernelBytesPerSocket = 4710; // measured apart: 4.6 KiB
    private static readonly TimeSpan RoundTime = TimeSpan.FromSeconds(0.7);

    public static async Task PrintAsync()
    {
        foreach (var tls in (bool[])[false, true]) await PrintIdleAsync(tls);
        foreach (var size in (int[])[256, 1400]) await PrintStormAsync(size);
    }

    private static async Task PrintIdleAsync(bool tls)
    {
        Console.WriteLine($"| idle connections, {(tls ? TunnelServers.Tls : TunnelServers.Plain)} | process KiB per connection | managed KiB | tunnels per GiB, kernel included |\n| --- | ---: | ---: | ---: |");
        foreach (var kind in (string[])[TunnelServers.Relay, TunnelServers.Echo, TunnelServers.Paired])
        {
            var results = new List<(double Resident, double Managed)>();
            for (var run = 0; run < 3; run++)
            {
                using var server = TunnelServer.Start(kind, tls);
                // What the program needs once is spent before the first measure; these stay open.
                var first = await OpenAsync(server, 0, BasePairs);
                await Task.Delay(TimeSpan.FromSeconds(1), TimeProvider.System);
                var before = server.Memory();
                var pairs = await OpenAsync(server, 1000, IdlePairs);
                await Task.Delay(TimeSpan.FromSeconds(1), TimeProvider.System);
                var after = server.Memory();
                results.Add(((after.Resident - before.Resident) / 2.0 / IdlePairs, (after.Managed - before.Managed) / 2.0 / IdlePairs));
                Close(pairs);
                Close(first);
            }

            var resident = Median(results.Select(r => r.Resident));
            Print($"| {kind} | {resident / 1024:0.0} | {Median(results.Select(r => r.Managed)) / 1024:0.0} | {(1L << 30) / (2 * (resident + KernelBytesPerSocket)):0} |");
        }
    }

    private static async Task PrintStormAsync(int size)
    {
        TunnelServer[] servers = [TunnelServer.Start(TunnelServers.Paired, tls: false), TunnelServer.Start(TunnelServers.Relay, tls: false), TunnelServer.Start(TunnelServers.Echo, tls: false)];
        var pairs = new List<(Stream First, Stream Second)>[servers.Length];
        for (var s = 0; s < servers.Length; s++) pairs[s] = await OpenAsync(servers[s], 0, StormPairs);

        var micros = servers.Select(_ => new double[Rounds]).ToArray();
        var bytes = servers.Select(_ => new double[Rounds]).ToArray();
        var rates = servers.Select(_ => new double[Rounds]).ToArray();
        for (var round = -1; round < Rounds; round++)
        {
            for (var s = 0; s < servers.Length; s++)
            {
                var allocated = servers[s].Memory().Allocated;
                var (time, cpu) = (TimeProvider.System.GetTimestamp(), servers[s].ProcessorTime);
                var messages = await StormAsync(servers[s], pairs[s], size);
                var (took, used) = (TimeProvider.System.GetElapsedTime(time), servers[s].ProcessorTime - cpu);
                if (round < 0) continue; // warm
                micros[s][round] = used.TotalMicroseconds / messages;
                rates[s][round] = messages / took.TotalSeconds;
                bytes[s][round] = (servers[s].Memory().Allocated - allocated) / (double)messages;
            }
        }

        Console.WriteLine($"| storm, {StormPairs} pairs, {size} B | server CPU x paired | us per message | messages/s | B allocated |\n| --- | ---: | ---: | ---: | ---: |");
        for (var s = 0; s < servers.Length; s++)
        {
            Print($"| {servers[s].Kind} | {Median(micros[s].Zip(micros[0], (ours, bare) => ours / bare)):0.00} | {Median(micros[s]):0.0} | {Median(rates[s]):0} | {Median(bytes[s]):0.0} |");
            Close(pairs[s]);
            servers[s].Dispose();
        }
    }

    private static async Task<long> StormAsync(TunnelServer server, List<(Stream First, Stream Second)> pairs, int size)
    {
        var start = TimeProvider.System.GetTimestamp();
        var counts = await Task.WhenAll(pairs.Select(pair => Task.Run(() => PingPongAsync(server, pair, size, start))));
        return counts.Sum();
    }

    /// <summary>One message at a time to and fro, as a ceremony does.</summary>
    private static async Task<long> PingPongAsync(TunnelServer server, (Stream First, Stream Second) pair, int size, long start)
    {
        var (from, to) = server.Kind == TunnelServers.Echo ? (pair.First, pair.First) : pair;
        var frame = new byte[8 + size]; // FIN and binary, masked with zeros, 16-bit length
        (frame[0], frame[1], frame[2], frame[3]) = (0x82, 0xFE, (byte)(size >> 8), (byte)size);
        var answer = new byte[4 + size];
        long count = 0;
        while (TimeProvider.System.GetElapsedTime(start) < RoundTime)
        {
            await from.WriteAsync(frame);
            for (var received = 0; received < answer.Length;) received += await to.ReadAsync(answer.AsMemory(received)) is var n and > 0 ? n : throw new EndOfStreamException();
            if (answer[0] != 0x82 || answer[1] != 0x7E) throw new InvalidDataException("Not one whole message.");
            count++;
            if (from != to) (from, to) = (to, from);
        }

        return count;
    }

    private static async Task<List<(Stream First, Stream Second)>> OpenAsync(TunnelServer server, int firstNumber, int count)
    {
        var pairs = new List<(Stream First, Stream Second)>(count);
        for (var i = 0; i < count; i++) pairs.Add(await server.OpenPairAsync(firstNumber + i));
        return pairs;
    }

    private static void Close(List<(Stream First, Stream Second)> pairs)
    {
        foreach (var (first, second) in pairs)
        {
            first.Dispose();
            second.Dispose();
        }
    }

    private static void Print(FormattableString row) => Console.WriteLine(row.ToString(CultureInfo.InvariantCulture));

    private static double Median(IEnumerable<double> values)
    {
        var sorted = values.Order().ToArray();
        return sorted[sorted.Length / 2];
    }
}
