using BenchmarkDotNet.Columns;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Running;
using BenchmarkDotNet.Toolchains.InProcess.Emit;
using Latchkey.Benchmarks;

// dotnet run -c Release --project bench/Latchkey.Benchmarks -- --filter '*' ; docs/performance.md says what comes out.
// ratios as the only argument prints the table of ratios at its top instead; sign-in DIR URL how long a running server takes to refuse.
if (args is ["ratios"])
{
    Ratios.Print();
    return;
}

// tunnel measures the relay beside Kestrel's bare WebSockets; it starts itself again, as each of the servers.
if (args is ["tunnel"])
{
    await TunnelRatios.PrintAsync();
    return;
}

if (args is ["tunnel-server", var kind, var connections])
{
    await TunnelServers.RunAsync(kind, connections == TunnelServers.Tls);
    return;
}

if (args is ["sign-in", var data, var server])
{
    await SignInTimes.PrintAsync(data, new Uri(server));
    return;
}

// In this process, because a generated project would not see what the arrows between our projects hide from it; by the
// thread's processor time, because what else runs on the machine is not what is measured.
var config = DefaultConfig.Instance
    .AddJob(Job.Default
        .WithToolchain(InProcessEmitToolchain.Instance)
        .WithClock(ThreadCpuClock.IsSupported ? new ThreadCpuClock() : Perfolizer.Horology.Chronometer.BestClock)
        .WithWarmupCount(3)
        .WithIterationCount(15))
    .AddColumn(StatisticColumn.Median);
BenchmarkSwitcher.FromAssembly(typeof(AuthenticationBenchmarks).Assembly).Run(args, config);
