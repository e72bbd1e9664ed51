using System.Security.Cryptography;
using System.Text.Json;
using Latchkey.Protocol;

namespace Latchkey.Authenticator.Vault;

/// <summary>Why a backup cannot be read.</summary>
public enum BackupProblem
{
    /// <summary>It can.</summary>
    None,

    /// <summary>The file is something else.</summary>
    NotABackup,

    /// <summary>Bytes are missing, or not as they were written.</summary>
    Damaged,

    /// <summary>A newer program made it.</summary>
    NewerVersion,

    /// <summary>The passphrase is another.</summary>
    WrongPassphrase,

    /// <summary>This machine has not the memory it takes to open it.</summary>
    NotEnoughMemory,
}

/// <summary>
/// The bytes of a backup: magic, version, cost and salt of the key derivation (Argon2id, as for the vault), nonce, the contents under that key
/// (AES-256-GCM, bound to all before), then SHA-256 of everything. The hash is no protection; it tells a damaged file from a wrong passphrase.
/// </summary>
public static class BackupFile
{
    /// <summary>How a backup's file name ends.</summary>
    public const string Extension = ".latchkey-backup";

    /// <summary>Larger is none of ours.</summary>
    public const int MaxLength = 4 * 1024 * 1024;

    private const byte Version = 1;
    private const string Structure = "backup";
    private static readonly ByteString Magic = "LATCHKEY-BACKUP"u8.ToArray();

    /// <summary>Makes a backup of what may be backed up. The key derivation takes a good part of a second on purpose.</summary>
    /// <exception cref="ArgumentException">The passphrase is too weak; <see cref="BackupPassphrase.Judge"/> says beforehand.</exception>
    public static Task<ByteString> SealAsync(VaultContents vault, string passphrase, DateTimeOffset now, CancellationToken cancellationToken) => BackupPassphrase.IsTaken(passphrase)
        ? Task.Run(() => Seal(BackupContents.Of(vault, now), passphrase, Argon2Cost.Default), cancellationToken).WaitAsync(cancellationToken)
        : throw new ArgumentException("The passphrase is too weak.", nameof(passphrase));

    /// <summary>Opens a backup. What the file asks of this machine has a limit, and giving up waits for nothing.</summary>
    /// <returns>What it holds, or why that stays unknown.</returns>
    public static Task<(BackupContents? Contents, BackupProblem Problem)> OpenAsync(ByteString file, string passphrase, CancellationToken cancellationToken) =>
        Task.Run(() => Open(file, passphrase), cancellationToken).WaitAsync(cancellationToken);

    internal static ByteString Seal(BackupContents contents, string passphrase, Argon2Cost cost)
    {
        var salt = ByteString.Random(VaultHeader.SaltLength);
        var nonce = ByteString.Random(VaultHeader.NonceLength);
        var writer = new ByteWriter().Bytes(Magic).Byte(Version).UInt32(cost.MemoryKibibytes).UInt32(cost.Passes).Bytes(salt).Bytes(nonce);
        var plaintext = JsonSerializer.SerializeToUtf8Bytes(contents, BackupJson.Default.BackupContents);
        var key = cost.Derive(passphrase.Trim(), salt, VaultHeader.KeyLength);
        try
        {
            var ciphertext = new byte[plaintext.Length + VaultHeader.TagLength];
            using var aes = new AesGcm(key, VaultHeader.TagLength);
            aes.Encrypt(nonce, plaintext, ciphertext.AsSpan(0, plaintext.Length), ciphertext.AsSpan(plaintext.Length), writer.ToByteString());
            var body = writer.Bytes(ciphertext).ToByteString();
            return writer.Bytes(SHA256.HashData(body)).ToByteString();
        }
        finally
        {
            CryptographicOperations.ZeroMemory(plaintext);
            CryptographicOperations.ZeroMemory(key);
        }
    }

    private static (BackupContents?, BackupProblem) Open(ByteString file, string passphrase)
    {
        if (file.Length > MaxLength || file.Length < Magic.Length || file.Slice(0, Magic.Length) != Magic) return (null, BackupProblem.NotABackup);
        try
        {
            var reader = new ByteReader(file, Structure);
            reader.ReadBytes(Magic.Length);
            if (reader.ReadByte() is var version && version > Version) return (null, BackupProblem.NewerVersion);
            var end = file.Length - SHA256.HashSizeInBytes;
            if (version == 0 || end < reader.Offset || !file.Slice(end).FixedTimeEquals(SHA256.HashData(file.Slice(0, end)))) return (null, BackupProblem.Damaged);
            var cost = new Argon2Cost(reader.ReadUInt32(), reader.ReadUInt32());
            var salt = reader.ReadBytes(VaultHeader.SaltLength);
            var nonce = reader.ReadBytes(VaultHeader.NonceLength);
            var bound = file.Slice(0, reader.Offset);
            if (!cost.IsSane || end - reader.Offset < VaultHeader.TagLength) return (null, BackupProblem.Damaged);
            return Decrypt(cost.Derive(passphrase.Trim(), salt, VaultHeader.KeyLength), nonce, reader.ReadBytes(end - reader.Offset), bound);
        }
        catch (WireFormatException)
        {
            return (null, BackupProblem.Damaged);
        }
        catch (VaultMemoryException)
        {
            return (null, BackupProblem.NotEnoughMemory);
        }
    }

    private static (BackupContents?, BackupProblem) Decrypt(byte[] key, ByteString nonce, ByteString ciphertext, ByteString bound)
    {
        var plaintext = new byte[ciphertext.Length - VaultHeader.TagLength];
        try
        {
            using var aes = new AesGcm(key, VaultHeader.TagLength);
            aes.Decrypt(nonce, ciphertext.Span[..plaintext.Length], ciphertext.Span[plaintext.Length..], plaintext, bound);
            return JsonSerializer.Deserialize(plaintext, BackupJson.Default.BackupContents) is { } contents ? (contents, BackupProblem.None) : (null, BackupProblem.Damaged);
        }
        catch (AuthenticationTagMismatchException)
        {
            return (null, BackupProblem.WrongPassphrase);
        }
        catch (Exception e) when (e is JsonException or FormatException or ArgumentException or InvalidOperationException or NotSupportedException or OverflowException)
        {
            return (null, BackupProblem.Damaged);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(plaintext);
            CryptographicOperations.ZeroMemory(key);
        }
    }
}
