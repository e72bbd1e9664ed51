using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Latchkey.Server.Tests.Hosts;
using Microsoft.EntityFrameworkCore;

namespace Latchkey.Server.Tests.SignIn;

public sealed class PasskeySignInTests : IAsyncLifetime
{
    private RunningServer _server = null!;
    private Device _device = null!;
    private Browser _browser = null!;

    public async ValueTask InitializeAsync()
    {
        _server = await RunningServer.StartAsync();
        _device = new Device(_server);
        using var owner = await _server.NewBrowser().SignInAsync("newcomer");
        await _device.RegisterAsync(owner);
        _browser = _server.NewBrowser();
        await _browser.OpenAsync("/sign-in");
    }

    public async ValueTask DisposeAsync()
    {
        _browser.Dispose();
        _device.Dispose();
        await _server.DisposeAsync();
    }

    [Fact]
    public async Task A_passkey_signs_in_without_a_name()
    {
        var response = await _device.GetAsync(await OptionsAsync(_browser));
        var answer = await (await _browser.FetchAsync("/sign-in/passkey", response.Encode())).Content.ReadFromJsonAsync<JsonElement>();

        Assert.Equal("newcomer", answer.GetProperty("name").GetString());
        Assert.Equal(response.Id.ToString(), answer.GetProperty("allAcceptedCredentialIds")[0].GetString());
        Assert.Equal("/security-info", (await _browser.OpenAsync("/security-info")).Path);
        Assert.NotNull((await _server.InDatabaseAsync(db => db.Passkeys.SingleAsync())).LastUsedAt);
    }

    [Fact]
    public async Task A_sign_in_whose_answer_was_lost_is_sent_again_and_opens_one_session()
    {
        var response = (await _device.GetAsync(await OptionsAsync(_browser))).Encode();
        await _browser.FetchAsync("/sign-in/passkey", response, answerIsLost: true);
        var before = await _server.InDatabaseAsync(db => db.Sessions.CountAsync());

        var again = await _browser.FetchAsync("/sign-in/passkey", response);

        Assert.True(again.IsSuccessStatusCode);
        Assert.Equal("/security-info", (await _browser.OpenAsync("/security-info")).Path);
        Assert.Equal(before, await _server.InDatabaseAsync(db => db.Sessions.CountAsync()));
    }

    [Fact]
    public async Task A_response_that_was_used_signs_nobody_in_elsewhere()
    {
        var response = (await _device.GetAsync(await OptionsAsync(_browser))).Encode();
        await _browser.FetchAsync("/sign-in/passkey", response);
        using var thief = _server.NewBrowser();
        await OptionsAsync(await thief.OpenAsync("/sign-in"));

        Assert.Equal("ceremony_already_used", await Answers.CodeOfAsync(await thief.FetchAsync("/sign-in/passkey", response)));
    }

    [Fact]
    public async Task A_sign_in_begun_in_one_browser_is_not_completed_in_another()
    {
        var response = (await _device.GetAsync(await OptionsAsync(_browser))).Encode();
        using var thief = _server.NewBrowser();
        await OptionsAsync(await thief.OpenAsync("/sign-in"));

        Assert.Equal("ceremony_session_mismatch", await Answers.CodeOfAsync(await thief.FetchAsync("/sign-in/passkey", response)));
    }

    [Fact]
    public async Task Eleven_minutes_are_too_long()
    {
        var response = (await _device.GetAsync(await OptionsAsync(_browser))).Encode();
        _server.Time.Advance(TimeSpan.FromMinutes(11));

        Assert.Equal("ceremony_expired", await Answers.CodeOfAsync(await _browser.FetchAsync("/sign-in/passkey", response)));
    }

    [Fact]
    public async Task A_passkey_that_was_deleted_is_answered_as_unknown_so_that_the_page_can_signal_it()
    {
        await _server.InDatabaseAsync(db => db.Passkeys.ExecuteDeleteAsync());
        var response = (await _device.GetAsync(await OptionsAsync(_browser))).Encode();

        var refused = await _browser.FetchAsync("/sign-in/passkey", response);

        Assert.Equal(HttpStatusCode.NotFound, refused.StatusCode);
        Assert.Equal("credential_unknown", await Answers.CodeOfAsync(refused));
    }

    [Fact]
    public async Task Malformed_bytes_are_a_refusal_not_a_failure()
    {
        Assert.Equal("response_malformed", await Answers.CodeOfAsync(await _browser.FetchAsync("/sign-in/passkey", "{\"id\":7}"u8.ToArray())));
    }

    private static async Task<byte[]> OptionsAsync(Browser browser) => await (await browser.FetchAsync("/sign-in/passkey/options")).Content.ReadAsByteArrayAsync();
}
