using Latchkey.Authenticator.Vault;
using Latchkey.Protocol;

namespace Latchkey.Authenticator.Tests.Vault;

/// <summary>What a power cut leaves: files in memory, and a countdown after which the process is dead. Each byte written and each step counts one.</summary>
internal sealed class DyingDisk(Dictionary<string, byte[]> files, int lifeLeft = int.MaxValue) : IVaultDisk
{
    private const string Vault = "vault", Temporary = "new";

    /// <summary>Bytes of the temporary file that a power cut may still take away.</summary>
    private bool _flushed;

    public Dictionary<string, byte[]> Files { get; } = files;

    public int LifeLeft { get; private set; } = lifeLeft;

    public ByteString? Read() => Files.TryGetValue(Vault, out var bytes) ? bytes.ToArray() : default(ByteString?);

    public void WriteTemporary(ReadOnlySpan<byte> bytes)
    {
        _flushed = false;
        var written = Math.Min(bytes.Length, LifeLeft);
        Files[Temporary] = bytes[..written].ToArray();
        LifeLeft -= written;
        if (written < bytes.Length) throw new DeadException();
    }

    public void FlushTemporary()
    {
        Live();
        _flushed = true;
    }

    public void Replace()
    {
        Live();
        Assert.True(_flushed, "a file must be on the disk before its name is");
        Files[Vault] = Files[Temporary];
        Files.Remove(Temporary);
    }

    public void FlushDirectory() => Live();

    public void Dispose()
    {
    }

    private void Live()
    {
        if (LifeLeft == 0) throw new DeadException();
        LifeLeft--;
    }
}

internal sealed class DeadException : Exception;
