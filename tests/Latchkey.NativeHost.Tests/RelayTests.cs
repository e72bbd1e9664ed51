using System.IO.Pipes;
using System.Text;
using System.Text.Json;

namespace Latchkey.NativeHost.Tests;

public sealed class RelayTests : IAsyncLifetime
{
    private readonly string _directory = Directory.CreateTempSubdirectory("latchkey-host").FullName;
    private readonly AnonymousPipeServerStream _browserWrites = new(PipeDirection.Out);
    private readonly AnonymousPipeServerStream _browserReads = new(PipeDirection.In);
    private NamedPipeServerStream? _authenticator;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private HostOptions Options => new(_directory, ["/nowhere"], "chrome-extension://abc/");

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        if (_authenticator is not null) await _authenticator.DisposeAsync();
        await _browserWrites.DisposeAsync();
        await _browserReads.DisposeAsync();
        Directory.Delete(_directory, recursive: true);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Frames_are_copied_both_ways_and_their_lengths_turned_into_the_other_sides_order(bool browserIsLittleEndian)
    {
        Listen();
        var running = RunAsync(["/nowhere"], browserIsLittleEndian);
        await _authenticator!.WaitForConnectionAsync(Token);
        Assert.Equal("""{"type":"host","extension":"chrome-extension://abc/"}""", Encoding.UTF8.GetString((await Frames.ReadAsync(_authenticator, littleEndian: true, Token))!));

        await Frames.WriteAsync(_browserWrites, "{\"id\":1}"u8.ToArray(), browserIsLittleEndian, Token);
        Assert.Equal("{\"id\":1}", Encoding.UTF8.GetString((await Frames.ReadAsync(_authenticator, littleEndian: true, Token))!));
        var longest = new byte[Frames.MaxLength];
        await Frames.WriteAsync(_authenticator, longest, littleEndian: true, Token);
        Assert.Equal(longest, await Frames.ReadAsync(_browserReads, browserIsLittleEndian, Token));

        await _browserWrites.DisposeAsync();
        Assert.Equal(0, await running);
        Assert.Null(await Frames.ReadAsync(_authenticator, littleEndian: true, Token));
    }

    [Fact]
    public async Task It_ends_with_the_Authenticator()
    {
        Listen();
        var running = RunAsync(["/nowhere"]);
        await _authenticator!.WaitForConnectionAsync(Token);
        await Frames.ReadAsync(_authenticator, littleEndian: true, Token);

        await _authenticator.DisposeAsync();

        Assert.Equal(0, await running);
    }

    [Theory]
    [InlineData(0u)]
    [InlineData((uint)Frames.MaxSkipped + 1)]
    [InlineData(uint.MaxValue)]
    public async Task A_broken_frame_ends_it_and_reaches_nobody(uint length)
    {
        Listen();
        var running = RunAsync(["/nowhere"]);
        await _authenticator!.WaitForConnectionAsync(Token);
        await Frames.ReadAsync(_authenticator, littleEndian: true, Token);

        await _browserWrites.WriteAsync(BitConverter.GetBytes(length), Token);

        Assert.Equal(1, await running);
        Assert.Null(await Frames.ReadAsync(_authenticator, littleEndian: true, Token));
    }

    [Theory]
    [InlineData(Frames.MaxLength + 1)]
    [InlineData((3 * Frames.MaxLength) + 7)]
    public async Task A_frame_that_is_too_long_is_passed_over_and_what_comes_after_it_arrives(int length)
    {
        Listen();
        var running = RunAsync(["/nowhere"]);
        await _authenticator!.WaitForConnectionAsync(Token);
        await Frames.ReadAsync(_authenticator, littleEndian: true, Token);

        await Frames.WriteAsync(_browserWrites, new byte[length], BitConverter.IsLittleEndian, Token);
        await Frames.WriteAsync(_browserWrites, "{\"id\":2}"u8.ToArray(), BitConverter.IsLittleEndian, Token);

        Assert.Equal("{\"id\":2}", Encoding.UTF8.GetString((await Frames.ReadAsync(_authenticator, littleEndian: true, Token))!));
        await _browserWrites.DisposeAsync();
        Assert.Equal(0, await running);
    }

    [Fact]
    public async Task An_Authenticator_that_is_not_there_is_said_to_be_missing()
    {
        Assert.Equal(1, await RunAsync([Path.Combine(_directory, "removed")]));

        Assert.Equal(("unavailable", "authenticator_missing"), await HearAsync());
    }

    [Fact]
    public async Task An_Authenticator_that_fails_to_start_is_said_to_have_failed()
    {
        if (OperatingSystem.IsWindows()) return; // the stand-in is a shell script

        Assert.Equal(1, await RunAsync(["/bin/sh", "-c", "exit 3"]));

        Assert.Equal(("unavailable", "authenticator_not_started"), await HearAsync());
    }

    [Fact]
    public async Task One_that_does_not_run_is_started_and_waited_for()
    {
        if (OperatingSystem.IsWindows()) return; // the stand-in is a shell script

        var started = Path.Combine(_directory, "started");
        var running = RunAsync(["/bin/sh", "-c", $"echo is not read; : > '{started}'; exec sleep 1"]);
        while (!File.Exists(started)) await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System, Token);
        Listen();
        await _authenticator!.WaitForConnectionAsync(Token);
        await Frames.ReadAsync(_authenticator, littleEndian: true, Token);

        await _browserWrites.DisposeAsync();
        Assert.Equal(0, await running);
    }

    private void Listen() => _authenticator = new(Options.Pipe, PipeDirection.InOut, 1, PipeTransmissionMode.Byte, PipeOptions.Asynchronous | PipeOptions.CurrentUserOnly);

    private async Task<int> RunAsync(string[] program, bool browserIsLittleEndian = true)
    {
        await using var input = new AnonymousPipeClientStream(PipeDirection.In, _browserWrites.ClientSafePipeHandle);
        await using var output = new AnonymousPipeClientStream(PipeDirection.Out, _browserReads.ClientSafePipeHandle);
        return await new Relay(input, output, browserIsLittleEndian).RunAsync(new(Options with { Program = program }, TimeProvider.System), "chrome-extension://abc/", Token);
    }

    private async Task<(string?, string?)> HearAsync()
    {
        using var heard = JsonDocument.Parse((await Frames.ReadAsync(_browserReads, littleEndian: BitConverter.IsLittleEndian, Token))!);
        return (heard.RootElement.GetProperty("type").GetString(), heard.RootElement.GetProperty("code").GetString());
    }
}
