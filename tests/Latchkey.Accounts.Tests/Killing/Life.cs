using Latchkey.Authenticator.Vault;
using Latchkey.Protocol;

namespace Latchkey.Accounts.Tests.Killing;

/// <summary>The process is gone: nothing in it catches this.</summary>
internal sealed class KilledException : Exception;

/// <summary>
/// The life of one process, counted in what it does to the world: each step of the disk, each request before it leaves, each answer before it
/// arrives. It can be ended at any of them, and a dead process does nothing more, whoever catches what.
/// </summary>
internal sealed class Life
{
    private Func<int, string, bool> _ends = (_, _) => false;
    private int _steps;

    public bool IsOver { get; private set; }

    /// <summary>Ends it after so many steps from now.</summary>
    public void EndAfter(int steps) => (_ends, _steps) = ((step, _) => step == steps, 0);

    /// <summary>Ends it at a step of this name.</summary>
    public void EndAt(string name) => _ends = (_, step) => step == name;

    /// <summary>One step.</summary>
    /// <param name="name">What it is.</param>
    /// <param name="half">What is done of it when it is the last one.</param>
    public void Step(string name, Action? half = null)
    {
        if (IsOver) throw new KilledException();
        if (!_ends(_steps++, name)) return;
        IsOver = true;
        half?.Invoke();
        throw new KilledException();
    }
}

/// <summary>
/// A real directory, and a process that may die at each step of an atomic replace. It flushes nothing: what a killed process wrote stays, and
/// what a power cut takes away is shown on the vault itself.
/// </summary>
internal sealed class MortalDisk(string directory, Life life) : IVaultDisk
{
    private readonly VaultDisk _disk = new(directory);

    public ByteString? Read() => _disk.Read();

    public void WriteTemporary(ReadOnlySpan<byte> bytes)
    {
        var half = bytes[..(bytes.Length / 2)].ToArray();
        life.Step("write", () => _disk.WriteTemporary(half));
        _disk.WriteTemporary(bytes);
    }

    public void FlushTemporary() => life.Step("flush");

    public void Replace()
    {
        life.Step("replace");
        _disk.Replace();
    }

    public void FlushDirectory() => life.Step("flush the directory");

    /// <summary>The system releases the lock of a dead process too.</summary>
    public void Dispose() => _disk.Dispose();
}

/// <summary>
/// A line to the server, and a process that may die before a request leaves it, and after the server acted and before the answer is here. That
/// it dies with the answer in hands is the next step it would have taken.
/// </summary>
internal sealed class MortalLine(HttpMessageHandler server, Life life) : HttpMessageHandler
{
    private readonly HttpMessageInvoker _server = new(server, disposeHandler: false);

    public Life Life { get; } = life;

    /// <summary>Nothing comes through.</summary>
    public bool IsCut { get; set; }

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var name = $"{request.Method} {request.RequestUri!.AbsolutePath}";
        Life.Step($"{name} leaves");
        if (IsCut) throw new HttpRequestException("The server is away.");
        var response = await _server.SendAsync(request, cancellationToken);
        Life.Step($"{name} is answered", response.Dispose);
        return response;
    }

    protected override void Dispose(bool disposing)
    {
        _server.Dispose();
        base.Dispose(disposing);
    }
}
