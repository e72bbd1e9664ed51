using System.Text.Json;
using Latchkey.Scenarios.Capabilities;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Latchkey.Scenarios;

/// <summary>
/// An unmodified Chromium shows its own QR code over the portal's page, and an Authenticator on another machine answers, over real D-Bus to a
/// stand-in for BlueZ and through the real relay.
/// </summary>
[Covers(Way.AnotherDevice, Browser.Chromium, Platform.Linux)]
public sealed class QrCodeScenarios(Product product) : Scenario(product)
{
    private const int Rounds = 30;

    private Uri SecurityInfo => new(Product.Portal, "security-info");

    [Fact]
    public async Task A_passkey_is_saved_by_QR_code_and_signs_in_by_button_and_by_autofill_and_thirty_times_more_without_a_retry()
    {
        await using var stage = await Stage.SetAsync(Product);
        var page = stage.Page;
        var vault = Product.NewDirectory("vault");
        await page.OpenSecurityInfoAsync(Product, Product.Regular);
        await SaveAsync(stage, vault, "My phone");

        await page.SignOutAsync();
        await page.GotoAsync(SecurityInfo.ToString());
        await page.GetByRole(AriaRole.Button, new() { Name = "Sign in with a passkey" }).ClickAsync();
        var code = await stage.ReadCodeAsync();
        await stage.PictureAsync("sign-in");
        await SignInAsync(stage, code, vault);

        // by the field: the browser offers the other device in the list under it
        await page.SignOutAsync();
        await page.GotoAsync(SecurityInfo.ToString());
        await stage.OpenOfferUnderAsync(page.GetByLabel("Name", new() { Exact = true }));
        code = await stage.ReadCodeAsync(code);
        await SignInAsync(stage, code, vault);

        for (var round = 0; round < Rounds; round++)
        {
            await page.SignOutAsync();
            await page.GotoAsync(SecurityInfo.ToString());
            await page.GetByRole(AriaRole.Button, new() { Name = "Sign in with a passkey" }).ClickAsync();
            code = await stage.ReadCodeAsync(code);
            await SignInAsync(stage, code, vault);
        }
    }

    [Fact]
    public async Task A_no_on_the_phone_is_a_plain_answer_on_the_page_and_leaves_no_passkey_anywhere()
    {
        await using var stage = await Stage.SetAsync(Product);
        var vault = Product.NewDirectory("vault");
        await stage.Page.OpenSecurityInfoAsync(Product, Product.Admin);
        await BeginSavingAsync(stage.Page);
        await using (var answer = stage.AnswerWith(Stage.Pin, await stage.ReadCodeAsync(), vault))
        {
            Assert.Equal("OperationDenied", (await FinalLineAsync(answer, succeeds: false)).GetProperty("status").GetString());
        }

        await Expect(stage.Page.GetByText("No passkey was made")).ToBeVisibleAsync();
        await Expect(stage.Page.GetByRole(AriaRole.Button, new() { Name = "Try again" })).ToBeEnabledAsync();
        await AssertEmptyAsync(vault);
    }

    [Fact]
    public async Task A_phone_without_a_passkey_for_the_site_says_so_and_the_page_goes_on()
    {
        await using var stage = await Stage.SetAsync(Product);
        await stage.Page.GetByRole(AriaRole.Button, new() { Name = "Sign in with a passkey" }).ClickAsync();
        await using var answer = stage.Answer(await stage.ReadCodeAsync(), Product.NewDirectory("vault"));

        Assert.Equal("NoCredentials", (await FinalLineAsync(answer, succeeds: false)).GetProperty("status").GetString());
        await Expect(stage.Page.GetByRole(AriaRole.Button, new() { Name = "Sign in with a passkey" })).ToBeEnabledAsync();
    }

    [Fact]
    public async Task A_phone_that_already_has_a_passkey_for_the_person_makes_no_second_one()
    {
        await using var stage = await Stage.SetAsync(Product);
        var vault = Product.NewDirectory("vault");
        await stage.Page.OpenSecurityInfoAsync(Product, Product.Newcomer);
        await SaveAsync(stage, vault, "First phone");

        await BeginSavingAsync(stage.Page);
        await using var answer = stage.Answer(await stage.ReadCodeAsync(), vault);

        Assert.Equal("CredentialExcluded", (await FinalLineAsync(answer, succeeds: false)).GetProperty("status").GetString());
        await Expect(stage.Page.GetByText("already has a passkey for you")).ToBeVisibleAsync();
    }

    private static async Task BeginSavingAsync(IPage page)
    {
        await page.ChooseMethodAsync("Passkey in this browser or on a security key");
        await page.GetByRole(AriaRole.Button, new() { Name = "Create passkey" }).ClickAsync();
    }

    private static async Task SaveAsync(Stage stage, string vault, string name)
    {
        await BeginSavingAsync(stage.Page);
        var code = await stage.ReadCodeAsync();
        await stage.PictureAsync("qr-code");
        await using var answer = stage.Answer(code, vault);
        // A vault that is signed in nowhere cannot know whose server this is: delivery is all there is to know.
        Assert.Equal("confirmed", (await FinalLineAsync(answer, succeeds: true)).GetProperty("state").GetString());
        await stage.Page.NameNewPasskeyAsync(name);
    }

    private static async Task SignInAsync(Stage stage, string code, string vault)
    {
        await using var answer = stage.Answer(code, vault);
        Assert.Equal("sign-in", (await FinalLineAsync(answer, succeeds: true)).GetProperty("operation").GetString());
        await Expect(stage.Page.GetByRole(AriaRole.Heading, new() { Name = "My Security info" })).ToBeVisibleAsync();
    }

    private static async Task AssertEmptyAsync(string vault)
    {
        await using var list = Product.Cli(Stage.Pin, "authenticator", "list", "--json", "--vault", vault);
        Assert.Equal(0, await list.ExitAsync());
        Assert.DoesNotContain(list.Log.Split('\n'), line => line.StartsWith('{'));
    }

    private static async Task<JsonElement> FinalLineAsync(Running answer, bool succeeds)
    {
        var exitCode = await answer.ExitAsync();
        Assert.True(exitCode == (succeeds ? 0 : 1), answer.Log);
        return JsonDocument.Parse(answer.Log.Split('\n').Last(line => line.StartsWith('{'))).RootElement;
    }
}
