using System.Text.Json;
using Microsoft.Playwright;

namespace Latchkey.Scenarios;

/// <summary>
/// People update when they like: the command line and the Authenticator of an earlier release go on working against today's server. The checkout of
/// that release, built, is named by LATCHKEY_EARLIER_RELEASE; <c>./test long</c> makes it. What its screens say is written here, since it never changes.
/// </summary>
public sealed class EarlierReleaseScenarios(Product product) : Scenario(product)
{
    private const string Pin = "passe-partout", NotHere = "Runs in ./test long";

    public static bool IsHere => Release is not null;

    private static string? Release => Environment.GetEnvironmentVariable("LATCHKEY_EARLIER_RELEASE");

    [Fact(Skip = NotHere, SkipUnless = nameof(IsHere))]
    public async Task Its_command_line_adds_lists_tests_and_deletes_a_passkey()
    {
        var vault = Product.NewDirectory("vault");
        await using (var add = Cli("add", "--server", Product.Portal.ToString(), "--vault", vault))
        {
            await HeadlessScenarios.SignInAndAllowAsync(Product, add, Product.Newcomer);
            Assert.True(await add.ExitAsync() == 0, add.Log);
            Assert.Contains("Passkey added: Latchkey Authenticator", add.Log, StringComparison.Ordinal);
        }

        var passkey = JsonDocument.Parse((await RunAsync("list", "--json", "--vault", vault)).Trim()).RootElement;
        Assert.Equal("confirmed", passkey.GetProperty("state").GetString());
        Assert.Contains("It works", await RunAsync("test", "--vault", vault), StringComparison.Ordinal);
        await RunAsync("codes", "--vault", vault);
        Assert.Contains("Deleted on", await RunAsync("delete", passkey.GetProperty("id").GetString()!, "--vault", vault), StringComparison.Ordinal);
    }

    [Fact(Skip = NotHere, SkipUnless = nameof(IsHere))]
    public async Task Its_Authenticator_sets_up_an_account_tests_the_passkey_answers_a_sign_in_and_deletes()
    {
        await using var program = Running.StartOf(
            Release!, "Latchkey.AuthenticatorApp", input: null, new Dictionary<string, string>(StringComparer.Ordinal),
            "--data", Product.NewDirectory("authenticator"), "--port", "0", "--server", Product.Portal.ToString(), "--no-browser");
        var page = await Product.NewPageAsync();
        await page.GotoAsync(await program.LineAsync("Listening on "));
        await PressAsync(page, "Get started");
        await PressAsync(page, "Continue");
        await page.GetByLabel("PIN").FillAsync(Pin);
        await page.GetByLabel("Enter it again").FillAsync(Pin);
        await PressAsync(page, "Set PIN");

        await page.GetByRole(AriaRole.Link, new() { Name = "Add an account" }).ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Work or school account" }).ClickAsync();
        await PressAsync(page, "Continue");
        var browser = await page.Context.RunAndWaitForPageAsync(() => page.GetByRole(AriaRole.Link, new() { Name = "Sign in", Exact = true }).ClickAsync());
        await browser.SignInAsync(Product.Regular);
        await Assertions.Expect(browser.GetByRole(AriaRole.Heading, new() { Name = "You're signed in" })).ToBeVisibleAsync();
        await browser.CloseAsync();
        await GivePinAsync(page, "Save");
        await Assertions.Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Your passkey is ready" })).ToBeVisibleAsync();
        await PressAsync(page, "Done");
        await PressAsync(page, "Test this passkey");
        await GivePinAsync(page, "Continue");
        await Assertions.Expect(page.GetByText("This passkey works")).ToBeVisibleAsync();

        var portal = await Product.NewPageAsync();
        await portal.GotoAsync(new Uri(Product.Portal, "security-info").AbsoluteUri);
        await portal.GetByLabel("Name", new() { Exact = true }).FillAsync(Product.Regular.Name);
        await PressAsync(portal, "Next");
        await portal.GetByLabel("Password", new() { Exact = true }).FillAsync(Product.Regular.Password!);
        await PressAsync(portal, "Sign in");
        await page.GetByLabel("Number on the sign-in page").FillAsync(await portal.Locator("#approval-number > [aria-hidden]").InnerTextAsync());
        await PressAsync(page, "Approve");
        await GivePinAsync(page, "Approve");
        await Assertions.Expect(portal.GetByRole(AriaRole.Heading, new() { Name = "My Security info" })).ToBeVisibleAsync();
        await PressAsync(page, "OK");

        await PressAsync(page, "Delete this passkey");
        await page.GetByRole(AriaRole.Alertdialog).GetByRole(AriaRole.Button, new() { Name = "Delete" }).ClickAsync();
        await Assertions.Expect(page.GetByText("was deleted from")).ToBeVisibleAsync();
    }

    private static Task PressAsync(IPage page, string button) => page.GetByRole(AriaRole.Button, new() { Name = button, Exact = true }).ClickAsync();

    private static async Task GivePinAsync(IPage page, string button)
    {
        var sheet = page.GetByRole(AriaRole.Dialog);
        await sheet.GetByLabel("PIN").FillAsync(Pin);
        await sheet.GetByRole(AriaRole.Button, new() { Name = button }).ClickAsync();
    }

    private static Running Cli(params IEnumerable<string> command) =>
        Running.StartOf(Release!, "Latchkey.Cli", Pin, new Dictionary<string, string>(StringComparer.Ordinal), ["authenticator", .. command]);

    private static async Task<string> RunAsync(params string[] command)
    {
        await using var run = Cli(command);
        Assert.True(await run.ExitAsync() == 0, run.Log);
        return run.Log;
    }
}
