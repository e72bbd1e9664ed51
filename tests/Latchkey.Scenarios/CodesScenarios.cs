using Microsoft.Playwright;
using OtpNet;
using static Microsoft.Playwright.Assertions;

namespace Latchkey.Scenarios;

/// <summary>Codes in the Authenticator, as a person comes by them, finds them and puts them in order.</summary>
public sealed class CodesScenarios(Product product) : Scenario(product)
{
    private const string First = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP", Second = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ", Third = "KRSXG5CTMVRXEZLUKRSXG5CTMVRXEZLU";

    [Fact]
    public async Task Codes_come_by_pasted_text_by_typing_and_by_the_page_that_scans_and_are_found_ordered_renamed_and_deleted()
    {
        var found = new List<string>();
        var page = (await AuthenticatorWindow.OpenAsync(Product)).Page;
        await page.GetByRole(AriaRole.Link, new() { Name = "Codes" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Codes", Exact = true })).ToBeFocusedAsync();
        await page.LookAtAppAsync("no codes", found);

        // what is no key says so, and what to do
        await page.GetByRole(AriaRole.Link, new() { Name = "Add codes" }).First.ClickAsync();
        await page.LookAtAppAsync("add codes", found);
        await PasteAsync(page, "otpauth://hotp/Counted:ada?secret=JBSWY3DP&counter=1");
        await Expect(page.GetByText("counted one by one")).ToBeVisibleAsync();
        await PasteAsync(page, $"otpauth://totp/Example:ada@example.org?secret={First}&issuer=Example");
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Codes for Example are here" })).ToBeVisibleAsync();
        await ShowsCodeAsync(page, "Example, ada@example.org", new Totp(Base32Encoding.ToBytes(First)));
        await page.LookAtAppAsync("codes added", found);
        await page.GetByRole(AriaRole.Link, new() { Name = "Done" }).ClickAsync();

        // the same again is noticed; the page that scans knows codes, too
        await page.GetByRole(AriaRole.Link, new() { Name = "Add codes" }).ClickAsync();
        await PasteAsync(page, $"otpauth://totp/Other?secret={First}");
        await Expect(page.GetByText("These codes are here already: Example, ada@example.org")).ToBeVisibleAsync();
        await page.GetByRole(AriaRole.Link, new() { Name = "Authenticator" }).ClickAsync();
        await page.GetByRole(AriaRole.Link, new() { Name = "Scan QR code" }).ClickAsync();
        await PasteAsync(page, $"otpauth://totp/Scanned:bob?secret={Second}&algorithm=SHA256&digits=8");
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Codes for Scanned are here" })).ToBeVisibleAsync();
        await ShowsCodeAsync(page, "Scanned, bob", new Totp(Base32Encoding.ToBytes(Second), mode: OtpHashMode.Sha256, totpSize: 8));
        await page.GetByRole(AriaRole.Link, new() { Name = "Done" }).ClickAsync();

        await page.GetByRole(AriaRole.Link, new() { Name = "Add codes" }).ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Type it in" }).ClickAsync();
        await page.GetByText("Advanced").ClickAsync();
        await page.LookAtAppAsync("type a code", found);
        await page.GetByLabel("Where they are for").FillAsync("Typed");
        await page.GetByLabel("Account", new() { Exact = true }).FillAsync("eve");
        await page.GetByLabel("Secret key").FillAsync("KRSX G5CT 0000");
        await page.GetByRole(AriaRole.Button, new() { Name = "Add", Exact = true }).ClickAsync();
        await Expect(page.GetByText("has a character that no such key has")).ToBeVisibleAsync();
        await page.GetByLabel("Secret key").FillAsync("krsx g5ct mvrx ezlu krsx g5ct mvrx ezlu");
        await page.GetByLabel("Seconds a code is good for").FillAsync("60");
        await page.GetByRole(AriaRole.Button, new() { Name = "Add", Exact = true }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Codes for Typed are here" })).ToBeVisibleAsync();
        await ShowsCodeAsync(page, "Typed, eve", new Totp(Base32Encoding.ToBytes(Third), step: 60));
        await page.GetByRole(AriaRole.Link, new() { Name = "Done" }).ClickAsync();

        // found and copied
        await OrderIsAsync(page, "Example", "Scanned", "Typed");
        await page.LookAtAppAsync("codes", found);
        await page.GetByLabel("Search").FillAsync("EVE");
        await OrderIsAsync(page, "Typed");
        await page.GetByLabel("Search").FillAsync("");
        await page.Context.GrantPermissionsAsync(["clipboard-read", "clipboard-write"]);
        await page.GetByRole(AriaRole.Button, new() { Name = "for Scanned, bob" }).ClickAsync();
        await Expect(page.GetByText("The code for Scanned, bob was copied.")).ToBeAttachedAsync();
        Assert.Equal(8, (await page.EvaluateAsync<string>("navigator.clipboard.readText()")).Length);

        // put in order by the keyboard, which stays with what it moves
        await page.GetByRole(AriaRole.Button, new() { Name = "Change the list" }).ClickAsync();
        await page.LookAtAppAsync("change the list of codes", found);
        await page.GetByRole(AriaRole.Button, new() { Name = "Move Typed, eve up" }).FocusAsync();
        await page.Keyboard.PressAsync("Enter");
        await OrderIsAsync(page, "Example", "Typed", "Scanned");
        await Expect(page.GetByRole(AriaRole.Button, new() { Name = "Move Typed, eve up" })).ToBeFocusedAsync();
        await page.Keyboard.PressAsync("Enter");
        await OrderIsAsync(page, "Typed", "Example", "Scanned");
        await Expect(page.GetByRole(AriaRole.Button, new() { Name = "Move Typed, eve down" })).ToBeFocusedAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Rename Typed, eve" }).ClickAsync();
        await page.GetByLabel("Where they are for").FillAsync("Renamed");
        await page.GetByRole(AriaRole.Button, new() { Name = "Save" }).ClickAsync();
        await OrderIsAsync(page, "Renamed", "Example", "Scanned");
        await page.GetByRole(AriaRole.Button, new() { Name = "Delete Example, ada@example.org" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Alertdialog)).ToContainTextAsync("locked out");
        await page.LookAtAppAsync("delete codes", found);
        await page.GetByRole(AriaRole.Alertdialog).GetByRole(AriaRole.Button, new() { Name = "Delete" }).ClickAsync();
        await OrderIsAsync(page, "Renamed", "Scanned");

        Assert.True(found.Count == 0, string.Join('\n', found));
    }

    private static async Task PasteAsync(IPage page, string text)
    {
        await page.GetByRole(AriaRole.Button, new() { Name = "Paste its text" }).ClickAsync();
        await page.GetByLabel("The text of the code").FillAsync(text);
        await page.GetByRole(AriaRole.Button, new() { Name = "Continue" }).ClickAsync();
    }

    private static Task OrderIsAsync(IPage page, params string[] names) => Expect(page.GetByRole(AriaRole.Heading, new() { Level = 2 })).ToHaveTextAsync(names);

    /// <summary>The code of now is shown, or is in a moment: it may change between two looks.</summary>
    private static Task ShowsCodeAsync(IPage page, string name, Totp totp) => Eventually.TrueAsync($"the code for {name} is shown", async () =>
        (await page.GetByRole(AriaRole.Button, new() { Name = $"for {name}" }).InnerTextAsync()).Replace(" ", "", StringComparison.Ordinal).Trim() == totp.ComputeTotp());
}
