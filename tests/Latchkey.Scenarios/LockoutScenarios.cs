using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Latchkey.Scenarios;

/// <summary>Guessing ends; on a product of its own, because it locks people out.</summary>
public sealed class LockoutScenarios(Product product) : Scenario(product)
{
    [Fact]
    public async Task Too_many_wrong_passwords_lock_the_account_for_a_while_and_the_right_one_waits_too()
    {
        var page = await Product.NewPageAsync();
        await page.GotoAsync(new Uri(Product.Portal, "security-info").ToString());
        await page.GetByLabel("Name", new() { Exact = true }).FillAsync(Product.Regular.Name);
        await page.GetByRole(AriaRole.Button, new() { Name = "Next" }).ClickAsync();
        for (var attempt = 0; attempt < 10; attempt++)
        {
            await SendPasswordAsync(page, "not the password");
            await Expect(page.Locator("body:not([data-before])").GetByRole(AriaRole.Alert).First).ToBeVisibleAsync();
        }

        await SendPasswordAsync(page, Product.Regular.Password!);

        await Expect(page.GetByText("Too many attempts")).ToBeVisibleAsync();
    }

    private static async Task SendPasswordAsync(IPage page, string password)
    {
        await page.GetByLabel("Password", new() { Exact = true }).FillAsync(password);
        // the page that comes says the same as the one that goes
        await page.EvaluateAsync("() => { document.body.dataset.before = ''; }");
        await page.GetByRole(AriaRole.Button, new() { Name = "Sign in", Exact = true }).ClickAsync();
    }
}
