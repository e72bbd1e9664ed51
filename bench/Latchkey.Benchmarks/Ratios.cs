using System.Globalization;

namespace Latchkey.Benchmarks;

/// <summary>
/// The same benchmarks in rounds, each once per round and against the bare check of the same round: on a machine that
/// does other things too, a ratio of two numbers taken minutes apart says little. Medians over the rounds.
/// </summary>
internal static class Ratios
{
    private const int Rounds = 61;
    private const double RoundMicroseconds = 15_000;

    public static void Print()
    {
        var es256 = new AuthenticationBenchmarks();
        var rs256 = new Rs256Benchmarks();
        var edDsa = new EdDsaBenchmarks();
        var registration = new RegistrationBenchmarks();
        var seal = new CeremonySealBenchmarks();
        es256.Setup();
        rs256.Setup();
        edDsa.Setup();
        registration.Setup();

        Console.WriteLine("| work | x raw | us | B/op |\n| --- | ---: | ---: | ---: |");
        Print(("raw ES256: ECDsa.VerifyData, imported key", () => es256.Raw()),
            ("authentication ES256, JSON to verdict", () => es256.Authenticate()),
            ("damaged signature, refused", () => es256.DamagedSignature()),
            ("wrong challenge, refused", () => es256.WrongChallenge()),
            ("registration none", () => registration.None()),
            ("registration packed self", () => registration.PackedSelf()),
            ("registration packed x5c, certificates known", () => registration.PackedX5c()),
            ("registration packed x5c, anchor parsed and path checked each time", () => registration.PackedX5cAnew()),
            ("seal + open a ceremony", () => seal.SealAndOpen()));
        Print(("raw RS256: RSA.VerifyData, imported key", () => rs256.Raw()), ("authentication RS256, JSON to verdict", () => rs256.Authenticate()));
        Print(("raw EdDSA: libsodium, imported key", () => edDsa.Raw()), ("authentication EdDSA, JSON to verdict", () => edDsa.Authenticate()));
    }

    private static void Print(params (string Name, Action Run)[] works)
    {
        var clock = new ThreadCpuClock();
        var counts = works.Select(w => Calibrate(w.Run, clock)).ToArray();
        var times = works.Select(_ => new double[Rounds]).ToArray();
        for (var round = 0; round < Rounds; round++)
        {
            for (var w = 0; w < works.Length; w++)
            {
                times[w][round] = Time(works[w].Run, counts[w], clock) / counts[w];
            }
        }

        for (var w = 0; w < works.Length; w++)
        {
            var ratio = Median(times[w].Zip(times[0], (ours, raw) => ours / raw));
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"| {works[w].Name} | {ratio:0.00} | {Median(times[w]):0.00} | {Allocated(works[w].Run)} |"));
        }
    }

    private static int Calibrate(Action run, ThreadCpuClock clock)
    {
        for (var count = 1; ; count *= 2)
        {
            var elapsed = Time(run, count, clock);
            if (elapsed > RoundMicroseconds)
            {
                return Math.Max(1, (int)(count * RoundMicroseconds / elapsed));
            }
        }
    }

    private static double Time(Action run, int count, ThreadCpuClock clock)
    {
        var start = clock.GetTimestamp();
        for (var i = 0; i < count; i++)
        {
            run();
        }

        return (clock.GetTimestamp() - start) / 1000.0;
    }

    private static long Allocated(Action run)
    {
        const int Count = 1000;
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < Count; i++)
        {
            run();
        }

        return (GC.GetAllocatedBytesForCurrentThread() - before) / Count;
    }

    private static double Median(IEnumerable<double> values)
    {
        var sorted = values.Order().ToArray();
        return sorted[sorted.Length / 2];
    }
}
