using System.Net;
using Latchkey.Server.Storage;
using Latchkey.Server.Tests.Hosts;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace Latchkey.Server.Tests.SecurityInfo;

/// <summary>Which passwords are taken, and what is said of the others.</summary>
public sealed class PasswordTests : IAsyncLifetime
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
    [InlineData("1234567890", "Many people use this password")]
    [InlineData("QWERTYuiop", "Many people use this password")]
    [InlineData("\uFF11\uFF12\uFF13\uFF14\uFF15\uFF16\uFF17\uFF18\uFF19\uFF10", "Many people use this password")] // wide digits
    [InlineData("passwordpasswordpass", "one piece again and again")]
    [InlineData("aaaaaaaaaaaaaaaa", "one piece again and again")]
    [InlineData("xk4!xk4!xk4!xk4!", "one piece again and again")]
    [InlineData("bcdefghijklmno", "characters in a row")]
    [InlineData("56789012345678", "characters in a row")]
    [InlineData("regular-2026!!", "made of names")]
    [InlineData("RegularRegular", "one piece again and again")]
    [InlineData("ralugerraluger99", "made of names")]
    [InlineData("latchkey123456", "made of names")]
    [InlineData("demo-latchkey-1", "made of names")]
    [InlineData("ninechars", "That has 9 characters")]
    [InlineData("\U0001F511\U0001F512\U0001F513\U0001F510\U0001F511", "That has 5 characters")] // ten code units
    public async Task One_that_is_tried_early_is_refused_with_the_reason(string password, string reason)
    {
        await ChangeAsync(password);

        Assert.Equal(HttpStatusCode.BadRequest, _browser.Status);
        Assert.Contains(reason, WebUtility.HtmlDecode(_browser.Page), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("horse battery")]
    [InlineData("aaaaaaaaab!x")] // nothing is asked of kinds of characters
    [InlineData("           z   y")]
    [InlineData("\u30D1\u30B9\u30EF\u30FC\u30C9\u306F\u79D8\u5BC6\u3067\u3059\u3088")]
    [InlineData("my password is a regular thing")]
    public async Task Others_are_taken(string password)
    {
        await ChangeAsync(password);

        Assert.Equal("/security-info?said=password", _browser.Path);
    }

    [Fact]
    public async Task Two_hundred_and_fifty_six_characters_are_taken_and_one_more_is_not()
    {
        var password = string.Concat(Enumerable.Range(0, 256).Select(i => (char)('\u4E00' + (i * 7))));
        await ChangeAsync(password + "x");
        Assert.Contains("256 at most", _browser.Page, StringComparison.Ordinal);

        await ChangeAsync(password);
        Assert.Equal("/security-info?said=password", _browser.Path);
    }

    [Fact]
    public async Task It_is_the_same_password_however_a_keyboard_puts_its_characters_together()
    {
        await ChangeAsync("sch\u00F6ne \u00DCbung");
        using var other = _server.NewBrowser();
        await SignInAsync(other, "scho\u0308ne U\u0308bung");

        Assert.StartsWith("/sign-in/second-factor", other.Path, StringComparison.Ordinal);
    }

    [Fact]
    public async Task One_from_before_goes_on_to_be_good_as_it_was_typed()
    {
        const string Old = "scho\u0308n"; // too short by now, and hashed as it came
        var hasher = new PasswordHasher<User>();
        await _server.InDatabaseAsync(db => db.Users.Where(u => u.UserName == "regular").ExecuteUpdateAsync(set => set.SetProperty(u => u.PasswordHash, hasher.HashPassword(new User(), Old))));
        foreach (var typed in new[] { Old, Old, "sch\u00F6n" }) // the second time by its form, which it was kept in since
        {
            using var browser = _server.NewBrowser();
            await SignInAsync(browser, typed);
            Assert.StartsWith("/sign-in/second-factor", browser.Path, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData(0xD83D)] // half of a pair
    [InlineData(0xFFFE)]
    public async Task What_is_no_character_is_refused_in_words_and_is_no_fault_where_it_is_typed(int value)
    {
        var password = "long enough, but: " + (char)value;
        await _server.WithServicesAsync(async services =>
        {
            var people = services.GetRequiredService<People>();
            Assert.Contains("no character", (await Assert.ThrowsAsync<AccountRuleException>(() => people.CreateAsync("joan", "Joan", email: null, password, admin: false))).Message, StringComparison.Ordinal);
            Assert.Null(await people.CheckPasswordAsync("regular", password));
            Assert.Null(await people.FindAsync(password));
        });
    }

    [Theory]
    [InlineData(true, false)]
    [InlineData(false, true)]
    public async Task Where_it_is_all_that_guards_an_account_it_is_fifteen_characters_long(bool isAlone, bool taken)
    {
        await _server.SetAsync(organisation => organisation.AllowsCodeAsFirstFactor = isAlone);
        await _server.WithServicesAsync(async services =>
        {
            var people = services.GetRequiredService<People>();
            var made = async () => { await people.CreateAsync("joan", "Joan", email: null, "horse battery", admin: false); };
            if (taken) await made();
            else Assert.Contains("at least 15", (await Assert.ThrowsAsync<AccountRuleException>(made)).Message, StringComparison.Ordinal);
        });
    }

    private async Task ChangeAsync(string password)
    {
        await _browser.OpenAsync("/security-info/password");
        await _browser.SubmitAsync("/security-info/password", ("current", _server.Demo["regular password"]), ("new", password));
    }

    private static async Task SignInAsync(Browser browser, string password)
    {
        await browser.OpenAsync("/sign-in");
        await browser.SubmitAsync("/sign-in", ("name", "regular"));
        await browser.SubmitAsync("/sign-in/password", ("password", password));
    }
}
