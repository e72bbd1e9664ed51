using Latchkey.Api;
using Latchkey.Api.SoftwareOathMethods;
using Latchkey.Server.Tests.Hosts;
using Microsoft.EntityFrameworkCore;
using OtpNet;

namespace Latchkey.Server.Tests.Api;

/// <summary>An Authenticator registers codes for the person: the secret is the server's, and kept once a first code has proved that it arrived.</summary>
public sealed class SoftwareOathMethodsTests : IAsyncLifetime
{
    private RunningServer _server = null!;
    private Browser _browser = null!;
    private HttpClient _http = null!;
    private SoftwareOathMethodsClient _codes = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _server = await RunningServer.StartAsync();
        _browser = _server.NewBrowser();
        _http = AppAccount.ClientFor(_server, await AppAccount.AuthorizeAsync(_server, _browser, "newcomer"));
        _codes = new(_http);
    }

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        _browser.Dispose();
        await _server.DisposeAsync();
    }

    [Fact]
    public async Task Codes_are_begun_confirmed_listed_and_deleted_and_a_code_that_confirmed_is_used_up()
    {
        var begun = await _codes.BeginAsync(Token);
        Assert.Equal(("Latchkey demo", "newcomer", "SHA1", 6, 30), (begun.Issuer, begun.AccountName, begun.Algorithm, begun.Digits, begun.Period));
        Assert.Empty(await _codes.ListAsync(Token)); // nothing is kept yet

        var method = await _codes.ConfirmAsync(begun.Id, Confirmation(begun, "This computer"), Token);

        Assert.Equal((begun.Id, "This computer"), (method.Id, method.DisplayName));
        Assert.Equal(begun.Id, Assert.Single(await _codes.ListAsync(Token)).Id);
        Assert.Equal(_server.Time.GetUtcNow().ToUnixTimeSeconds() / 30, await _server.InDatabaseAsync(db => db.CodeMethods.Where(c => c.Id == begun.Id).Select(c => c.LastStep).SingleAsync()));

        await _codes.DeleteAsync(begun.Id, Token);
        await _codes.DeleteAsync(begun.Id, Token); // one that is not there counts as deleted
        Assert.Empty(await _codes.ListAsync(Token));
    }

    [Fact]
    public async Task Confirmed_again_it_is_the_same_answer_and_one_method_even_after_it_expired()
    {
        var begun = await _codes.BeginAsync(Token);
        var confirmation = Confirmation(begun);
        var first = await _codes.ConfirmAsync(begun.Id, confirmation, Token);
        _server.Time.Advance(TimeSpan.FromMinutes(16));

        Assert.Equal(first.Id, (await _codes.ConfirmAsync(begun.Id, confirmation with { Code = "000000" }, Token)).Id);
        Assert.Single(await _codes.ListAsync(Token));
    }

    [Fact]
    public async Task Confirmed_by_many_requests_while_one_of_them_is_just_done_each_gets_the_same_answer()
    {
        for (var round = 0; round < 3; round++)
        {
            var begun = await _codes.BeginAsync(Token);
            var confirmation = Confirmation(begun);
            var answers = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(() => _codes.ConfirmAsync(begun.Id, confirmation, Token))));

            Assert.All(answers, answer => Assert.Equal(begun.Id, answer.Id));
            Assert.Single(await _codes.ListAsync(Token));
            await _codes.DeleteAsync(begun.Id, Token);
            _server.Time.Advance(TimeSpan.FromSeconds(60)); // a code is good once
        }
    }

    [Fact]
    public async Task What_was_confirmed_and_deleted_since_is_not_added_again()
    {
        var begun = await _codes.BeginAsync(Token);
        await _codes.ConfirmAsync(begun.Id, Confirmation(begun), Token);
        await _codes.DeleteAsync(begun.Id, Token);

        Assert.Equal("code_method_not_found", await RefusalAsync(() => _codes.ConfirmAsync(begun.Id, Confirmation(begun), Token)));
        Assert.Empty(await _codes.ListAsync(Token));
    }

    [Fact]
    public async Task A_code_that_does_not_fit_a_late_one_another_ID_and_another_persons_are_refused()
    {
        var begun = await _codes.BeginAsync(Token);
        var right = Confirmation(begun);
        var wrong = right with { Code = right.Code == "000000" ? "000001" : "000000" };
        Assert.Equal("code_wrong", await RefusalAsync(() => _codes.ConfirmAsync(begun.Id, wrong, Token)));
        Assert.Equal("code_setup_expired", await RefusalAsync(() => _codes.ConfirmAsync(Guid.CreateVersion7(), right, Token)));

        using var browser = _server.NewBrowser();
        using var others = AppAccount.ClientFor(_server, await AppAccount.AuthorizeAsync(_server, browser, "admin"));
        Assert.Equal("code_setup_expired", await RefusalAsync(() => new SoftwareOathMethodsClient(others).ConfirmAsync(begun.Id, right, Token)));

        _server.Time.Advance(TimeSpan.FromMinutes(15));
        Assert.Equal("code_setup_expired", await RefusalAsync(() => _codes.ConfirmAsync(begun.Id, Confirmation(begun), Token)));
        Assert.Empty(await _codes.ListAsync(Token));
    }

    [Fact]
    public async Task A_sixth_is_not_begun()
    {
        for (var n = 0; n < 5; n++)
        {
            var begun = await _codes.BeginAsync(Token);
            await _codes.ConfirmAsync(begun.Id, Confirmation(begun), Token);
        }

        Assert.Equal("code_limit_reached", await RefusalAsync(() => _codes.BeginAsync(Token)));
    }

    [Fact]
    public async Task Beginning_needs_a_second_factor_within_five_minutes_and_confirming_does_not()
    {
        var begun = await _codes.BeginAsync(Token);
        _server.Time.Advance(TimeSpan.FromMinutes(5.1));

        Assert.Equal("step_up_required", await RefusalAsync(() => _codes.BeginAsync(Token)));
        Assert.NotNull(await _codes.ConfirmAsync(begun.Id, Confirmation(begun), Token));
    }

    [Fact]
    public async Task A_secret_is_in_no_log()
    {
        var begun = await _codes.BeginAsync(Token);
        await _codes.ConfirmAsync(begun.Id, Confirmation(begun), Token);

        Assert.DoesNotContain(_server.Logs.Lines, line => line.Contains(begun.SecretKey, StringComparison.Ordinal) || line.Contains(begun.Pending, StringComparison.Ordinal));
    }

    private SoftwareOathConfirmation Confirmation(SoftwareOathBeginning begun, string? name = null) =>
        new(begun.Pending, new Totp(Base32Encoding.ToBytes(begun.SecretKey)).ComputeTotp(_server.Time.GetUtcNow().UtcDateTime), name);

    private static async Task<string> RefusalAsync(Func<Task> act) => (await Assert.ThrowsAsync<ApiException>(act)).Code;
}
