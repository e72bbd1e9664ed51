using System.Net;
using Latchkey.Authenticator;

namespace Latchkey.AuthenticatorApp.Tests;

/// <summary>
/// A browser stands between a server of ours and the passkey: nobody tells the Authenticator what became of it, so it asks, by the passkey itself. Each cell:
/// page closed early, server refused, server down, foreign relying party; whatever went wrong heals, and no outage removes anything.
/// </summary>
public sealed class BrowserKeyStateTests : IAsyncLifetime
{
    private const string Options = """{"challenge":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA","rpId":"shop.example"}""";

    private Browsing _authenticator = null!;
    private PaperBrowser _browser = null!;

    private static TimeSpan CeremonyIsOver => TimeSpan.FromMinutes(13);

    private PublicKeyCredentialSource Passkey => Assert.Single(_authenticator.Store.Credentials);

    public async ValueTask InitializeAsync()
    {
        _authenticator = await Browsing.StartAsync();
        _browser = await _authenticator.ConnectAsync();
        await _authenticator.Store.UpdateAsync(
            contents => contents with { Accounts = contents.Accounts.Add(new("one", new("https://shop.example/"), "42", "eve", "Eve", "Shop") { AddedAt = _authenticator.Time.GetUtcNow() }) }, Browsing.Token);
    }

    public async ValueTask DisposeAsync()
    {
        await _browser.DisposeAsync();
        await _authenticator.DisposeAsync();
    }

    [Fact]
    public async Task A_server_that_keeps_the_passkey_confirms_it()
    {
        Answer("known");
        await MakeAsync();

        _authenticator.Time.Advance(TimeSpan.FromSeconds(2));

        await _authenticator.UntilAsync(_ => Passkey.State == CredentialState.Confirmed);
    }

    [Fact]
    public async Task A_page_that_closed_before_the_server_heard_of_it_leaves_a_passkey_that_goes_at_a_later_start()
    {
        Answer("unknown");
        await MakeAsync();

        _authenticator.Time.Advance(TimeSpan.FromSeconds(2));
        // The page may still be on its way.
        Assert.Equal(CredentialState.Delivered, Passkey.State);
        await StartAgainAsync(CeremonyIsOver);

        await _authenticator.UntilAsync(_ => Passkey.State == CredentialState.RecentlyDeleted);
    }

    [Fact]
    public async Task A_passkey_the_server_refused_goes_the_same_way_and_can_be_brought_back_for_thirty_days()
    {
        Answer("unknown");
        await MakeAsync();
        await StartAgainAsync(CeremonyIsOver);
        await _authenticator.UntilAsync(_ => Passkey.State == CredentialState.RecentlyDeleted);

        await _authenticator.Store.RestoreAsync(Passkey.Id, Browsing.Token);

        Assert.True(Passkey.IsOffered);
    }

    [Theory]
    [InlineData(HttpStatusCode.ServiceUnavailable)]
    [InlineData(HttpStatusCode.BadGateway)]
    [InlineData(HttpStatusCode.NotFound)]
    public async Task A_server_that_is_down_removes_nothing_and_is_asked_again_when_it_is_back(HttpStatusCode status)
    {
        Answer(status);
        await MakeAsync();
        _authenticator.Time.Advance(TimeSpan.FromSeconds(2));
        await StartAgainAsync(CeremonyIsOver);
        _authenticator.Time.Advance(TimeSpan.FromSeconds(2));
        Assert.True(Passkey.IsOffered);

        Answer("known");
        await StartAgainAsync(TimeSpan.FromHours(1));

        await _authenticator.UntilAsync(_ => Passkey.State == CredentialState.Confirmed);
    }

    [Fact]
    public async Task A_foreign_relying_partys_passkey_is_confirmed_by_its_delivery_and_its_server_is_not_asked_about_it()
    {
        List<string> asked = [];
        _authenticator.Servers = request =>
        {
            lock (asked) asked.Add(request.RequestUri!.PathAndQuery);
            return new(HttpStatusCode.NotFound);
        };
        await _browser.BeginAsync(WithRpId("elsewhere.example"));
        await FinishAsync();

        _authenticator.Time.Advance(TimeSpan.FromSeconds(2));

        await _authenticator.UntilAsync(_ => Passkey.State == CredentialState.Confirmed);
        Assert.Equal(["/.well-known/passkey-endpoints"], asked);
    }

    private static System.Text.Json.Nodes.JsonObject WithRpId(string rpId)
    {
        var request = Browsing.Create(1, rpId);
        request["caller"]!["origin"] = $"https://{rpId}";
        return request;
    }

    private async Task MakeAsync()
    {
        await _browser.BeginAsync(Browsing.Create(1));
        await FinishAsync();
    }

    private async Task FinishAsync()
    {
        await _authenticator.AnswerAsync();
        await _browser.AnswerAsync(1);
        await _browser.SayAsync(1, "delivered");
        await _browser.HearAsync("kept", 1);
    }

    private async Task StartAgainAsync(TimeSpan after)
    {
        _authenticator.Session.Lock();
        _authenticator.Time.Advance(after);
        await _authenticator.Session.UnlockAsync(Browsing.Pin, Browsing.Token);
    }

    private void Answer(HttpStatusCode status) => _authenticator.Servers = _ => new(status);

    private void Answer(string status) => _authenticator.Servers = request => request.RequestUri!.AbsolutePath switch
    {
        var path when path.EndsWith("/options", StringComparison.Ordinal) => Scanning.Json(Options),
        var path when path.Contains("/status", StringComparison.Ordinal) => Scanning.Json($$"""{"status":"{{status}}"}"""),
        _ => new(HttpStatusCode.ServiceUnavailable),
    };
}
