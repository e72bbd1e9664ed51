using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Latchkey.Scenarios;

/// <summary>The Authenticator as it lies about on a desk: it locks itself, its codes are put in order by hand, and a picture of a code does.</summary>
public sealed class AuthenticatorInUseScenarios(Product product) : Scenario(product)
{
    // The Authenticator looks every five seconds whether somebody is there.
    private static readonly LocatorAssertionsToBeVisibleOptions UntilItLooks = new() { Timeout = 30_000 };

    [Fact]
    public async Task Nobody_there_for_five_minutes_locks_it_in_every_window_and_the_PIN_leads_back_to_the_page_it_was_on()
    {
        using var clock = new MovableClock();
        var authenticator = await AuthenticatorWindow.OpenAsync(Product, environment: clock.Environment);
        var page = authenticator.Page;
        await AddCodeAsync(page, "Desk");
        var second = await authenticator.OpenAnotherAsync();
        await second.GotoAsync(new Uri(new Uri(page.Url), "/settings").ToString());
        await Expect(second.GetByRole(AriaRole.Heading, new() { Name = "Settings" })).ToBeVisibleAsync();

        clock.PassTime(TimeSpan.FromMinutes(6));

        foreach (var window in (IPage[])[page, second]) await Expect(window.GetByRole(AriaRole.Heading, new() { Name = "Enter your PIN" })).ToBeVisibleAsync(UntilItLooks);
        await Expect(page.GetByRole(AriaRole.Button, new() { Name = "for Desk" })).ToHaveCountAsync(0);
        await Expect(page.GetByLabel("PIN")).ToBeFocusedAsync();
        await page.GetByLabel("PIN").FillAsync(AuthenticatorWindow.Pin);
        await page.Keyboard.PressAsync("Enter");
        await Expect(page.GetByRole(AriaRole.Button, new() { Name = "for Desk" })).ToBeVisibleAsync();

        // set to a quarter of an hour, six minutes are nothing: the second window's page is still the settings
        await Expect(second.GetByRole(AriaRole.Heading, new() { Name = "Settings" })).ToBeVisibleAsync();
        await second.GetByLabel("Lock by itself after").SelectOptionAsync("15 minutes without anybody there");
        clock.PassTime(TimeSpan.FromMinutes(6));
        await second.GetByRole(AriaRole.Link, new() { Name = "Your privacy" }).ClickAsync();
        await Expect(second.GetByRole(AriaRole.Heading, new() { Name = "Your privacy" })).ToBeVisibleAsync();
        clock.PassTime(TimeSpan.FromMinutes(16));
        await Expect(second.GetByRole(AriaRole.Heading, new() { Name = "Enter your PIN" })).ToBeVisibleAsync(UntilItLooks);
    }

    [Fact]
    public async Task Codes_are_put_in_order_by_dragging_them_and_stay_so()
    {
        var authenticator = await AuthenticatorWindow.OpenAsync(Product);
        var page = authenticator.Page;
        foreach (var name in (string[])["First", "Second", "Third"]) await AddCodeAsync(page, name);
        await page.GetByRole(AriaRole.Button, new() { Name = "Change the list" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Button, new() { Name = "Move Third, ada up" })).ToBeVisibleAsync();

        await Card("Third").DragToAsync(Card("First"));
        await OrderIsAsync(page, "Third", "First", "Second");
        await Expect(page.GetByText("Third, ada is now number 1 of 3.")).ToBeAttachedAsync();
        await Card("Third").DragToAsync(Card("Second"));
        await OrderIsAsync(page, "First", "Second", "Third");
        await Card("Third").DragToAsync(Card("First"));
        await OrderIsAsync(page, "Third", "First", "Second");

        await authenticator.KillAndRestartAsync();
        page = authenticator.Page;
        await page.GetByRole(AriaRole.Link, new() { Name = "Codes" }).ClickAsync();
        await OrderIsAsync(page, "Third", "First", "Second");

        ILocator Card(string name) => page.Locator("li.code-card", new() { HasText = name });
    }

    [Fact]
    public async Task A_picture_of_the_portals_code_is_read_and_its_first_code_is_taken()
    {
        var portal = await Product.NewPageAsync();
        await portal.OpenSecurityInfoAsync(Product, Product.Regular);
        await portal.ChooseMethodAsync("Authenticator code");
        await Expect(portal.GetByRole(AriaRole.Heading, new() { Name = "Add an authenticator app" })).ToBeVisibleAsync();
        var picture = Product.NewDirectory("picture") + ".png";
        await portal.ScreenshotAsync(new() { Path = picture, FullPage = true });

        var page = (await AuthenticatorWindow.OpenAsync(Product)).Page;
        await OpenAddCodeAsync(page);
        var nothing = Product.NewDirectory("picture") + ".png";
        await page.ScreenshotAsync(new() { Path = nothing });
        await page.GetByLabel("Choose a picture").SetInputFilesAsync(nothing);
        await Expect(page.GetByText("There is no QR code to be seen in that picture.")).ToBeVisibleAsync();
        await page.GetByLabel("Choose a picture").SetInputFilesAsync(picture);
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "are here" })).ToBeVisibleAsync();

        var shown = await page.GetByRole(AriaRole.Button, new() { Name = Product.Regular.Name }).InnerTextAsync();
        await portal.GetByLabel("Code", new() { Exact = true }).FillAsync(shown.Replace(" ", "", StringComparison.Ordinal).Trim());
        await portal.GetByRole(AriaRole.Button, new() { Name = "Add", Exact = true }).ClickAsync();
        await Expect(portal.GetByText("Authenticator app added")).ToBeVisibleAsync();
    }

    private static Task OrderIsAsync(IPage page, params string[] names) => Expect(page.GetByRole(AriaRole.Heading, new() { Level = 2 })).ToHaveTextAsync(names);

    private static async Task OpenAddCodeAsync(IPage page)
    {
        await page.GetByRole(AriaRole.Link, new() { Name = "Authenticator" }).ClickAsync();
        await page.GetByRole(AriaRole.Link, new() { Name = "Codes" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Codes", Exact = true })).ToBeVisibleAsync();
        await page.GetByRole(AriaRole.Link, new() { Name = "Add codes" }).First.ClickAsync();
        await Expect(page.GetByRole(AriaRole.Button, new() { Name = "Paste its text" })).ToBeVisibleAsync();
    }

    /// <summary>Ends on the list of codes. Each key is another one.</summary>
    private static async Task AddCodeAsync(IPage page, string issuer)
    {
        await OpenAddCodeAsync(page);
        await page.GetByRole(AriaRole.Button, new() { Name = "Paste its text" }).ClickAsync();
        await page.GetByLabel("The text of the code").FillAsync($"otpauth://totp/{issuer}:ada?issuer={issuer}&secret={OtpNet.Base32Encoding.ToString(System.Text.Encoding.ASCII.GetBytes(issuer.PadRight(20, '.')))}");
        await page.GetByRole(AriaRole.Button, new() { Name = "Continue" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = $"Codes for {issuer} are here" })).ToBeVisibleAsync();
        await page.GetByRole(AriaRole.Link, new() { Name = "Done" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Button, new() { Name = $"for {issuer}, ada" })).ToBeVisibleAsync();
    }
}
