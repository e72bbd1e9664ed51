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
            // Who has an Authenticator is asked there first.
            var another = page.GetByRole(AriaRole.Button, new() { Name = "Use another way" });
            var code = page.GetByLabel("Code", new() { Exact = true });
            await Assertions.Expect(another.Or(code)).ToBeVisibleAsync();
            if (await another.IsVisibleAsync()) await another.ClickAsync();
            await code.FillAsync(await person.NextCodeAsync());
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

    /// <summary>From the list through + Add sign-in method to the method's own page.</summary>
    public static async Task ChooseMethodAsync(this IPage page, string method)
    {
        await page.GetByRole(AriaRole.Link, new() { Name = "Add sign-in method" }).ClickAsync();
        await page.GetByRole(AriaRole.Radio, new() { Name = method }).CheckAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Add", Exact = true }).ClickAsync();
        await page.WaitForURLAsync("**/security-info/add/**", new() { WaitUntil = WaitUntilState.Commit }); // what is on it is waited for by whoever uses it
    }

    /// <summary>From "Passkey created" to the name in the list.</summary>
    public static async Task NameNewPasskeyAsync(this IPage page, string name)
    {
        await Assertions.Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Passkey created" })).ToBeVisibleAsync();
        await page.GetByRole(AriaRole.Link, new() { Name = "Done" }).ClickAsync();
        await page.GetByLabel("Name", new() { Exact = true }).FillAsync(name);
        await page.GetByRole(AriaRole.Button, new() { Name = "Done" }).ClickAsync();
        await Assertions.Expect(page.GetByRole(AriaRole.Heading, new() { Name = name })).ToBeVisibleAsync();
    }

    /// <summary>Deletes a method from the list; the last one only after the warning.</summary>
    public static async Task DeleteMethodAsync(this IPage page, string name)
    {
        await page.GetByRole(AriaRole.Link, new() { Name = $"Delete {name}" }).ClickAsync();
        await Assertions.Expect(page.GetByRole(AriaRole.Heading, new() { Name = $"Delete {name}?" })).ToBeVisibleAsync();
        await page.WaitForLoadStateAsync(LoadState.DOMContentLoaded);
        var sure = page.GetByRole(AriaRole.Checkbox);
        if (await sure.CountAsync() > 0) await sure.CheckAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Delete" }).ClickAsync();
        await Assertions.Expect(page.GetByText("Deleted: nobody can sign in with it any more")).ToBeVisibleAsync();
    }

    /// <summary>Signs out, and waits until the server has done it.</summary>
    public static Task SignOutAsync(this IPage page) =>
        page.RunAndWaitForResponseAsync(() => page.GetByRole(AriaRole.Button, new() { Name = "Sign out" }).ClickAsync(), response => response.Url.EndsWith("/sign-out", StringComparison.Ordinal));

    /// <summary>Makes the browser one that offers no passkeys in the name field, from the next page on.</summary>
    public static Task OfferNothingInTheFieldAsync(this IPage page) => page.AddInitScriptAsync("""
        PublicKeyCredential.getClientCapabilities = undefined;
        PublicKeyCredential.isConditionalMediationAvailable = async () => false;
        """);
}
