using System.Runtime.InteropServices;
using Perfolizer.Horology;

namespace Latchkey.Benchmarks;

/// <summary>The processor time of the thread that asks, in nanoseconds: it stands still while the thread does not run.</summary>
internal sealed partial class ThreadCpuClock : IClock
{
    private const int ThreadCpuTimeId = 3; // CLOCK_THREAD_CPUTIME_ID
    private const long NanosecondsPerSecond = 1_000_000_000;

    public static bool IsSupported => OperatingSystem.IsLinux() && RuntimeInformation.ProcessArchitecture is Architecture.X64 or Architecture.Arm64;

    public string Title => "thread processor time";

    public bool IsAvailable => IsSupported;

    public Frequency Frequency => new(NanosecondsPerSecond);

    public long GetTimestamp()
    {
        GetTime(ThreadCpuTimeId, out var time);
        return (time.Seconds * NanosecondsPerSecond) + time.Nanoseconds;
    }

    [LibraryImport("libc", EntryPoint = "clock_gettime")]
    private static partial int GetTime(int clock, out Timespec time);

    [StructLayout(LayoutKind.Sequential)]
    private struct Timespec
    {
        public long Seconds;
        public long Nanoseconds;
    }
}
