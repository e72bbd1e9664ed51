using Latchkey.Authenticator.Vault;
using Latchkey.Protocol;
using Microsoft.Extensions.Time.Testing;

namespace Latchkey.Authenticator.Tests.Vault;

/// <summary>What an earlier copy of the vault file, or a part of one, is still good for.</summary>
public sealed class PinChangeTests
{
    private const string OldPin = "passe-partout", NewPin = "another PIN";
    private static readonly Argon2Cost Cheap = new(8, 1);

    private readonly FakeTimeProvider _time = new();
    private readonly Dictionary<string, byte[]> _files = new(StringComparer.Ordinal);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_earlier_copy_with_its_PIN_opens_nothing_that_came_after_the_PIN_was_changed()
    {
        var (before, after) = await ChangedAsync();
        var oldKey = before.Header.Unwrap(OldPin)!;

        Assert.Throws<VaultDamagedException>(() => after.Open(oldKey));
        Assert.Null(after.Header.Unwrap(OldPin));
    }

    [Fact]
    public async Task The_old_header_before_the_new_contents_does_not_open_with_the_old_PIN()
    {
        var (before, after) = await ChangedAsync();

        using var spliced = Open(after with { Header = before.Header });

        await Assert.ThrowsAsync<VaultDamagedException>(() => spliced.UnlockAsync(OldPin, _time, Token));
    }

    [Fact]
    public async Task A_header_that_wraps_the_same_key_by_another_PIN_opens_nothing_either()
    {
        using (var store = await FileCredentialStore.CreateAsync(new DyingDisk(_files), OldPin, _time, Cheap, Token))
        {
            await store.StageAsync(FileCredentialStoreTests.NewPasskey(), Token);
        }

        var file = VaultFile.Parse(_files["vault"]);
        using var forged = Open(file with { Header = VaultHeader.Wrap("the thief's", file.Header.Unwrap(OldPin)!, Cheap) });

        await Assert.ThrowsAsync<VaultDamagedException>(() => forged.UnlockAsync("the thief's", _time, Token));
    }

    [Fact]
    public async Task Of_the_header_only_the_count_of_attempts_can_be_changed_without_the_data_key()
    {
        (await FileCredentialStore.CreateAsync(new DyingDisk(_files), OldPin, _time, Cheap, Token)).Dispose();
        var file = VaultFile.Parse(_files["vault"]);
        var (header, key) = (file.Header, file.Header.Unwrap(OldPin)!);

        VaultHeader[] changed =
        [
            header with { Cost = new(16, 1) }, header with { Cost = new(8, 2) }, header with { Salt = ByteString.Random(VaultHeader.SaltLength) },
            header with { WrapNonce = ByteString.Random(VaultHeader.NonceLength) }, header with { WrappedKey = ByteString.Random(VaultHeader.KeyLength + VaultHeader.TagLength) },
        ];

        Assert.All(changed, other => Assert.Throws<VaultDamagedException>(() => (file with { Header = other }).Open(key)));
        Assert.NotEmpty((file with { Header = header with { AttemptsLeft = 1 } }).Open(key));
        Assert.Throws<VaultDamagedException>(() => (file with { Version = 1 }).Open(key));
    }

    [Fact]
    public async Task A_new_PIN_costs_as_much_to_guess_as_one_of_today_whatever_the_old_one_cost()
    {
        var (before, after) = await ChangedAsync(LockedVault.Open(new DyingDisk(await NewAsync())));

        Assert.Equal((Cheap, Argon2Cost.Default), (before.Header.Cost, after.Header.Cost));
    }

    [Fact]
    public async Task A_vault_of_0_1_0_opens_with_all_it_held_and_gets_another_key_in_todays_format()
    {
        // Written by version 0.1.0, with a PIN nobody could set today.
        _files["vault"] = await File.ReadAllBytesAsync(Path.Combine(AppContext.BaseDirectory, "Data", "vault-0.1.0.latchkey"), Token);
        var before = VaultFile.Parse(_files["vault"]);

        using (var vault = LockedVault.Open(new DyingDisk(_files)))
        {
            Assert.Equal(7, vault.PinAttemptsLeft);
            await Assert.ThrowsAsync<WrongPinException>(() => vault.UnlockAsync("not the PIN", _time, Token));
            using var store = await vault.UnlockAsync("123456", _time, Token);
            Assert.Equal([CredentialState.Staged, CredentialState.Confirmed, CredentialState.Delivered], store.Credentials.Select(passkey => passkey.State));
            Assert.Equal("secret", Assert.Single(store.Contents.Accounts).RefreshToken);
            Assert.Equal("ABCD-EFGH", Assert.IsType<OutstandingRegistration>(Assert.Single(store.Contents.Work)).Handoff);
            Assert.Equal("12345678901234567890"u8.ToArray(), Assert.Single(store.Contents.Codes).Key.Secret.ToArray());
            await store.StageAsync(FileCredentialStoreTests.NewPasskey(), Token);
        }

        var after = VaultFile.Parse(_files["vault"]);
        Assert.Equal((1, 2, VaultHeader.MaxAttempts), (before.Version, after.Version, after.Header.AttemptsLeft));
        Assert.Throws<VaultDamagedException>(() => after.Open(before.Header.Unwrap("123456")));
        using var again = await LockedVault.Open(new DyingDisk(_files)).UnlockAsync("123456", _time, Token);
        Assert.Equal(4, again.Credentials.Count);
    }

    [Fact]
    public async Task Killed_while_a_vault_of_0_1_0_is_brought_up_to_date_it_opens_as_before()
    {
        var old = await File.ReadAllBytesAsync(Path.Combine(AppContext.BaseDirectory, "Data", "vault-0.1.0.latchkey"), Token);
        var counted = old.Length + 3;
        foreach (var life in (int[])[counted, counted + 1, counted + old.Length - 1, counted + old.Length, counted + old.Length + 1, counted + old.Length + 2])
        {
            var files = new Dictionary<string, byte[]>(StringComparer.Ordinal) { ["vault"] = old };
            using (var dying = LockedVault.Open(new DyingDisk(files, life), Cheap))
            {
                await Assert.ThrowsAsync<DeadException>(() => dying.UnlockAsync("123456", _time, Token));
            }

            using var store = await LockedVault.Open(new DyingDisk(files), Cheap).UnlockAsync("123456", _time, Token);
            Assert.Equal(3, store.Credentials.Count);
        }
    }

    [Fact]
    public async Task A_vault_that_is_locked_in_the_middle_of_a_change_is_as_it_was_before()
    {
        var store = await FileCredentialStore.CreateAsync(new DyingDisk(_files), OldPin, _time, Cheap, Token);

        await Assert.ThrowsAsync<ObjectDisposedException>(() => store.UpdateAsync(
            contents =>
            {
                store.Dispose();
                return contents with { LockAfter = LockAfter.Never };
            },
            Token));

        using var again = await LockedVault.Open(new DyingDisk(_files)).UnlockAsync(OldPin, _time, Token);
        Assert.Equal(LockAfter.FiveMinutes, again.Contents.LockAfter);
    }

    private async Task<Dictionary<string, byte[]>> NewAsync()
    {
        (await FileCredentialStore.CreateAsync(new DyingDisk(_files), OldPin, _time, Cheap, Token)).Dispose();
        return _files;
    }

    private async Task<(VaultFile Before, VaultFile After)> ChangedAsync(LockedVault? vault = null)
    {
        using var locked = vault ?? LockedVault.Open(new DyingDisk(await NewAsync()), Cheap);
        using var store = await locked.UnlockAsync(OldPin, _time, Token);
        var before = VaultFile.Parse(_files["vault"]);
        Assert.Equal(PinCheck.Right, await store.ChangePinAsync(OldPin, NewPin, Token));
        await store.StageAsync(FileCredentialStoreTests.NewPasskey(), Token);
        return (before, VaultFile.Parse(_files["vault"]));
    }

    private static LockedVault Open(VaultFile file) => LockedVault.Open(new DyingDisk(new(StringComparer.Ordinal) { ["vault"] = file.Encode().ToArray() }), Cheap);
}
