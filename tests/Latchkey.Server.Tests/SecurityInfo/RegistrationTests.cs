using System.Net;
using System.Text.Json;
using Latchkey.Protocol.WebAuthn;
using Latchkey.Server.Storage;
using Latchkey.Server.Tests.Hosts;
using Microsoft.EntityFrameworkCore;

namespace Latchkey.Server.Tests.SecurityInfo;

public sealed class RegistrationTests : IAsyncLifetime
{
    private RunningServer _server = null!;
    private Device _device = null!;
    private Browser _browser = null!;

    public async ValueTask InitializeAsync()
    {
        _server = await RunningServer.StartAsync();
        _device = new Device(_server);
        _browser = await _server.NewBrowser().SignInAsync("regular");
    }

    public async ValueTask DisposeAsync()
    {
        _browser.Dispose();
        _device.Dispose();
        await _server.DisposeAsync();
    }

    [Fact]
    public async Task A_new_passkey_gets_a_name_and_is_listed()
    {
        await _device.RegisterAsync(_browser);
        var passkey = await _server.InDatabaseAsync(db => db.Passkeys.SingleAsync());
        Assert.Equal("Latchkey Authenticator", passkey.DisplayName);

        await _browser.OpenAsync($"/security-info/passkeys/{passkey.Id}/name?new=1");
        await _browser.SubmitAsync($"/security-info/passkeys/{passkey.Id}/name", ("name", "My laptop"));

        Assert.Equal("/security-info?said=added", _browser.Path);
        Assert.Contains("My laptop", _browser.Page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_same_response_gets_the_same_answer_even_after_the_ceremony_has_expired()
    {
        var response = (await _device.CreateAsync(await OptionsAsync())).Encode();
        var first = await (await _browser.FetchAsync("/security-info/passkeys", response)).Content.ReadAsStringAsync();
        _server.Time.Advance(TimeSpan.FromMinutes(30));

        var again = await (await _browser.FetchAsync("/security-info/passkeys", response)).Content.ReadAsStringAsync();

        Assert.Equal(first, again);
        Assert.Equal(1, await _server.InDatabaseAsync(db => db.Passkeys.CountAsync()));
    }

    [Fact]
    public async Task The_same_response_five_times_at_once_is_one_passkey()
    {
        var response = (await _device.CreateAsync(await OptionsAsync())).Encode();

        var answers = await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => _browser.FetchAsync("/security-info/passkeys", response)));

        Assert.All(answers, answer => Assert.Equal(HttpStatusCode.OK, answer.StatusCode));
        Assert.Equal(1, await _server.InDatabaseAsync(db => db.Passkeys.CountAsync()));
    }

    [Fact]
    public async Task A_passkey_begun_before_another_of_its_model_was_added_leads_to_a_page_that_names_the_other()
    {
        using var other = new Device(_server);
        var begunFirst = await OptionsAsync();
        _server.Time.Advance(TimeSpan.FromMinutes(1));
        await other.RegisterAsync(_browser);
        var between = await _server.InDatabaseAsync(db => db.Passkeys.SingleAsync());
        _server.Time.Advance(TimeSpan.FromMinutes(1));

        var answer = await _browser.FetchAsync("/security-info/passkeys", (await _device.CreateAsync(begunFirst)).Encode());

        var next = JsonDocument.Parse(await answer.Content.ReadAsStringAsync()).RootElement.GetProperty("next").GetString()!;
        await _browser.OpenAsync(next);
        Assert.Contains($"{between.DisplayName}” was made at the same time", WebUtility.HtmlDecode(_browser.Page), StringComparison.Ordinal);
        Assert.Contains($"/security-info/passkeys/{between.Id}/delete", _browser.Page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_passkey_begun_after_another_was_added_names_none()
    {
        using var other = new Device(_server);
        await other.RegisterAsync(_browser);
        _server.Time.Advance(TimeSpan.FromMinutes(1));

        var answer = await _browser.FetchAsync("/security-info/passkeys", (await _device.CreateAsync(await OptionsAsync())).Encode());

        Assert.EndsWith("/created\"}", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Another_response_to_a_used_ceremony_is_refused()
    {
        using var other = new Device(_server);
        var options = await OptionsAsync();
        await _browser.FetchAsync("/security-info/passkeys", (await _device.CreateAsync(options)).Encode());

        var refused = await _browser.FetchAsync("/security-info/passkeys", (await other.CreateAsync(options)).Encode());

        Assert.Equal("ceremony_already_used", await Answers.CodeOfAsync(refused));
    }

    [Fact]
    public async Task Used_marks_are_kept_for_a_day_after_their_ceremonys_time_and_taken_out_then()
    {
        await _browser.FetchAsync("/security-info/passkeys", (await _device.CreateAsync(await OptionsAsync())).Encode());

        foreach (var (age, left) in new[] { (TimeSpan.FromHours(24.1), 1), (TimeSpan.FromHours(24.3), 0) })
        {
            await _server.WithServicesAsync(services => Housekeeping.SweepAsync(services, _server.Time.GetUtcNow() + age, CancellationToken.None));
            Assert.Equal(left, await _server.InDatabaseAsync(db => db.UsedCeremonies.CountAsync()));
        }
    }

    [Fact]
    public async Task A_ceremony_ends_after_ten_minutes()
    {
        var response = (await _device.CreateAsync(await OptionsAsync())).Encode();
        _server.Time.Advance(TimeSpan.FromMinutes(10.1));

        Assert.Equal("ceremony_expired", await Answers.CodeOfAsync(await _browser.FetchAsync("/security-info/passkeys", response)));
    }

    [Fact]
    public async Task A_ceremony_begun_by_one_person_is_not_completed_by_another()
    {
        var response = (await _device.CreateAsync(await OptionsAsync())).Encode();
        using var other = await _server.NewBrowser().SignInAsync("newcomer");

        Assert.Equal("ceremony_user_mismatch", await Answers.CodeOfAsync(await other.FetchAsync("/security-info/passkeys", response)));
    }

    [Fact]
    public async Task A_ceremony_begun_in_one_session_is_not_completed_in_another()
    {
        var response = (await _device.CreateAsync(await OptionsAsync())).Encode();
        using var other = await _server.NewBrowser().SignInAsync("regular");

        Assert.Equal("ceremony_session_mismatch", await Answers.CodeOfAsync(await other.FetchAsync("/security-info/passkeys", response)));
    }

    [Fact]
    public async Task The_options_exclude_the_passkeys_a_person_has_and_ask_for_a_discoverable_one()
    {
        var first = await _device.RegisterAsync(_browser);

        var options = PublicKeyCredentialCreationOptions.Parse(await OptionsAsync());

        Assert.Equal([first.Id], options.ExcludeCredentials.Select(c => c.Id));
        Assert.Equal("required", options.AuthenticatorSelection!.ResidentKey);
        Assert.Equal("required", options.AuthenticatorSelection.UserVerification);
    }

    [Fact]
    public async Task An_eleventh_passkey_is_refused_before_its_ceremony_begins()
    {
        await _server.InDatabaseAsync(async db =>
        {
            var user = await db.Users.SingleAsync(u => u.UserName == "regular");
            db.Passkeys.AddRange(Enumerable.Range(0, Passkey.MaxPerUser).Select(i => new Passkey { Id = Guid.NewGuid(), UserId = user.Id, CredentialId = [(byte)i, 1], DisplayName = $"{i}" }));
            return await db.SaveChangesAsync();
        });
        await _browser.OpenAsync("/security-info/add/passkey");

        Assert.Equal("passkey_limit_reached", await Answers.CodeOfAsync(await _browser.FetchAsync("/security-info/passkeys/options")));
    }

    [Fact]
    public async Task What_a_refused_registration_tells_stands_in_the_problem_table()
    {
        var response = JsonDocument.Parse((await _device.CreateAsync(await OptionsAsync())).Encode()).RootElement.GetRawText()
            .Replace("attestationObject\":\"o2", "attestationObject\":\"g2", StringComparison.Ordinal);

        Assert.Equal("response_malformed", await Answers.CodeOfAsync(await _browser.FetchAsync("/security-info/passkeys", System.Text.Encoding.UTF8.GetBytes(response))));
    }

    private async Task<byte[]> OptionsAsync()
    {
        await _browser.OpenAsync("/security-info/add/passkey");
        return await (await _browser.FetchAsync("/security-info/passkeys/options")).Content.ReadAsByteArrayAsync();
    }
}
