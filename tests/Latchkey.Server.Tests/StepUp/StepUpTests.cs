using System.Net;
using Latchkey.Server.Tests.Hosts;

namespace Latchkey.Server.Tests.StepUp;

public sealed class StepUpTests : IAsyncLifetime
{
    private RunningServer _server = null!;
    private Browser _browser = null!;

    public async ValueTask InitializeAsync()
    {
        _server = await RunningServer.StartAsync();
        _browser = await _server.NewBrowser().SignInAsync("regular");
    }

    public async ValueTask DisposeAsync()
    {
        _browser.Dispose();
        await _server.DisposeAsync();
    }

    [Theory]
    [InlineData("/security-info/add/passkey")]
    [InlineData("/security-info/add/code")]
    [InlineData("/security-info/add/recovery-codes")]
    public async Task After_five_minutes_the_wizard_asks_again_and_comes_back_to_the_same_page(string page)
    {
        _server.Time.Advance(TimeSpan.FromMinutes(5.1));
        await _browser.OpenAsync(page);
        Assert.StartsWith("/step-up", _browser.Path, StringComparison.Ordinal);

        await _browser.SubmitAsync("/step-up", ("code", _server.CodeOf("regular")));

        Assert.Equal(page, _browser.Path);
    }

    [Fact]
    public async Task Within_five_minutes_nobody_is_asked_twice()
    {
        _server.Time.Advance(TimeSpan.FromMinutes(4.9));

        Assert.Equal("/security-info/add/passkey", (await _browser.OpenAsync("/security-info/add/passkey")).Path);
    }

    [Fact]
    public async Task A_wizard_may_begin_for_fifteen_minutes()
    {
        await _browser.OpenAsync("/security-info/add/passkey");
        _server.Time.Advance(TimeSpan.FromMinutes(14.9));
        Assert.True((await _browser.FetchAsync("/security-info/passkeys/options")).IsSuccessStatusCode);

        _server.Time.Advance(TimeSpan.FromMinutes(0.2));
        var refused = await _browser.FetchAsync("/security-info/passkeys/options");

        Assert.Equal(HttpStatusCode.Forbidden, refused.StatusCode);
        Assert.Equal("step_up_required", await Answers.CodeOfAsync(refused));
    }

    [Fact]
    public async Task A_ceremony_that_was_begun_completes_after_its_wizard_has_ended()
    {
        using var device = new Device(_server);
        await _browser.OpenAsync("/security-info/add/passkey");
        _server.Time.Advance(TimeSpan.FromMinutes(14));
        var options = await (await _browser.FetchAsync("/security-info/passkeys/options")).Content.ReadAsByteArrayAsync();
        _server.Time.Advance(TimeSpan.FromMinutes(9));

        Assert.True((await _browser.FetchAsync("/security-info/passkeys", (await device.CreateAsync(options)).Encode())).IsSuccessStatusCode);
    }

    [Fact]
    public async Task A_wrong_code_opens_nothing()
    {
        _server.Time.Advance(TimeSpan.FromMinutes(6));
        await _browser.OpenAsync("/security-info/add/passkey");
        await _browser.SubmitAsync("/step-up", ("code", "000000"));

        Assert.Equal(HttpStatusCode.BadRequest, _browser.Status);
        Assert.StartsWith("/step-up", (await _browser.OpenAsync("/security-info/add/passkey")).Path, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_recovery_code_will_do_once()
    {
        var codes = await RecoveryCodes.CreateAsync(_browser);
        _server.Time.Advance(TimeSpan.FromMinutes(30));

        await _browser.OpenAsync("/step-up?method=recovery&returnUrl=/security-info/add/passkey");
        await _browser.SubmitAsync("/step-up", ("code", codes[0]));
        Assert.Equal("/security-info/add/passkey", _browser.Path);

        _server.Time.Advance(TimeSpan.FromMinutes(30));
        await _browser.OpenAsync("/step-up?method=recovery");
        await _browser.SubmitAsync("/step-up", ("code", codes[0]));
        Assert.Equal(HttpStatusCode.BadRequest, _browser.Status);
        Assert.Contains("9 of 10", (await _browser.OpenAsync("/security-info")).Page, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true, 4)] // different ones are all taken
    [InlineData(false, 1)] // the same one is taken once
    public async Task Of_recovery_codes_at_once_each_counts_once(bool different, int taken)
    {
        var codes = await RecoveryCodes.CreateAsync(_browser);
        var tabs = Enumerable.Range(0, 4).Select(_ => _browser.AtServer(_server)).ToList();
        foreach (var tab in tabs) await tab.OpenAsync("/step-up?method=recovery");

        await Task.WhenAll(tabs.Select((tab, i) => tab.SubmitAsync("/step-up", ("code", codes[different ? i : 0]))));

        Assert.Equal(taken, tabs.Count(tab => tab.Status == HttpStatusCode.OK));
        Assert.Equal(4 - taken, tabs.Count(tab => tab.Status == HttpStatusCode.BadRequest));
        Assert.Contains($"{10 - taken} of 10", (await _browser.OpenAsync("/security-info")).Page, StringComparison.Ordinal);
        tabs.ForEach(tab => tab.Dispose());
    }

    [Fact]
    public async Task One_of_the_persons_own_passkeys_will_do_and_nobody_elses()
    {
        using var own = new Device(_server);
        using var foreign = new Device(_server);
        await own.RegisterAsync(_browser);
        using var newcomer = await _server.NewBrowser().SignInAsync("newcomer");
        await foreign.RegisterAsync(newcomer);
        _server.Time.Advance(TimeSpan.FromMinutes(30));
        await _browser.OpenAsync("/step-up");

        var theirs = await newcomer.OpenAsync("/step-up");
        var options = await (await theirs.FetchAsync("/step-up/passkey/options")).Content.ReadAsByteArrayAsync();
        Assert.Equal("ceremony_user_mismatch", await Answers.CodeOfAsync(await _browser.FetchAsync("/step-up/passkey", (await foreign.GetAsync(options)).Encode())));

        options = await (await _browser.FetchAsync("/step-up/passkey/options")).Content.ReadAsByteArrayAsync();
        Assert.True((await _browser.FetchAsync("/step-up/passkey", (await own.GetAsync(options)).Encode())).IsSuccessStatusCode);
        Assert.Equal("/security-info/add/passkey", (await _browser.OpenAsync("/security-info/add/passkey")).Path);
    }
}
