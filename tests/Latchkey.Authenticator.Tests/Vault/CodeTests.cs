using System.Security.Cryptography;
using System.Text;
using Latchkey.Authenticator.Codes;
using Latchkey.Authenticator.Vault;
using Latchkey.Protocol;
using Microsoft.Extensions.Time.Testing;

namespace Latchkey.Authenticator.Tests.Vault;

public sealed class CodeTests
{
    private const string Pin = "passe-partout";

    private readonly FakeTimeProvider _time = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Codes_are_there_again_after_a_restart_in_their_order()
    {
        var disk = new DyingDisk([]);
        var (first, second) = (NewCode(NewKey("one")), NewCode(NewKey("two") with { Algorithm = TotpAlgorithm.Sha512, Digits = 8, Period = 60 }) with { AccountId = "a" });
        using (var store = await FileCredentialStore.CreateAsync(disk, Pin, _time, new(8, 1), Token))
        {
            await store.UpdateAsync(contents => contents.Added(first).Added(second), Token);
        }

        using var vault = LockedVault.Open(disk);
        using var again = await vault.UnlockAsync(Pin, _time, Token);
        Assert.Equal([first, second], again.Contents.Codes);
    }

    [Fact]
    public async Task A_vault_written_before_there_were_codes_opens_with_all_it_held()
    {
        var disk = new DyingDisk([]);
        var dataKey = RandomNumberGenerator.GetBytes(VaultHeader.KeyLength);
        // As the first version wrote it, key for key.
        var contents = """
            {"Credentials":[],"Accounts":[{"Id":"a","Server":"https://id.example.org","Subject":"s","UserName":"ada","DisplayName":"Ada","Organisation":"Example","RefreshToken":"r","AddedAt":"2026-05-03T12:00:00+00:00"}],"Work":[]}
            """;
        LockedVault.Create(disk, Pin, dataKey, Encoding.UTF8.GetBytes(contents), new(8, 1)).Dispose();

        using var vault = LockedVault.Open(disk);
        using var store = await vault.UnlockAsync(Pin, _time, Token);
        Assert.Empty(store.Contents.Codes);
        Assert.Equal("ada", Assert.Single(store.Contents.Accounts).UserName);
    }

    [Fact]
    public async Task A_code_that_cannot_be_is_damage()
    {
        var disk = new DyingDisk([]);
        var dataKey = RandomNumberGenerator.GetBytes(VaultHeader.KeyLength);
        var contents = """
            {"Codes":[{"Id":"c","Key":{"Issuer":"","AccountName":"ada","Secret":"AAAA","Algorithm":"Sha1","Digits":12,"Period":30},"AddedAt":"2026-05-03T12:00:00+00:00"}]}
            """;
        LockedVault.Create(disk, Pin, dataKey, Encoding.UTF8.GetBytes(contents), new(8, 1)).Dispose();

        using var vault = LockedVault.Open(disk);
        await Assert.ThrowsAsync<VaultDamagedException>(() => vault.UnlockAsync(Pin, _time, Token));
    }

    [Theory]
    [InlineData(0, 2, "bca")]
    [InlineData(2, 0, "cab")]
    [InlineData(1, 0, "bac")]
    [InlineData(1, 99, "acb")]
    [InlineData(1, -1, "bac")]
    [InlineData(1, 1, "abc")]
    public void A_code_moves_to_its_place_and_the_others_keep_theirs(int from, int to, string order)
    {
        var contents = "abc".Select(name => NewCode(NewKey(name.ToString()))).Aggregate(VaultContents.Empty, (contents, code) => contents.Added(code));

        Assert.Equal(order, string.Concat(contents.MovedCode(contents.Codes[from].Id, to).Codes.Select(code => code.Key.AccountName)));
    }

    [Fact]
    public void A_code_is_renamed_linked_and_removed()
    {
        var code = NewCode(NewKey("ada"));
        var contents = VaultContents.Empty.Added(code);

        var renamed = contents.RenamedCode(code.Id, "Other", "eve").LinkedCode(code.Id, "a").Codes[0];

        Assert.Equal(("Other", "eve", "a", code.Key.Secret), (renamed.Key.Issuer, renamed.Key.AccountName, renamed.AccountId, renamed.Key.Secret));
        Assert.Empty(contents.RemovedCode(code.Id).Codes);
        Assert.Empty(contents.RemovedCode(code.Id).DeletedCodes);
        Assert.Same(contents, contents.RemovedCode("none").MovedCode("none", 1).RenamedCode("none", "", "x"));
    }

    [Fact]
    public void The_same_secret_is_noticed_under_any_name_and_another_way_of_using_it_is_not_the_same()
    {
        var key = NewKey("ada");
        var contents = VaultContents.Empty.Added(NewCode(key));

        Assert.Equal(contents.Codes[0], contents.FindSame(key with { Issuer = "Other", AccountName = "eve" }));
        Assert.Null(contents.FindSame(key with { Digits = 8 }));
        Assert.Null(contents.FindSame(NewKey("ada")));
    }

    internal static VaultCode NewCode(TotpKey key) => VaultCode.Of(key, new(2026, 5, 3, 12, 0, 0, TimeSpan.Zero));

    private static TotpKey NewKey(string name) => new("Example", name, ByteString.Random(20));
}
