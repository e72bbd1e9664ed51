using System.Net;
using System.Security.Cryptography;
using Latchkey.Api.OpenIdConnect;
using Latchkey.Server.Storage;
using Latchkey.Server.Tests.Approvals;
using Latchkey.Server.Tests.Hosts;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace Latchkey.Server.Tests.Limits;

/// <summary>The server's clock was ahead and is set back by a day: what was proved tomorrow is not recent, and nobody waits until tomorrow.</summary>
public sealed class ClockSetBackTests : IAsyncLifetime
{
    private RunningServer _server = null!;
    private Browser _browser = null!;

    public async ValueTask InitializeAsync()
    {
        _server = await RunningServer.StartAsync();
        _browser = _server.NewBrowser();
    }

    public async ValueTask DisposeAsync()
    {
        _browser.Dispose();
        await _server.DisposeAsync();
    }

    [Fact]
    public async Task A_second_factor_is_asked_for_again()
    {
        await _browser.SignInAsync("regular");
        await _browser.OpenAsync("/security-info/add/passkey"); // opens a wizard
        Assert.Equal("/security-info/add/passkey", _browser.Path);

        SetBack();

        Assert.StartsWith("/step-up", (await _browser.OpenAsync("/security-info/add/passkey")).Path, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_program_that_wants_a_recent_proof_has_it_asked_for()
    {
        await _browser.SignInAsync("regular");

        SetBack();

        var request = AuthorizationRequest.Create(_server.Options.Origin, new Uri("http://127.0.0.1:50001/callback"), maxAge: TimeSpan.FromMinutes(5));
        Assert.StartsWith("/step-up", (await _browser.OpenAsync(request.Address.PathAndQuery)).Path, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_codes_of_now_are_good_each_once_and_none_is_good_again_when_its_day_comes()
    {
        await _browser.SignInAsync("regular");
        var used = CodeAt(_server.Time.GetUtcNow().AddSeconds(-30)); // the earliest that is good
        SetBack();
        var now = CodeAt(_server.Time.GetUtcNow());

        Assert.Equal(HttpStatusCode.OK, await StepUpWithAsync(now));
        Assert.Equal(HttpStatusCode.BadRequest, await StepUpWithAsync(now));

        _server.Time.Advance(TimeSpan.FromDays(1));
        using var later = _server.NewBrowser();
        await later.OpenAsync("/sign-in");
        await later.SubmitAsync("/sign-in", ("name", "regular"));
        await later.SubmitAsync("/sign-in/password", ("password", _server.Demo["regular password"]));
        await later.SubmitAsync("/sign-in/second-factor", ("code", used));
        Assert.Equal(HttpStatusCode.BadRequest, later.Status);
    }

    [Fact]
    public async Task An_administrator_who_unlocks_takes_back_what_lies_ahead()
    {
        await _browser.SignInAsync("regular");
        SetBack();
        await _server.WithServicesAsync(async services =>
        {
            var user = await services.GetRequiredService<People>().FindAsync("regular");
            await services.GetRequiredService<SecondFactorStore>().ForgetStepsAheadAsync(user!.Id, CancellationToken.None);
        });

        Assert.Equal(0, await _server.InDatabaseAsync(db => db.CodeMethods.MaxAsync(c => c.LastStep)));
        Assert.Equal(HttpStatusCode.OK, await StepUpWithAsync(CodeAt(_server.Time.GetUtcNow())));
    }

    [Fact]
    public async Task A_lock_lasts_no_longer_than_it_was_made_for()
    {
        for (var i = 0; i <= AttemptStore.NameLimit; i++) await GuessAsync();
        Assert.Equal(HttpStatusCode.TooManyRequests, _browser.Status);

        SetBack();

        await GuessAsync();
        Assert.Equal(HttpStatusCode.BadRequest, _browser.Status);
    }

    [Fact]
    public async Task Attempts_are_forgotten_in_their_time_and_not_a_day_later()
    {
        await GuessAsync();
        SetBack();
        await GuessAsync();
        _server.Time.Advance(TimeSpan.FromMinutes(16));
        for (var i = 0; i < AttemptStore.NameLimit; i++) await GuessAsync();

        Assert.Equal(HttpStatusCode.BadRequest, _browser.Status);
    }

    [Fact]
    public async Task A_request_to_an_Authenticator_is_over_and_makes_room()
    {
        using var app = await AppDevice.SignInAsync(_server, "regular");
        await app.RegisterAsync();
        await _browser.OpenAsync("/sign-in");
        await _browser.SubmitAsync("/sign-in", ("name", "regular"));
        await _browser.SubmitAsync("/sign-in/phone");
        Assert.Single(await _server.InDatabaseAsync(db => db.Approvals.ToListAsync()), approval => approval.IsWaiting(_server.Time.GetUtcNow()));

        SetBack();

        Assert.Empty(await app.PendingAsync());
        using var other = _server.NewBrowser();
        await other.OpenAsync("/sign-in");
        await other.SubmitAsync("/sign-in", ("name", "regular"));
        await other.SubmitAsync("/sign-in/phone");
        Assert.Single(await app.PendingAsync());
    }

    [Fact]
    public async Task A_ceremony_that_was_begun_is_over()
    {
        await _browser.SignInAsync("newcomer");
        using var device = new Device(_server);
        await _browser.OpenAsync("/security-info/add/passkey");
        var response = await device.CreateAsync(await (await _browser.FetchAsync("/security-info/passkeys/options")).Content.ReadAsByteArrayAsync());

        SetBack();

        Assert.Equal("ceremony_expired", await Answers.CodeOfAsync(await _browser.FetchAsync("/security-info/passkeys", response.Encode())));
    }

    private void SetBack() => _server.Time.AdjustTime(_server.Time.GetUtcNow() - TimeSpan.FromDays(1));

    private string CodeAt(DateTimeOffset now) => new OtpNet.Totp(OtpNet.Base32Encoding.ToBytes(_server.Demo["regular totp-secret"])).ComputeTotp(now.UtcDateTime);

    private async Task<HttpStatusCode> StepUpWithAsync(string code)
    {
        await _browser.OpenAsync("/step-up");
        await _browser.SubmitAsync("/step-up", ("code", code));
        return _browser.Status;
    }

    private async Task GuessAsync()
    {
        await _browser.OpenAsync("/sign-in");
        await _browser.SubmitAsync("/sign-in", ("name", "regular"));
        await _browser.SubmitAsync("/sign-in/password", ("password", "no, " + RandomNumberGenerator.GetHexString(8)));
    }
}
