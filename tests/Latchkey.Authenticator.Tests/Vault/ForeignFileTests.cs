using System.Security.Cryptography;
using System.Text;
using CsCheck;
using Latchkey.Authenticator.Codes;
using Latchkey.Authenticator.Vault;
using Latchkey.Protocol;
using Microsoft.Extensions.Time.Testing;

namespace Latchkey.Authenticator.Tests.Vault;

/// <summary>Files that somebody else made, or nobody: each is read, or refused as its parser says.</summary>
public sealed class ForeignFileTests : IDisposable
{
    private const string Pin = "passe-partout", Passphrase = "correct horse battery";
    private static readonly DateTimeOffset Now = new(2026, 5, 3, 12, 0, 0, TimeSpan.Zero);
    private static readonly Argon2Cost Cheap = new(8, 1);

    private readonly string _directory = Directory.CreateTempSubdirectory("latchkey-foreign").FullName;
    private readonly FakeTimeProvider _time = new(Now);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public async Task A_vault_file_cut_anywhere_is_damaged_also_where_its_hash_is_right()
    {
        var files = new Dictionary<string, byte[]>(StringComparer.Ordinal);
        (await FileCredentialStore.CreateAsync(new DyingDisk(files), Pin, _time, Cheap, Token)).Dispose();
        var body = files["vault"][..^SHA256.HashSizeInBytes];

        for (var length = 0; length < body.Length; length++)
        {
            if (Parse(Hashed(body[..length])) is { } parsed) Assert.NotEqual(body.Length, length + parsed.Ciphertext.Length);
        }
    }

    [Fact]
    public void Whatever_stands_behind_the_magic_is_a_vault_or_damaged() => Gen.Byte.Array[0, 200].Sample(bytes => Parse(Hashed([.. "LATCHKEY-VAULT"u8, .. bytes])));

    [Fact]
    public void Whatever_stands_behind_the_magic_is_a_backup_or_none() => Gen.Byte.Array[0, 200].Sample(bytes =>
    {
        var (contents, problem) = BackupFile.OpenAsync(Hashed([.. "LATCHKEY-BACKUP"u8, .. bytes]), Passphrase, Token).GetAwaiter().GetResult();
        Assert.True(contents is null && problem is not BackupProblem.None);
    }, iter: 200);

    [Theory]
    [InlineData("")]
    [InlineData("LATCHKEY-VAULT")]
    [InlineData("%PDF-1.7 and so on, and so on, and so on, and so on, and so on, and so on")]
    public async Task A_file_that_is_no_vault_is_said_to_be_damaged_in_one_line(string contents)
    {
        await File.WriteAllTextAsync(Path.Combine(_directory, "vault.latchkey"), contents, Token);

        var problem = Assert.Throws<VaultDamagedException>(() => LockedVault.Open(_directory));

        Assert.DoesNotContain('\n', problem.Message);
        Assert.Equal(contents, await File.ReadAllTextAsync(Path.Combine(_directory, "vault.latchkey"), Token));
    }

    [Fact]
    public void A_file_far_longer_than_any_vault_is_not_read()
    {
        using (var file = File.Create(Path.Combine(_directory, "vault.latchkey")))
        {
            file.SetLength(VaultFile.MaxLength + 1L);
        }

        Assert.Throws<VaultDamagedException>(() => LockedVault.Open(_directory));
    }

    [Fact]
    public async Task Where_no_folder_can_be_made_it_is_said_what_to_do()
    {
        var file = Path.Combine(_directory, "file");
        await File.WriteAllTextAsync(file, "", Token);

        var problem = await Assert.ThrowsAsync<VaultWriteException>(() => FileCredentialStore.CreateAsync(Path.Combine(file, "vault"), Pin, _time, Token));

        Assert.Contains("Make room on the disk, or its folder writable", problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_full_disk_loses_nothing_and_the_next_change_counts_again()
    {
        var disk = new FullDisk(new(StringComparer.Ordinal));
        using var store = await FileCredentialStore.CreateAsync(disk, Pin, _time, Cheap, Token);
        var passkey = FileCredentialStoreTests.NewPasskey();
        await store.StageAsync(passkey, Token);
        var before = disk.Files["vault"];

        disk.IsFull = true;
        await Assert.ThrowsAsync<VaultWriteException>(() => store.DropStagedAsync(passkey.RpId, passkey.UserHandle, Token));
        await Assert.ThrowsAsync<VaultWriteException>(() => store.ChangePinAsync(Pin, "another PIN", Token));
        Assert.Equal(before, disk.Files["vault"]);
        Assert.Single(store.Credentials);

        disk.IsFull = false;
        await store.DropStagedAsync(passkey.RpId, passkey.UserHandle, Token);
        Assert.Empty(store.Credentials);
        Assert.Equal(PinCheck.Right, await store.CheckPinAsync(Pin, Token));
    }

    [Theory]
    [InlineData(1024 * 1024, 1)]
    [InlineData(64 * 1024, 64)]
    [InlineData(8, uint.MaxValue)]
    [InlineData(uint.MaxValue, uint.MaxValue)]
    [InlineData(0, 0)]
    public async Task A_file_that_asks_for_all_memory_or_all_day_is_refused_before_it_gets_any(uint kibibytes, uint passes)
    {
        var backup = new ByteWriter().Bytes("LATCHKEY-BACKUP"u8).Byte(1).UInt32(kibibytes).UInt32(passes).Bytes(new byte[60]).ToByteString();
        var header = VaultHeader.Wrap(Pin, new byte[VaultHeader.KeyLength], Cheap) with { Cost = new(kibibytes, passes) };

        Assert.Equal(BackupProblem.Damaged, (await BackupFile.OpenAsync(Hashed(backup.ToArray()), Passphrase, Token)).Problem);
        Assert.Null(Parse(VaultFile.Seal(header, new byte[VaultHeader.KeyLength], []).Encode().ToArray()));
    }

    [Fact]
    public async Task Giving_up_on_a_backup_waits_for_no_derivation()
    {
        using var gone = new CancellationTokenSource();
        var opening = BackupFile.OpenAsync(BackupFile.Seal(new(Now, [], []), Passphrase, Argon2Cost.Default), Passphrase, gone.Token);
        await gone.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => opening);
    }

    [Theory]
    [InlineData("""{"MadeAt":"2026-05-03T12:00:00Z","Accounts":[null],"Codes":[]}""")]
    [InlineData("""{"MadeAt":"2026-05-03T12:00:00Z","Accounts":[],"Codes":[null]}""")]
    [InlineData("""{"MadeAt":"2026-05-03T12:00:00Z","Accounts":null,"Codes":[]}""")]
    [InlineData("""{"MadeAt":"2026-05-03T12:00:00Z","Codes":[]}""")]
    [InlineData("""{"MadeAt":"2026-05-03T12:00:00Z","Accounts":[{"Id":"a","Server":"/relative","Subject":"s","UserName":"u","DisplayName":"d","Organisation":"o","AddedAt":"2026-05-03T12:00:00Z"}],"Codes":[]}""")]
    [InlineData("""{"MadeAt":"2026-05-03T12:00:00Z","Accounts":[{"Id":"a","Server":"http://evil.example/","Subject":"s","UserName":"u","DisplayName":"d","Organisation":"o","AddedAt":"2026-05-03T12:00:00Z"}],"Codes":[]}""")]
    [InlineData("""{"MadeAt":"2026-05-03T12:00:00Z","Accounts":[{"Id":"a","Server":"https://\uFFFD.example/","Subject":"s","UserName":"u","DisplayName":"d","Organisation":"o","AddedAt":"2026-05-03T12:00:00Z"}],"Codes":[]}""")]
    [InlineData("""{"MadeAt":"2026-05-03T12:00:00Z","Accounts":[],"Codes":[{"Key":null,"AddedAt":"2026-05-03T12:00:00Z"}]}""")]
    [InlineData("""{"MadeAt":"2026-05-03T12:00:00Z","Accounts":[],"Codes":[{"Key":{"Issuer":"","AccountName":"a","Secret":"!","Algorithm":"Sha1","Digits":6,"Period":30},"AddedAt":"2026-05-03T12:00:00Z"}]}""")]
    [InlineData("""{"MadeAt":"2026-05-03T12:00:00Z","Accounts":[],"Codes":[{"Key":{"Issuer":"\ud83d","AccountName":"a","Secret":"AAAA","Algorithm":"Sha1","Digits":6,"Period":30},"AddedAt":"2026-05-03T12:00:00Z"}]}""")]
    [InlineData("[]")]
    [InlineData("null")]
    [InlineData("{")]
    public async Task A_backup_whose_contents_nobody_wrote_is_damaged(string json) =>
        Assert.Equal(BackupProblem.Damaged, (await BackupFile.OpenAsync(Sealed(json), Passphrase, Token)).Problem);

    [Fact]
    public async Task A_backup_with_times_before_all_time_and_names_given_twice_is_restored()
    {
        var account = new BackupAccount("a", new("https://id.example.org"), "s", "ada", "Ada", "Example", DateTimeOffset.MinValue);
        var contents = new BackupContents(
            DateTimeOffset.MinValue,
            [account, account, account with { Subject = "t" }],
            [new(new("Example", "ada", "12345678901234567890"u8.ToArray()), DateTimeOffset.MinValue, "a"), new(new("Other", "eve", "12345678901234567890"u8.ToArray()), DateTimeOffset.MaxValue, "none")]);

        var (read, _) = await BackupFile.OpenAsync(BackupFile.Seal(contents, Passphrase, Cheap), Passphrase, Token);
        var (vault, accounts, codes) = read!.RestoreInto(VaultContents.Empty);

        Assert.Equal((2, 1), (accounts.Count, codes));
        Assert.Equal(2, vault.Accounts.Select(one => one.Id).Distinct().Count());
    }

    [Fact]
    public async Task Backups_of_0_1_0_open_with_what_they_were_made_with_also_where_nobody_could_choose_it_today()
    {
        var data = Path.Combine(AppContext.BaseDirectory, "Data");
        var (weak, _) = await BackupFile.OpenAsync(await File.ReadAllBytesAsync(Path.Combine(data, "backup-0.1.0.latchkey-backup"), Token), "passwordpasswordpass", Token);
        var (half, _) = await BackupFile.OpenAsync(
            await File.ReadAllBytesAsync(Path.Combine(data, "backup-0.1.0-half-a-character.latchkey-backup"), Token), "half a character \ud83d here", Token);

        Assert.Equal(("ada@example.org", "ada"), (Assert.Single(weak!.Accounts).UserName, Assert.Single(weak.Codes).Key.AccountName));
        Assert.Equal("ada", Assert.Single(half!.Codes).Key.AccountName);
    }

    [Fact]
    public void Any_text_is_a_key_for_codes_or_says_why_not() => Gen.Select(Gen.String[Gen.Char, 0, 60], Gen.String[Gen.Char["%:/?&=#+@\ufffd\ud83d\udc00 aA0"], 0, 60], Gen.Int[0, 3]).Sample((any, odd, where) =>
    {
        var text = where switch { 0 => any, 1 => "otpauth://totp/" + odd, 2 => "otpauth://totp/x?secret=MZXW6YTBOI&issuer=" + odd, _ => "otpauth://totp/" + odd + "?secret=" + any };
        Assert.Equal(TotpUri.TryParse(text, out var key, out var problem), problem == TotpUriProblem.None);
        if (key is not null) Assert.True(TotpUri.TryParse(TotpUri.Encode(key), out _, out _));
    });

    /// <summary>Null when it is refused as documented.</summary>
    private static VaultFile? Parse(byte[] file)
    {
        try
        {
            return VaultFile.Parse(file);
        }
        catch (VaultException e) when (e is VaultDamagedException or VaultNewerVersionException)
        {
            return null;
        }
    }

    private static byte[] Hashed(byte[] body) => [.. body, .. SHA256.HashData(body)];

    /// <summary>A backup, as the format says, of whatever contents.</summary>
    private static ByteString Sealed(string json)
    {
        var (salt, nonce) = (ByteString.Random(VaultHeader.SaltLength), ByteString.Random(VaultHeader.NonceLength));
        var writer = new ByteWriter().Bytes("LATCHKEY-BACKUP"u8).Byte(1).UInt32(Cheap.MemoryKibibytes).UInt32(Cheap.Passes).Bytes(salt).Bytes(nonce);
        var plaintext = Encoding.UTF8.GetBytes(json);
        var ciphertext = new byte[plaintext.Length + VaultHeader.TagLength];
        using var aes = new AesGcm(Cheap.Derive(Passphrase, salt, VaultHeader.KeyLength), VaultHeader.TagLength);
        aes.Encrypt(nonce, plaintext, ciphertext.AsSpan(0, plaintext.Length), ciphertext.AsSpan(plaintext.Length), writer.ToByteString());
        return Hashed(writer.Bytes(ciphertext).ToByteString().ToArray());
    }

    /// <summary>A disk that can be full.</summary>
    private sealed class FullDisk(Dictionary<string, byte[]> files) : IVaultDisk
    {
        private readonly DyingDisk _disk = new(files);

        public bool IsFull { get; set; }

        public Dictionary<string, byte[]> Files => _disk.Files;

        public ByteString? Read() => _disk.Read();

        public void WriteTemporary(ReadOnlySpan<byte> bytes)
        {
            if (IsFull) throw new IOException("No space left on device");
            _disk.WriteTemporary(bytes);
        }

        public void FlushTemporary() => _disk.FlushTemporary();

        public void Replace() => _disk.Replace();

        public void FlushDirectory() => _disk.FlushDirectory();

        public void Dispose() => _disk.Dispose();
    }
}
