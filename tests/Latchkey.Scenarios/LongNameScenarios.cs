using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Latchkey.Scenarios;

/// <summary>Names of 64 characters without a break, on a phone's screen: every page keeps within it.</summary>
public sealed class LongNameScenarios(Product product) : Scenario(product)
{
    // The widest letter there is.
    private static readonly string Endless = new('W', 64);

    [Fact]
    public async Task No_page_of_portal_or_Authenticator_is_wider_than_a_phones_screen_whatever_people_and_passkeys_are_called()
    {
        var found = new List<string>();
        await using (var named = Product.Cli(input: null, "organisation", "set", "--name", Endless, "--data", Product.DataDirectory))
        {
            Assert.Equal(0, await named.ExitAsync());
        }

        var page = await Product.NewPageAsync(new() { ViewportSize = new() { Width = 360, Height = 780 } });
        await VirtualAuthenticator.AddAsync(page);
        await page.OpenSecurityInfoAsync(Product, Product.Regular);
        await page.ChooseMethodAsync("Passkey in this browser or on a security key");
        await page.GetByRole(AriaRole.Button, new() { Name = "Create passkey" }).ClickAsync();
        await page.NameNewPasskeyAsync(Endless);
        await MeasureAsync(page, "list", found);
        foreach (var address in (string[])["security-info/add", "security-info/add/passkey", "security-info/add/code", "security-info/add/authenticator", "security-info/sessions", "sign-out", "no-such-page"])
        {
            await page.GotoAsync(new Uri(Product.Portal, address).ToString());
            await MeasureAsync(page, address, found);
        }

        await page.GotoAsync(new Uri(Product.Portal, "security-info").ToString());
        await page.GetByRole(AriaRole.Link, new() { Name = $"Rename {Endless}" }).ClickAsync();
        await Expect(page.GetByLabel("Name", new() { Exact = true })).ToBeVisibleAsync();
        await MeasureAsync(page, "rename", found);
        await page.GotoAsync(new Uri(Product.Portal, "security-info").ToString());
        await page.GetByRole(AriaRole.Link, new() { Name = $"Delete {Endless}", Exact = true }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = $"Delete {Endless}?" })).ToBeVisibleAsync();
        await MeasureAsync(page, "delete", found);

        var authenticator = await AuthenticatorWindow.OpenAsync(Product);
        var app = authenticator.Page;
        await app.SetViewportSizeAsync(360, 780);
        var browser = await authenticator.BeginAddAsync();
        await AuthenticatorWindow.SignInAndAllowAsync(browser, Product.Admin);
        await Expect(app.GetByRole(AriaRole.Dialog)).ToBeVisibleAsync();
        await MeasureAsync(app, "PIN window", found);
        await authenticator.GiveGestureAsync("Save");
        await Expect(app.GetByRole(AriaRole.Heading, new() { Name = "Your passkey is ready" })).ToBeVisibleAsync();
        await MeasureAsync(app, "ready", found);
        await app.GetByRole(AriaRole.Button, new() { Name = "Done" }).ClickAsync();
        await app.GetByRole(AriaRole.Button, new() { Name = "Delete this passkey" }).ClickAsync();
        await Expect(app.GetByRole(AriaRole.Alertdialog)).ToBeVisibleAsync();
        await MeasureAsync(app, "account, with Delete", found);
        await app.GetByRole(AriaRole.Alertdialog).GetByRole(AriaRole.Button, new() { Name = "Cancel" }).ClickAsync();
        await app.GetByRole(AriaRole.Link, new() { Name = "Back", Exact = true }).ClickAsync();
        await Expect(app.GetByRole(AriaRole.Link, new() { Name = "Add an account" })).ToBeVisibleAsync();
        await MeasureAsync(app, "first page", found);
        var again = await authenticator.BeginAddAsync();
        await again.GetByRole(AriaRole.Button, new() { Name = "Allow", Exact = true }).ClickAsync();
        await Expect(app.GetByRole(AriaRole.Heading, new() { Name = "You already have a passkey here" })).ToBeVisibleAsync();
        await MeasureAsync(app, "already there", found);

        Assert.True(found.Count == 0, string.Join('\n', found));
    }

    private static async Task MeasureAsync(IPage page, string name, List<string> found)
    {
        await page.WaitForLoadStateAsync();
        found.AddRange((await page.EvaluateAsync<string[]>("""
            () => {
              const wide = document.documentElement.scrollWidth > innerWidth ? [`${document.documentElement.scrollWidth} pixels wide`] : [];
              const beyond = [...document.querySelectorAll('body *')]
                .filter(e => !e.closest('.visually-hidden, .hidden-name, svg, .skip, input, [hidden]') && e.checkVisibility() && e.getBoundingClientRect().right > innerWidth + 1)
                .map(e => `beyond the edge: ${e.tagName.toLowerCase()}.${e.className} "${(e.textContent ?? '').trim().slice(0, 20)}"`);
              return [...wide, ...beyond];
            }
            """)).Select(fault => $"{name}: {fault}"));
        if (Environment.GetEnvironmentVariable("LATCHKEY_PICTURES") is { Length: > 0 } folder)
        {
            await page.ScreenshotAsync(new() { Path = Path.Combine(folder, $"long {Path.GetFileName(name)}.png"), FullPage = true });
        }
    }
}
