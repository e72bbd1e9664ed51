using Latchkey.Api;
using Latchkey.Authenticator.Vault;
using Latchkey.Server.Tests.Hosts;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace Latchkey.Server.Tests.Approvals;

public sealed class AuthenticatorRegistrationTests : IAsyncLifetime
{
    private RunningServer _server = null!;
    private AppDevice _app = null!;

    public async ValueTask InitializeAsync()
    {
        _server = await RunningServer.StartAsync();
        _app = await AppDevice.SignInAsync(_server, "regular");
    }

    public async ValueTask DisposeAsync()
    {
        _app.Dispose();
        await _server.DisposeAsync();
    }

    [Fact]
    public async Task A_device_that_proves_its_key_is_registered_and_listed_with_what_it_may_be_used_for()
    {
        var method = await _app.RegisterAsync("Authenticator on a laptop");

        Assert.Equal(("Authenticator on a laptop", true, true), (method.DisplayName, method.IsNotificationAllowed, method.IsPhoneSignInAllowed));
        var listed = Assert.Single(await _app.Methods.ListAsync(TestContext.Current.CancellationToken));
        Assert.Equal((method.Id, method.DisplayName), (listed.Id, listed.DisplayName));
        using var browser = await _server.NewBrowser().SignInAsync("regular");
        Assert.Contains("Authenticator on a laptop", browser.Page, StringComparison.Ordinal);
        Assert.Contains("Approves sign-ins, after the password and without one.", browser.Page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_same_key_again_gets_the_same_answer()
    {
        var first = await _app.RegisterAsync();

        Assert.Equal(first.Id, (await _app.RegisterAsync()).Id);
        Assert.Equal(1, await _server.InDatabaseAsync(db => db.Authenticators.CountAsync()));
    }

    [Fact]
    public async Task Who_does_not_hold_the_key_registers_nothing() =>
        Assert.Equal("device_signature_invalid", await RefusalOf(async () => await _app.AnswerAsync(await ChallengeAsync(), signer: VaultDevice.Create())));

    [Fact]
    public async Task A_signature_for_another_server_registers_nothing() =>
        Assert.Equal("device_signature_invalid", await RefusalOf(async () => await _app.AnswerAsync(await ChallengeAsync(), server: new Uri("https://elsewhere.example"))));

    [Fact]
    public async Task A_challenge_of_somebody_else_or_of_another_sign_in_registers_nothing()
    {
        using var other = await AppDevice.SignInAsync(_server, "newcomer");
        using var again = await AppDevice.SignInAsync(_server, "regular");
        foreach (var challenge in new[] { await other.Methods.ChallengeAsync(CancellationToken.None), await again.Methods.ChallengeAsync(CancellationToken.None), new("made up", default) })
        {
            Assert.Equal("device_challenge_invalid", await RefusalOf(() => _app.AnswerAsync(challenge.Challenge)));
        }
    }

    [Fact]
    public async Task A_challenge_is_good_for_ten_minutes()
    {
        var (late, tooLate) = (await ChallengeAsync(), await ChallengeAsync());
        _server.Time.Advance(TimeSpan.FromMinutes(9.9));
        await _app.AnswerAsync(late);

        _server.Time.Advance(TimeSpan.FromMinutes(0.2));
        Assert.Equal("device_challenge_invalid", await RefusalOf(() => _app.AnswerAsync(tooLate)));
    }

    [Fact]
    public async Task Registering_needs_a_second_factor_of_the_last_five_minutes()
    {
        _server.Time.Advance(TimeSpan.FromMinutes(5.1));

        Assert.Equal("step_up_required", await RefusalOf(() => _app.RegisterAsync()));
    }

    [Fact]
    public async Task A_key_belongs_to_one_person()
    {
        await _app.RegisterAsync();
        using var other = await AppDevice.SignInAsync(_server, "newcomer");
        other.Key = _app.Key with { Id = null };

        Assert.Equal("device_key_in_use", await RefusalOf(() => other.RegisterAsync()));
    }

    [Fact]
    public async Task A_sixth_device_is_refused()
    {
        for (var i = 0; i < 5; i++)
        {
            _app.Key = VaultDevice.Create();
            await _app.RegisterAsync();
        }

        _app.Key = VaultDevice.Create();
        Assert.Equal("authenticator_limit_reached", await RefusalOf(() => _app.RegisterAsync()));
        Assert.Equal(["Authenticator", "Authenticator 2", "Authenticator 3", "Authenticator 4", "Authenticator 5"], (await _app.Methods.ListAsync(CancellationToken.None)).Select(method => method.DisplayName));
    }

    [Theory]
    [InlineData("""{"Authenticator":{"state":"disabled"}}""", "method_disabled")]
    [InlineData("""{"Authenticator":{"includeTargets":[]}}""", "method_not_included")]
    public async Task An_Authenticator_that_policy_withholds_is_not_begun(string change, string code)
    {
        await _server.SetPolicyAsync(change);

        Assert.Equal(code, await RefusalOf(() => _app.RegisterAsync()));
    }

    [Theory]
    [InlineData("push", true, false, "phone_sign_in_not_offered")]
    [InlineData("deviceBasedPush", false, true, "notifications_not_offered")]
    public async Task Policy_says_what_it_may_be_used_for_and_nobody_turns_more_on(string mode, bool notification, bool phoneSignIn, string code)
    {
        await _server.SetPolicyAsync("""{"Authenticator":{"includeTargets":[{"targetType":"group","id":"all_users","authenticationMode":"MODE"}]}}""".Replace("MODE", mode, StringComparison.Ordinal));

        var method = await _app.RegisterAsync();

        Assert.Equal((notification, phoneSignIn), (method.IsNotificationAllowed, method.IsPhoneSignInAllowed));
        Assert.Equal(code, (method.NotificationWithheld ?? method.PhoneSignInWithheld)!.Code);
        Assert.Equal(code, await RefusalOf(() => _app.Methods.UpdateAsync(method.Id, new(true, true), CancellationToken.None)));
    }

    [Fact]
    public async Task Allowing_less_is_done_at_once_and_allowing_more_needs_a_fresh_second_factor()
    {
        var method = await _app.RegisterAsync();
        _server.Time.Advance(TimeSpan.FromMinutes(6));

        Assert.False((await _app.Methods.UpdateAsync(method.Id, new(IsPhoneSignInAllowed: false), CancellationToken.None)).IsPhoneSignInAllowed);
        Assert.Equal("step_up_required", await RefusalOf(() => _app.Methods.UpdateAsync(method.Id, new(IsPhoneSignInAllowed: true), CancellationToken.None)));
    }

    [Fact]
    public async Task It_is_deleted_by_the_app_and_by_the_portal_and_by_nobody_else()
    {
        var method = await _app.RegisterAsync();
        using var other = await AppDevice.SignInAsync(_server, "newcomer");
        await other.Methods.DeleteAsync(method.Id, CancellationToken.None);
        Assert.Single(await _app.Methods.ListAsync(CancellationToken.None));

        await _app.Methods.DeleteAsync(method.Id, CancellationToken.None);
        Assert.Empty(await _app.Methods.ListAsync(CancellationToken.None));

        _app.Key = VaultDevice.Create();
        method = await _app.RegisterAsync();
        using var browser = await _server.NewBrowser().SignInAsync("regular");
        await browser.OpenAsync($"/security-info/authenticators/{method.Id}/delete");
        await browser.SubmitAsync($"/security-info/authenticators/{method.Id}/delete");
        Assert.Contains("said=deleted", browser.Path, StringComparison.Ordinal);
        Assert.Empty(await _app.Methods.ListAsync(CancellationToken.None));
    }

    [Fact]
    public async Task It_can_be_renamed_in_the_portal()
    {
        var method = await _app.RegisterAsync();
        using var browser = await _server.NewBrowser().SignInAsync("regular");
        await browser.OpenAsync($"/security-info/authenticators/{method.Id}/name");
        await browser.SubmitAsync($"/security-info/authenticators/{method.Id}/name", ("name", "My phone"));

        Assert.Equal("My phone", Assert.Single(await _app.Methods.ListAsync(CancellationToken.None)).DisplayName);
    }

    private async Task<string> ChallengeAsync() => (await _app.Methods.ChallengeAsync(CancellationToken.None)).Challenge;

    private static async Task<string> RefusalOf(Func<Task> act) => (await Assert.ThrowsAsync<ApiException>(act)).Code;
}
