using Latchkey.Authenticator.Vault;
using Latchkey.Protocol;
using Latchkey.Protocol.Cose;
using Latchkey.Protocol.WebAuthn;
using Microsoft.Extensions.Time.Testing;

namespace Latchkey.Authenticator.Tests.Vault;

public sealed class FileCredentialStoreTests : IDisposable
{
    private const string Pin = "passe-partout";
    private static readonly Argon2Cost Cheap = new(8, 1);

    private readonly string _directory = Directory.CreateTempSubdirectory("latchkey-vault").FullName;
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 5, 3, 12, 0, 0, TimeSpan.Zero));

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public async Task What_was_stored_is_there_after_a_restart()
    {
        var passkey = NewPasskey();
        var account = new VaultAccount("a", new("https://id.example.org/"), "42", "ada@example.org", "Ada", "Example") { RefreshToken = "secret", AddedAt = _time.GetUtcNow() };
        var work = new OutstandingRegistration("a", passkey.Id, _time.GetUtcNow(), "{}"u8.ToArray(), "Work phone", "ABCD-EFGH");
        using (var store = await FileCredentialStore.CreateAsync(_directory, Pin, _time, Token))
        {
            await store.UpdateAsync(contents => contents with { Accounts = contents.Accounts.Add(account) }, Token);
            await store.StageAsync(passkey, Token);
            await store.DeliverAsync(work, Token);
        }

        using var reopened = await OpenAsync();

        Assert.Equal(passkey with { State = CredentialState.Delivered, AccountId = "a" }, Assert.Single(reopened.Credentials));
        Assert.Equal(account, Assert.Single(reopened.Contents.Accounts));
        Assert.Equal(work, Assert.Single(reopened.Contents.Work));
    }

    [Fact]
    public async Task The_file_shows_nothing_and_belongs_to_its_owner_alone()
    {
        using var store = await FileCredentialStore.CreateAsync(Path.Combine(_directory, "deep"), Pin, _time, Token);
        await store.StageAsync(NewPasskey(), Token);

        var file = Path.Combine(_directory, "deep", "vault.latchkey");
        Assert.DoesNotContain("example.org", System.Text.Encoding.Latin1.GetString(await File.ReadAllBytesAsync(file, Token)), StringComparison.Ordinal);
        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(Path.GetDirectoryName(file)!));
        }
    }

    [Fact]
    public async Task A_second_process_is_kept_out_while_the_first_has_the_vault()
    {
        using (await FileCredentialStore.CreateAsync(_directory, Pin, _time, Token))
        {
            Assert.Throws<VaultInUseException>(() => LockedVault.Open(_directory));
        }

        LockedVault.Open(_directory).Dispose();
    }

    [Fact]
    public async Task A_vault_is_not_made_over_another()
    {
        (await FileCredentialStore.CreateAsync(_directory, Pin, _time, Token)).Dispose();

        await Assert.ThrowsAsync<VaultExistsException>(() => FileCredentialStore.CreateAsync(_directory, Pin, _time, Token));
    }

    [Fact]
    public void No_vault_is_an_error_of_its_own() => Assert.Throws<VaultNotFoundException>(() => LockedVault.Open(_directory));

    [Fact]
    public async Task A_PIN_is_the_same_however_its_letters_are_composed()
    {
        (await FileCredentialStore.CreateAsync(_directory, "cl\u00e9s-d\u2019or", _time, Token)).Dispose();

        using var vault = LockedVault.Open(_directory);
        (await vault.UnlockAsync("cle\u0301s-d\u2019or", _time, Token)).Dispose();
    }

    [Fact]
    public async Task Another_PIN_opens_the_vault_after_the_change_and_the_old_one_no_more()
    {
        var disk = new DyingDisk([]);
        using (var store = await FileCredentialStore.CreateAsync(disk, Pin, _time, Cheap, Token))
        {
            await store.StageAsync(NewPasskey(), Token);
            Assert.Equal(PinCheck.Wrong, await store.ChangePinAsync("not the PIN", "another PIN", Token));
            Assert.Equal(PinCheck.Right, await store.ChangePinAsync(Pin, "another PIN", Token));
            await store.StageAsync(NewPasskey(), Token);
        }

        using var vault = LockedVault.Open(disk);
        await Assert.ThrowsAsync<WrongPinException>(() => vault.UnlockAsync(Pin, _time, Token));
        using var reopened = await vault.UnlockAsync("another PIN", _time, Token);
        Assert.Equal(2, reopened.Credentials.Count);
    }

    [Theory]
    [InlineData("12345", PinProblem.TooShort)]
    [InlineData("482917", PinProblem.None)]
    [InlineData("🔑🔑🔑", PinProblem.TooShort)] // three characters, though twelve bytes
    [InlineData("e\u0301e\u0301e\u0301e\u0301e\u0301", PinProblem.TooShort)] // five letters with their accents apart
    public void A_PIN_has_at_least_six_characters_whatever_they_are(string pin, PinProblem problem) => Assert.Equal(problem, Latchkey.Authenticator.Vault.Pin.Judge(pin));

    [Fact]
    public void Half_a_character_is_no_PIN() => Assert.Equal(PinProblem.TooShort, Latchkey.Authenticator.Vault.Pin.Judge("\ud83d123456"));

    [Fact]
    public void A_PIN_has_at_most_63_bytes()
    {
        Assert.Equal(PinProblem.None, Latchkey.Authenticator.Vault.Pin.Judge(new('a', 63)));
        Assert.Equal(PinProblem.TooLong, Latchkey.Authenticator.Vault.Pin.Judge(new('a', 64)));
        Assert.Equal(PinProblem.TooLong, Latchkey.Authenticator.Vault.Pin.Judge(new('é', 32)));
    }

    [Theory]
    [InlineData("12345")]
    [InlineData("123456")]
    public async Task A_bad_PIN_makes_no_vault(string pin)
    {
        await Assert.ThrowsAsync<ArgumentException>(() => FileCredentialStore.CreateAsync(_directory, pin, _time, Token));
        Assert.False(LockedVault.Exists(_directory));
    }

    [Fact]
    public async Task Deleted_passkeys_can_be_brought_back_for_30_days_and_are_gone_afterwards()
    {
        var (kept, gone) = (NewPasskey(), NewPasskey());
        using var store = await FileCredentialStore.CreateAsync(new DyingDisk([]), Pin, _time, Cheap, Token);
        await store.StageAsync(kept, Token);
        await store.StageAsync(gone, Token);
        await store.DeleteAsync(kept.Id, Token);
        await store.DeleteAsync(gone.Id, Token);
        Assert.DoesNotContain(store.Credentials, passkey => passkey.IsOffered);

        await store.RestoreAsync(kept.Id, Token);
        _time.Advance(TimeSpan.FromDays(30));
        await store.RecordUseAsync(kept.Id, Token);

        Assert.Equal(kept.Id, Assert.Single(store.Credentials).Id);
        Assert.True(store.Credentials[0].IsOffered);
    }

    [Fact]
    public async Task Only_a_deleted_passkey_can_be_done_away_with_for_good()
    {
        var passkey = NewPasskey();
        using var store = await FileCredentialStore.CreateAsync(new DyingDisk([]), Pin, _time, Cheap, Token);
        await store.StageAsync(passkey, Token);
        await store.ForgetAsync(passkey.Id, Token);
        Assert.Single(store.Credentials);

        await store.DeleteAsync(passkey.Id, Token);
        await store.ForgetAsync(passkey.Id, Token);

        Assert.Empty(store.Credentials);
    }

    [Fact]
    public async Task A_directory_that_was_there_already_is_its_owners_alone_from_the_first_vault_on()
    {
        if (OperatingSystem.IsWindows()) return;
        Directory.CreateDirectory(_directory);
        File.SetUnixFileMode(_directory, (UnixFileMode)0b111_101_101);

        (await FileCredentialStore.CreateAsync(_directory, Pin, _time, Token)).Dispose();

        Assert.Equal((UnixFileMode)0b111_000_000, File.GetUnixFileMode(_directory));
    }

    [Fact]
    public async Task No_vault_is_made_in_a_directory_everybody_shares()
    {
        if (OperatingSystem.IsWindows()) return;
        Directory.CreateDirectory(_directory);
        File.SetUnixFileMode(_directory, (UnixFileMode)0b111_111_111 | UnixFileMode.StickyBit);

        await Assert.ThrowsAsync<VaultDirectoryException>(() => FileCredentialStore.CreateAsync(_directory, Pin, _time, Token));

        Assert.False(LockedVault.Exists(_directory));
        Assert.True(File.GetUnixFileMode(_directory).HasFlag(UnixFileMode.OtherWrite));
    }

    [Fact]
    public async Task What_the_app_owes_for_a_passkey_ends_with_the_passkey()
    {
        var passkey = NewPasskey();
        using var store = await FileCredentialStore.CreateAsync(new DyingDisk([]), Pin, _time, Cheap, Token);
        await store.StageAsync(passkey, Token);
        await store.DeliverAsync(new OutstandingRegistration("a", passkey.Id, _time.GetUtcNow(), "{}"u8.ToArray(), null, null), Token);

        await store.ConfirmAsync(passkey.Id, Token);

        Assert.Empty(store.Contents.Work);
        Assert.Equal((CredentialState.Confirmed, (ByteString?)null), (store.Credentials[0].State, store.Credentials[0].Response));
    }

    [Fact]
    public async Task A_change_that_changes_nothing_writes_nothing()
    {
        var disk = new DyingDisk([]);
        using var store = await FileCredentialStore.CreateAsync(disk, Pin, _time, Cheap, Token);
        var life = disk.LifeLeft;

        await store.UpdateAsync(contents => contents, Token);

        Assert.Equal(life, disk.LifeLeft);
    }

    [Fact]
    public async Task A_PIN_is_not_changed_to_a_common_one_or_to_ones_own_name()
    {
        using var store = await FileCredentialStore.CreateAsync(new DyingDisk([]), Pin, _time, Cheap, Token);
        await store.UpdateAsync(contents => contents with { Accounts = [new("a", new("https://id.example.org/"), "42", "grace.hopper@example.org", "Grace", "Example") { AddedAt = _time.GetUtcNow() }] }, Token);

        await Assert.ThrowsAsync<ArgumentException>(() => store.ChangePinAsync(Pin, "111111", Token));
        await Assert.ThrowsAsync<ArgumentException>(() => store.ChangePinAsync(Pin, "Hopper1906", Token));
        Assert.Equal(PinCheck.Right, await store.CheckPinAsync(Pin, Token));
    }

    internal static PublicKeyCredentialSource NewPasskey()
    {
        var (privateKey, _) = CredentialKey.Generate(CoseAlgorithm.EdDSA);
        return new()
        {
            Id = CredentialId.Random(),
            RpId = "example.org",
            RpName = "Example",
            UserHandle = UserHandle.Random(),
            UserName = "ada@example.org",
            UserDisplayName = "Ada",
            Algorithm = CoseAlgorithm.EdDSA,
            PrivateKey = privateKey,
            Discoverable = true,
            CreatedAt = new(2026, 5, 3, 12, 0, 0, TimeSpan.Zero),
            State = CredentialState.Staged,
            Response = ByteString.Random(20),
        };
    }

    private async Task<FileCredentialStore> OpenAsync() => await LockedVault.Open(_directory).UnlockAsync(Pin, _time, Token);
}
