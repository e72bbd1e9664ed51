using BenchmarkDotNet.Running;
using Latchkey.Benchmarks;

// dotnet run -c Release --project bench/Latchkey.Benchmarks -- --filter '*' ; docs/performance.md says what comes out.
BenchmarkSwitcher.FromAssembly(typeof(AuthenticationBenchmarks).Assembly).Run(args);
