using System.Net;
using System.Text.Json.Nodes;
using Latchkey.Authenticator;
using Latchkey.Protocol.WebAuthn;

namespace Latchkey.AuthenticatorApp.Tests;

/// <summary>What a page tells about passkeys is not proved: it hides, shows and renames, and never deletes.</summary>
public sealed class BrowserSignalTests : IAsyncLifetime
{
    private Browsing _authenticator = null!;
    private PaperBrowser _browser = null!;
    private CredentialId _passkey;

    private PublicKeyCredentialSource Passkey => _authenticator.Store.Contents.Find(_passkey)!;

    public async ValueTask InitializeAsync()
    {
        _authenticator = await Browsing.StartAsync();
        _browser = await _authenticator.ConnectAsync();
        _passkey = await _authenticator.AddPasskeyAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _browser.DisposeAsync();
        await _authenticator.DisposeAsync();
    }

    [Fact]
    public async Task A_passkey_a_foreign_page_does_not_know_is_hidden_and_the_list_of_accepted_ones_shows_it_again()
    {
        await SignalAsync("unknownCredential", new() { ["credentialId"] = _passkey.ToString() });

        Assert.NotNull(Passkey.HiddenAt);
        Assert.Equal(CredentialState.Confirmed, Passkey.State);
        await _browser.SayAsync(Browsing.Offers(Browsing.Get(1)));
        Assert.Equal("no_passkey", (string?)(await _browser.AnswerAsync(1))["reason"]);

        await SignalAsync("allAcceptedCredentials", new() { ["userId"] = Browsing.UserOf("eve").ToString(), ["allAcceptedCredentialIds"] = new JsonArray(_passkey.ToString()) });

        Assert.True(Passkey.IsOffered);
    }

    [Fact]
    public async Task A_passkey_that_is_not_among_the_accepted_ones_is_hidden_and_those_of_other_accounts_stay()
    {
        var another = await _authenticator.AddPasskeyAsync(user: "ada");

        await SignalAsync("allAcceptedCredentials", new() { ["userId"] = Browsing.UserOf("eve").ToString(), ["allAcceptedCredentialIds"] = new JsonArray() });

        Assert.NotNull(Passkey.HiddenAt);
        Assert.True(_authenticator.Store.Contents.Find(another)!.IsOffered);
    }

    [Fact]
    public async Task An_account_is_called_as_its_page_calls_it()
    {
        await SignalAsync("currentUserDetails", new() { ["userId"] = Browsing.UserOf("eve").ToString(), ["name"] = "eve2", ["displayName"] = "Eve the second" });

        Assert.Equal(("eve2", "Eve the second"), (Passkey.UserName, Passkey.UserDisplayName));
    }

    [Theory]
    [InlineData("", "Eve the second", "eve", "Eve the second")]
    [InlineData("eve2", "", "eve2", "eve")]
    [InlineData(" \u200b\u2060", "\u202e", "eve", "eve")]
    public async Task A_name_in_which_there_is_nothing_to_read_leaves_the_one_there_is(string name, string displayName, string itsName, string itsDisplayName)
    {
        await SignalAsync("currentUserDetails", new() { ["userId"] = Browsing.UserOf("eve").ToString(), ["name"] = name, ["displayName"] = displayName });

        Assert.Equal((itsName, itsDisplayName), (Passkey.UserName, Passkey.UserDisplayName));
    }

    [Fact]
    public async Task While_the_vault_is_locked_one_sites_signals_push_out_no_other_sites()
    {
        _authenticator.Session.Lock();
        await SignalAsync("unknownCredential", new() { ["credentialId"] = _passkey.ToString() });
        for (var i = 0; i < 300; i++)
        {
            var message = Signal("unknownCredential", new() { ["rpId"] = $"n{i}.evil.test", ["credentialId"] = CredentialId.Random().ToString() });
            message["caller"]!["origin"] = $"https://n{i}.evil.test";
            await _browser.SayAsync(message);
            await _browser.AnswerAsync(5);
        }

        await _authenticator.Session.UnlockAsync(Browsing.Pin, Browsing.Token);

        await _authenticator.UntilAsync(_ => Passkey.HiddenAt is not null);
    }

    [Fact]
    public async Task A_server_of_ours_is_asked_and_a_page_alone_hides_nothing_of_it()
    {
        await _authenticator.Store.UpdateAsync(
            contents => contents with { Accounts = contents.Accounts.Add(new("one", new("https://shop.example/"), "42", "eve", "Eve", "Shop") { AddedAt = _authenticator.Time.GetUtcNow() }) }, Browsing.Token);
        List<string> asked = [];
        _authenticator.Servers = request =>
        {
            asked.Add(request.RequestUri!.AbsolutePath);
            return new(HttpStatusCode.ServiceUnavailable);
        };

        await SignalAsync("unknownCredential", new() { ["credentialId"] = _passkey.ToString() });

        Assert.NotEmpty(asked);
        Assert.True(Passkey.IsOffered);
    }

    [Theory]
    [InlineData("https://evil.example", "shop.example")]
    [InlineData("https://evilshop.example", "shop.example")]
    public async Task A_page_has_no_word_about_another_ones_passkeys(string origin, string rpId)
    {
        var message = Signal("unknownCredential", new() { ["rpId"] = rpId, ["credentialId"] = _passkey.ToString() });
        message["caller"]!["origin"] = origin;

        await _browser.SayAsync(message);

        Assert.Equal("SecurityError", (string?)(await _browser.ErrorAsync(5))["name"]);
        Assert.True(Passkey.IsOffered);
    }

    [Fact]
    public async Task What_is_told_while_the_vault_is_locked_is_done_once_it_is_open()
    {
        _authenticator.Session.Lock();
        await SignalAsync("unknownCredential", new() { ["credentialId"] = _passkey.ToString() });

        await _authenticator.Session.UnlockAsync(Browsing.Pin, Browsing.Token);

        await _authenticator.UntilAsync(_ => Passkey.HiddenAt is not null);
    }

    private async Task SignalAsync(string method, JsonObject options)
    {
        options["rpId"] = "shop.example";
        await _browser.SayAsync(Signal(method, options));
        await _browser.AnswerAsync(5);
    }

    private static JsonObject Signal(string method, JsonObject options) => new()
    {
        ["id"] = 5,
        ["type"] = "signal",
        ["method"] = method,
        ["caller"] = new JsonObject { ["origin"] = Browsing.Site, ["crossOrigin"] = false },
        ["options"] = options,
    };
}
