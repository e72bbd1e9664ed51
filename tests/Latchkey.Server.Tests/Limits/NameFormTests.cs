using System.Globalization;
using System.Net;
using System.Text;
using CsCheck;
using Latchkey.Server.Storage;
using Latchkey.Server.Tests.Approvals;
using Latchkey.Server.Tests.Hosts;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace Latchkey.Server.Tests.Limits;

/// <summary>However a name is typed, it is one name: to find, to count, and to ask an Authenticator.</summary>
public sealed class NameFormTests
{
    /// <summary>All of them are found as <c>clerk</c>, or as nobody; what counts is that they count as what they are found as.</summary>
    public static TheoryData<string> Twins => ["clerk", "CLERK", "cler\u212A", "\uFF43\uFF4C\uFF45\uFF52\uFF4B", "\u24D2lerk", "cl\u200Berk", "\u2066clerk\u2069", " clerk\u00A0", "c\uFE0Flerk", "\u0441lerk"];

    [Theory]
    [MemberData(nameof(Twins))]
    public async Task Guesses_for_twins_of_a_name_are_guesses_for_it(string twin)
    {
        await using var server = await RunningServer.StartAsync();
        using var browser = server.NewBrowser();
        var isClerk = await FindsClerkAsync(server, twin);
        for (var i = 0; i < AttemptStore.NameLimit; i++) await GuessAsync(browser, i % 2 == 0 ? twin : "clerk");

        Assert.Equal(HttpStatusCode.BadRequest, browser.Status);
        await GuessAsync(browser, "clerk");
        Assert.Equal(isClerk ? HttpStatusCode.TooManyRequests : HttpStatusCode.BadRequest, browser.Status);
        Assert.Equal(twin != "\u0441lerk", isClerk); // a Cyrillic letter is another letter
    }

    [Theory]
    [InlineData("regular", "regula\u0072\u200B")]
    [InlineData("nobody-at-all", "\uFF4Eobody-at-all")]
    public async Task A_second_browser_with_a_twin_of_a_name_is_told_the_same_whether_somebody_has_it_or_not(string name, string twin)
    {
        await using var server = await RunningServer.StartAsync();
        using var app = await AppDevice.SignInAsync(server, "regular");
        await app.RegisterAsync();
        using var first = server.NewBrowser();
        using var second = server.NewBrowser();
        await ByPhoneAsync(first, name);
        await ByPhoneAsync(second, twin);

        Assert.Contains("Another request for this name waits", second.Page, StringComparison.Ordinal);
    }

    [Fact]
    public void The_form_of_a_form_is_the_form_itself_for_every_character_there_is()
    {
        for (var value = 0; value <= 0x10FFFF; value++)
        {
            var text = Rune.IsValid(value) ? "a" + new Rune(value) + "b" : "a" + (char)value + "b";
            var form = NameForm.Of(text);
            Assert.True(form == NameForm.Of(form), value.ToString("X", CultureInfo.InvariantCulture));
        }
    }

    [Fact]
    public void Small_and_capital_letters_and_every_way_to_put_a_character_together_are_one_form() => Gen.String.Sample(text =>
    {
        var form = NameForm.Of(text);
        Assert.Equal(form, NameForm.Of(form));
        var isText = !text.EnumerateRunes().Any(rune => rune == Rune.ReplacementChar);
        if (isText)
        {
            Assert.Equal(form, NameForm.Of(text.Normalize(NormalizationForm.FormD)));
            Assert.Equal(form, NameForm.Of(text.Normalize(NormalizationForm.FormKC)));
        }
    });

    [Fact]
    public async Task After_an_update_kept_names_get_the_form_and_those_that_became_one_are_told_of_and_not_merged()
    {
        var directory = await RunningServer.NewDirectoryAsync();
        var before = await RunningServer.StartAsync(directory);
        await before.InDatabaseAsync(async db =>
        {
            (await db.Organisations.SingleAsync()).NameForm = 0;
            (await db.Users.SingleAsync(u => u.UserName == "regular")).NormalizedUserName = "\uFF32EGULAR";
            db.Users.Add(new User { Id = Guid.CreateVersion7(), UserName = "cler\u212A", NormalizedUserName = "CLER\u212A", UserHandle = [1], CreatedAt = before.Time.GetUtcNow() });
            db.Groups.Add(new Group { Id = Guid.CreateVersion7(), Name = "Sales", NormalizedName = "SALES", CreatedAt = before.Time.GetUtcNow() });
            db.Groups.Add(new Group { Id = Guid.CreateVersion7(), Name = "\uFF33ales", NormalizedName = "\uFF33ALES", CreatedAt = before.Time.GetUtcNow() });
            db.Groups.Add(new Group { Id = Guid.CreateVersion7(), Name = "\uFF37ork", NormalizedName = "\uFF37ORK", CreatedAt = before.Time.GetUtcNow() });
            return await db.SaveChangesAsync();
        });
        await before.StopAsync();

        await using var server = await RunningServer.StartAsync(directory);

        using var browser = await server.NewBrowser().SignInAsync("regular"); // found again
        Assert.Equal(["\uFF33ALES", "WORK", "SALES"], (await server.InDatabaseAsync(db => db.Groups.Where(g => g.Name.EndsWith("ales") || g.Name.EndsWith("ork")).Select(g => g.NormalizedName).ToListAsync()))
            .Order(StringComparer.Ordinal).Reverse());
        Assert.True(await FindsClerkAsync(server, "clerk"));
        Assert.Equal(2, await server.InDatabaseAsync(db => db.Users.CountAsync(u => u.UserName!.StartsWith("cler"))));
        Assert.Contains(server.Logs.Lines, line => line.Contains("people", StringComparison.Ordinal) && line.Contains(@"cler\u212A", StringComparison.Ordinal));
        Assert.Contains(server.Logs.Lines, line => line.Contains("groups", StringComparison.Ordinal) && line.Contains(@"\uFF33ales", StringComparison.Ordinal));
        Assert.Equal("\uFF33ales", (await server.InDatabaseAsync(db => db.FindGroupAsync("\uFF33ales", CancellationToken.None)))!.Name); // to be renamed or removed
        Assert.Equal("Sales", (await server.InDatabaseAsync(db => db.FindGroupAsync("sales", CancellationToken.None)))!.Name);
    }

    private static async Task<bool> FindsClerkAsync(RunningServer server, string name)
    {
        var found = false;
        await server.WithServicesAsync(async services => found = (await services.GetRequiredService<People>().FindAsync(name))?.UserName == "clerk");
        return found;
    }

    private static async Task GuessAsync(Browser browser, string name)
    {
        await browser.OpenAsync("/sign-in");
        await browser.SubmitAsync("/sign-in", ("name", name));
        await browser.SubmitAsync("/sign-in/password", ("password", "not the password"));
    }

    private static async Task ByPhoneAsync(Browser browser, string name)
    {
        await browser.OpenAsync("/sign-in");
        await browser.SubmitAsync("/sign-in", ("name", name));
        await browser.SubmitAsync("/sign-in/phone");
    }
}
