using Microsoft.Playwright;

namespace Latchkey.Scenarios;

/// <summary>What a person does in the portal, by the words they see.</summary>
internal static class Portal
{
    /// <summary>Signs in on the sign-in page, wherever it came from.</summary>
    public static async Task SignInAsync(this IPage page, DemoPerson person)
    {
        await page.GetByLabel("Name", new() { Exact = true }).FillAsync(person.Name);
        await page.GetByRole(AriaRole.Button, new() { Name = "Next" }).ClickAsync();
        if (person.Password is { } password)
        {
            await page.GetByLabel("Password", new() { Exact = true }).FillAsync(password);
            await page.GetByRole(AriaRole.Button, new() { Name = "Sign in", Exact = true }).ClickAsync();
            await page.GetByLabel("Code", new() { Exact = true }).FillAsync(await person.NextCodeAsync());
            await page.GetByRole(AriaRole.Button, new() { Name = "Verify" }).ClickAsync();
        }
        else
        {
            await page.GetByRole(AriaRole.Link, new() { Name = "Use a Temporary Access Pass" }).ClickAsync();
            await page.GetByLabel("Temporary Access Pass", new() { Exact = true }).FillAsync(person.TemporaryAccessPass!);
            await page.GetByRole(AriaRole.Button, new() { Name = "Sign in", Exact = true }).ClickAsync();
        }
    }

    /// <summary>Opens My Security info and signs in.</summary>
    public static async Task OpenSecurityInfoAsync(this IPage page, Product product, DemoPerson person)
    {
        await page.GotoAsync(new Uri(product.Portal, "security-info").ToString());
        await page.SignInAsync(person);
        await Assertions.Expect(page.GetByRole(AriaRole.Heading, new() { Name = "My Security info" })).ToBeVisibleAsync();
    }
}
