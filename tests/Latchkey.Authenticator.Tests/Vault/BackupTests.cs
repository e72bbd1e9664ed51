using System.Text;
using System.Text.Json;
using Latchkey.Authenticator.Codes;
using Latchkey.Authenticator.Vault;
using Latchkey.Protocol;

namespace Latchkey.Authenticator.Tests.Vault;

public sealed class BackupTests
{
    private const string Passphrase = "correct horse battery";

    private static readonly DateTimeOffset Now = new(2026, 5, 3, 12, 0, 0, TimeSpan.Zero);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_is_backed_up_is_restored_into_a_new_vault_in_its_order_and_with_its_links()
    {
        var vault = Full();

        var (contents, problem) = await BackupFile.OpenAsync(await BackupFile.SealAsync(vault, Passphrase, Now, Token), Passphrase, Token);
        var (restored, accounts, codes) = contents!.RestoreInto(VaultContents.Empty);

        Assert.Equal(BackupProblem.None, problem);
        Assert.Equal(2, codes);
        Assert.Equal(vault.Codes.Select(code => (code.Key, code.AccountId)), restored.Codes.Select(code => (code.Key, code.AccountId)));
        var account = Assert.Single(accounts);
        Assert.Equal((vault.Accounts[0].Server, "s", "ada", null), (account.Server, account.Subject, account.UserName, account.RefreshToken));
    }

    [Fact]
    public void No_private_key_and_no_refresh_token_is_in_what_is_encrypted()
    {
        var vault = Full();
        var key = vault.Credentials[0].PrivateKey;

        var plaintext = Encoding.UTF8.GetString(JsonSerializer.SerializeToUtf8Bytes(BackupContents.Of(vault, Now), BackupJson.Default.BackupContents));

        Assert.Contains(vault.Codes[0].Key.Secret.ToBase64Url(), plaintext, StringComparison.Ordinal);
        foreach (var secret in (string[])[key.ToBase64Url(), Convert.ToBase64String(key), key.ToHex(), vault.Credentials[0].Id.ToString(), "the-refresh-token", "RefreshToken", "PrivateKey", "Device"])
        {
            Assert.DoesNotContain(secret, plaintext, StringComparison.OrdinalIgnoreCase);
        }
    }

    [Fact]
    public async Task Restoring_what_is_here_already_changes_nothing_and_keeps_the_sign_in()
    {
        var vault = Full();
        var (contents, _) = await BackupFile.OpenAsync(Seal(vault), Passphrase, Token);

        var (restored, accounts, codes) = contents!.RestoreInto(vault);

        Assert.Equal((0, 0), (accounts.Count, codes));
        Assert.Equal("the-refresh-token", Assert.Single(restored.Accounts).RefreshToken);
        Assert.Equal(vault.Codes, restored.Codes);
    }

    [Fact]
    public async Task Codes_of_an_account_that_has_another_name_here_belong_to_it()
    {
        var (contents, _) = await BackupFile.OpenAsync(Seal(Full()), Passphrase, Token);
        var here = VaultContents.Empty with { Accounts = [Full().Accounts[0] with { Id = "other" }] };

        var (restored, accounts, _) = contents!.RestoreInto(here);

        Assert.Empty(accounts);
        Assert.Equal("other", restored.Codes[0].AccountId);
    }

    [Fact]
    public async Task Another_passphrase_is_told_from_a_damaged_file()
    {
        var file = Seal(Full()).ToArray();

        Assert.Equal(BackupProblem.WrongPassphrase, (await BackupFile.OpenAsync(file, "correct horse batterx", Token)).Problem);
        for (var at = 0; at < file.Length; at += 3)
        {
            var flipped = file.ToArray();
            flipped[at] ^= 0x20;
            var (contents, problem) = await BackupFile.OpenAsync(flipped, Passphrase, Token);
            Assert.Null(contents);
            Assert.Equal(at < "LATCHKEY-BACKUP".Length ? BackupProblem.NotABackup : at == "LATCHKEY-BACKUP".Length ? BackupProblem.NewerVersion : BackupProblem.Damaged, problem);
            Assert.NotEqual(BackupProblem.None, (await BackupFile.OpenAsync(file[..at], Passphrase, Token)).Problem);
        }
    }

    [Fact]
    public async Task A_backup_of_a_newer_program_and_a_file_that_is_none_are_said_to_be_that()
    {
        var file = Seal(Full()).ToArray();
        file["LATCHKEY-BACKUP".Length] = 2;

        Assert.Equal(BackupProblem.NewerVersion, (await BackupFile.OpenAsync(file, Passphrase, Token)).Problem);
        Assert.Equal(BackupProblem.NotABackup, (await BackupFile.OpenAsync("%PDF-1.7 and so on"u8.ToArray(), Passphrase, Token)).Problem);
        Assert.Equal(BackupProblem.NotABackup, (await BackupFile.OpenAsync(ByteString.Empty, Passphrase, Token)).Problem);
    }

    [Theory]
    [InlineData("short enough", PassphraseStrength.Fair)]
    [InlineData("elevenchars", PassphraseStrength.TooShort)]
    [InlineData("   elevenchars   ", PassphraseStrength.TooShort)]
    [InlineData("aaaaaaaaaaaaaaaaaaaaaa", PassphraseStrength.Guessable)]
    [InlineData("123456789012", PassphraseStrength.Guessable)]
    [InlineData("correct horse battery", PassphraseStrength.Good)]
    public void A_passphrase_is_judged_before_it_guards_anything(string passphrase, PassphraseStrength strength) => Assert.Equal(strength, BackupPassphrase.Judge(passphrase));

    [Fact]
    public async Task A_weak_passphrase_makes_no_backup() => await Assert.ThrowsAsync<ArgumentException>(() => BackupFile.SealAsync(Full(), "123456", Now, Token));

    private static ByteString Seal(VaultContents vault) => BackupFile.Seal(BackupContents.Of(vault, Now), Passphrase, new(8, 1));

    private static VaultContents Full() => VaultContents.Empty with
    {
        Credentials = [FileCredentialStoreTests.NewPasskey()],
        Accounts = [new("a", new("https://id.example.org"), "s", "ada", "Ada", "Example") { AddedAt = Now, RefreshToken = "the-refresh-token" }],
        Codes =
        [
            CodeTests.NewCode(new("Example", "ada", "12345678901234567890"u8.ToArray())) with { AccountId = "a" },
            CodeTests.NewCode(new("", "bob", "abcdefghij"u8.ToArray()) { Algorithm = TotpAlgorithm.Sha256, Digits = 8, Period = 60 }),
        ],
    };
}
