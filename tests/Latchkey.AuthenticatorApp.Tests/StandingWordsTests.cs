using System.Net;
using System.Runtime.CompilerServices;
using Latchkey.Accounts;
using Latchkey.Authenticator;
using Latchkey.Authenticator.Vault;
using Latchkey.AuthenticatorApp.Features.Accounts;
using Latchkey.Protocol.WebAuthn;

namespace Latchkey.AuthenticatorApp.Tests;

/// <summary>What the person sees of a passkey, for each way it can stand: the words of docs/states.md are on the page, and the action beside them.</summary>
public sealed class StandingWordsTests : IAsyncLifetime
{
    private Browsing _authenticator = null!;
    private CredentialId _passkey;

    public static TheoryData<PasskeyStanding> Standings => [.. Enum.GetValues<PasskeyStanding>()];

    private VaultContents Contents => _authenticator.Store.Contents;

    public async ValueTask InitializeAsync()
    {
        _authenticator = await Browsing.StartAsync();
        _authenticator.Servers = _ => new(HttpStatusCode.ServiceUnavailable);
        await _authenticator.Store.UpdateAsync(
            contents => contents with { Accounts = contents.Accounts.Add(new("one", new("https://shop.example/"), "42", "eve", "Eve", "Shop") { RefreshToken = "good", AddedAt = _authenticator.Time.GetUtcNow() }) }, Browsing.Token);
        _passkey = await _authenticator.AddPasskeyAsync();
        await _authenticator.Store.UpdateAsync(contents => contents.Linked(_passkey, "one"), Browsing.Token);
    }

    public ValueTask DisposeAsync() => _authenticator.DisposeAsync();

    [Theory]
    [MemberData(nameof(Standings))]
    public async Task The_page_says_what_the_table_says(PasskeyStanding standing)
    {
        await BringAsync(standing);
        if (Contents.Find(_passkey) is { } passkey) Assert.Equal(standing, Contents.StandingOf(passkey));
        var (words, action) = Row(standing);

        var page = standing is PasskeyStanding.Hidden ? await _authenticator.ShowAsync<PasskeyPage>(_passkey.ToString()) : await _authenticator.ShowAsync<AccountPage>("one");

        if (words.Length > 0) Assert.Contains(words, page, StringComparison.Ordinal);
        foreach (var label in action.Split(" or ", StringSplitOptions.RemoveEmptyEntries)) Assert.Contains($"{label}</", page, StringComparison.Ordinal);
        // Nothing that the other standings say.
        Assert.All(
            Enum.GetValues<PasskeyStanding>().Where(other => other != standing).Select(other => Row(other).Words).Where(other => other.Length > 0 && other != words),
            other => Assert.DoesNotContain(other, page, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_sign_in_that_has_ended_is_said_and_led_to()
    {
        await _authenticator.Store.UpdateAsync(contents => contents with { Accounts = [contents.Accounts[0] with { RefreshToken = null }] }, Browsing.Token);

        var page = await _authenticator.ShowAsync<AccountPage>("one");

        Assert.Contains("Your sign-in to Shop has ended.", page, StringComparison.Ordinal);
        Assert.Contains("Sign in again</button>", page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_account_whose_server_has_not_been_told_everything_is_removed_only_after_that_was_said()
    {
        await BringAsync(PasskeyStanding.DeletionOwed);

        var page = await _authenticator.ShowAsync<AccountPage>("one");

        Assert.Contains("Shop has not been told of everything that was done here.", page, StringComparison.Ordinal);
        Assert.DoesNotContain("Remove this account", page, StringComparison.Ordinal);
        await _authenticator.Session.Open!.Accounts.RemoveAsync("one", Browsing.Token);
        Assert.Empty(Contents.Work);
        Assert.Equal(CredentialState.RecentlyDeleted, Contents.Find(_passkey)!.State);
    }

    private async Task BringAsync(PasskeyStanding standing)
    {
        var store = _authenticator.Store;
        switch (standing)
        {
            case PasskeyStanding.Making or PasskeyStanding.Unconfirmed or PasskeyStanding.RegistrationOwed:
                var made = PasskeyDelivery.IdOf(await _authenticator.Session.Open!.Authenticator.MakeCredentialAsync(
                    new(ClientDataHash.Of("{}"u8), new("shop.example", "Shop"), new(Browsing.UserOf("other"), "eve", "eve"), [-7]) { Rk = true, Uv = true }, Browsing.Token).AnsweredBy(_authenticator));
                await store.UpdateAsync(contents => contents with { Credentials = contents.Credentials.RemoveAll(credential => credential.Id == _passkey) }, Browsing.Token);
                _passkey = made;
                if (standing is PasskeyStanding.Unconfirmed) await store.DeliverAsync(made, Browsing.Token);
                if (standing is PasskeyStanding.RegistrationOwed) await store.DeliverAsync(new OutstandingRegistration("one", made, _authenticator.Time.GetUtcNow(), "{}"u8.ToArray(), null, null), Browsing.Token);
                await store.UpdateAsync(contents => contents.Linked(made, "one"), Browsing.Token);
                break;
            case PasskeyStanding.Hidden:
                await store.UpdateAsync(contents => contents.Hidden(_passkey, _authenticator.Time.GetUtcNow()), Browsing.Token);
                break;
            case PasskeyStanding.DeletionOwed:
                await store.DeleteAsync(Owed, Browsing.Token);
                break;
            case PasskeyStanding.DeletionRefused:
                await store.DeleteAsync(Owed, Browsing.Token);
                await store.KeepAsync(_passkey, "Your administrator looks after passkeys.", Browsing.Token);
                break;
            case PasskeyStanding.StillRegistered:
                await store.DeleteAsync(_passkey, Browsing.Token);
                await store.UpdateAsync(contents => contents.Listed(_passkey, isListed: true), Browsing.Token);
                break;
            case PasskeyStanding.RecentlyDeleted:
                await store.DeleteAsync(_passkey, Browsing.Token);
                break;
        }
    }

    private OutstandingDeletion Owed => new("one", _passkey, _authenticator.Time.GetUtcNow());

    /// <summary>A row of the table of standings in docs/states.md: what is said, and what the person can do.</summary>
    private static (string Words, string Action) Row(PasskeyStanding standing, [CallerFilePath] string thisFile = "")
    {
        var cells = File.ReadLines(Path.Combine(Path.GetDirectoryName(thisFile)!, "..", "..", "docs", "states.md"))
            .SkipWhile(line => line != "<!-- standings -->").Skip(1).TakeWhile(line => line != "<!-- end -->")
            .Select(line => line.Trim('|').Split('|')).Single(cells => cells[0].Trim() == $"`{standing}`");
        return (Said(cells[1]), Said(cells[2]));

        static string Said(string cell) => cell.Trim() is ['–', ..] ? "" : cell.Trim().Replace("*", "", StringComparison.Ordinal).Replace("ORGANISATION", "Shop", StringComparison.Ordinal);
    }
}
