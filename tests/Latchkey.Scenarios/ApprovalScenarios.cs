using System.Text.Json;
using Latchkey.Scenarios.Capabilities;
using Microsoft.Playwright;

namespace Latchkey.Scenarios;

/// <summary>The sign-in page shows a number, the Authenticator asks for it.</summary>
[Covers(Way.InTheAuthenticator, Browser.Chromium, Platform.Linux)]
public sealed class ApprovalScenarios(Product product) : Scenario(product)
{
    [Fact]
    public async Task A_number_from_the_sign_in_page_typed_in_the_Authenticator_signs_in_after_the_password_and_without_one_and_a_deletion_reaches_it_at_once()
    {
        var found = new List<string>();
        var authenticator = await AuthenticatorWindow.OpenAsync(Product);
        await AuthenticatorScenarios.AddPasskeyAsync(authenticator, Product.Regular);
        var app = authenticator.Page;
        await app.GetByRole(AriaRole.Link, new() { Name = "Phone sign-in" }).ClickAsync();
        var turnOn = app.GetByRole(AriaRole.Button, new() { Name = "Approve sign-ins here" });
        var turnOff = app.GetByRole(AriaRole.Button, new() { Name = "Turn off" });
        await Assertions.Expect(turnOff).ToBeVisibleAsync(); // set up together with the passkey
        await app.LookAtAppAsync("phone sign-in", found);

        // after the password; the looks have a request of their own, since they take longer on a slow machine than a person is given
        var portal = await Product.NewPageAsync();
        await SendPasswordAsync(portal);
        await NumberAsync(portal);
        var request = app.GetByRole(AriaRole.Alertdialog, new() { Name = "Are you signing in?" });
        await Assertions.Expect(request).ToContainTextAsync("My Security info");
        await portal.LookAtAsync("approval", found);
        await app.LookAtAppAsync("approval request", found);
        await portal.GetByRole(AriaRole.Button, new() { Name = "Use another way" }).ClickAsync();
        await Assertions.Expect(request).ToHaveCountAsync(0);
        await SendPasswordAsync(portal);
        await ApproveAsync(app, await NumberAsync(portal));
        await Assertions.Expect(portal.GetByRole(AriaRole.Heading, new() { Name = "My Security info" })).ToBeVisibleAsync();
        await app.GetByRole(AriaRole.Button, new() { Name = "OK" }).ClickAsync();

        // without one
        var other = await Product.NewPageAsync();
        await OpenPasswordPageAsync(other);
        await other.GetByRole(AriaRole.Button, new() { Name = "Use the Authenticator instead" }).ClickAsync();
        await ApproveAsync(app, await NumberAsync(other));
        await Assertions.Expect(other.GetByRole(AriaRole.Heading, new() { Name = "My Security info" })).ToBeVisibleAsync();
        await app.GetByRole(AriaRole.Button, new() { Name = "OK" }).ClickAsync();

        // it wasn't me
        var stranger = await Product.NewPageAsync();
        await OpenPasswordPageAsync(stranger);
        await stranger.GetByRole(AriaRole.Button, new() { Name = "Use the Authenticator instead" }).ClickAsync();
        await app.GetByRole(AriaRole.Button, new() { Name = "It wasn't me" }).ClickAsync();
        await Assertions.Expect(stranger.GetByRole(AriaRole.Heading, new() { Name = "Refused in the Authenticator" })).ToBeVisibleAsync();
        await stranger.LookAtAsync("approval refused", found);
        await app.GetByRole(AriaRole.Button, new() { Name = "OK" }).ClickAsync();
        await portal.ReloadAsync();
        await Assertions.Expect(portal.GetByText("Whoever it was typed your name")).ToBeVisibleAsync();
        await portal.LookAtAsync("security info after a refusal", found);

        // deleted in the portal, the app knows without being asked
        await portal.GetByRole(AriaRole.Button, new() { Name = "I have read this" }).ClickAsync();
        await portal.GetByRole(AriaRole.Link, new() { Name = $"Delete Authenticator on {Environment.MachineName}" }).ClickAsync();
        await portal.GetByRole(AriaRole.Button, new() { Name = "Delete" }).ClickAsync();
        await Assertions.Expect(portal.GetByText("Deleted.")).ToBeVisibleAsync();
        await Assertions.Expect(turnOn).ToBeVisibleAsync();
        await app.LookAtAppAsync("phone sign-in off", found);
        Assert.True(found.Count == 0, string.Join('\n', found));
    }

    [Fact]
    public async Task The_command_line_approves_a_sign_in_by_its_number()
    {
        var vault = await RegisterAsync(Product.Admin);
        var portal = await Product.NewPageAsync();
        await OpenPasswordPageAsync(portal, Product.Admin);
        await portal.GetByRole(AriaRole.Button, new() { Name = "Use the Authenticator instead" }).ClickAsync();
        await using var approve = Product.Cli(AuthenticatorWindow.Pin, "authenticator", "approvals", "--watch", "--approve", await NumberAsync(portal), "--vault", vault);
        Assert.Equal(0, await approve.ExitAsync());

        var answer = JsonDocument.Parse(approve.Log.Split('\n', StringSplitOptions.RemoveEmptyEntries).Last(line => line.StartsWith('{'))).RootElement;
        Assert.Equal(("approved", "admin"), (answer.GetProperty("decision").GetString(), answer.GetProperty("account").GetString()));
        await Assertions.Expect(portal.GetByRole(AriaRole.Heading, new() { Name = "My Security info" })).ToBeVisibleAsync();
    }

    [Fact]
    public async Task Without_JavaScript_the_page_looks_again_by_itself_and_every_end_of_it_has_a_button()
    {
        var vault = await RegisterAsync(Product.Admin);
        var portal = await Product.NewPageAsync(new() { JavaScriptEnabled = false });

        // it wasn't me
        await OpenPasswordPageAsync(portal, Product.Admin);
        await portal.GetByRole(AriaRole.Button, new() { Name = "Use the Authenticator instead" }).ClickAsync();
        await NumberAsync(portal);
        await PictureAsync(portal, "approval without JavaScript");
        await portal.GetByRole(AriaRole.Link, new() { Name = "I have answered" }).ClickAsync();
        await NumberAsync(portal);
        await using (var deny = Product.Cli(AuthenticatorWindow.Pin, "authenticator", "approvals", "--watch", "--deny", "--vault", vault))
        {
            Assert.Equal(0, await deny.ExitAsync());
        }

        await Assertions.Expect(portal.GetByRole(AriaRole.Heading, new() { Name = "Refused in the Authenticator" })).ToBeVisibleAsync();
        await portal.GetByRole(AriaRole.Button, new() { Name = "Use another way" }).ClickAsync();

        // after the password, where the refusal of a mere name closes nothing
        await portal.GetByLabel("Password", new() { Exact = true }).FillAsync(Product.Admin.Password!);
        await portal.GetByRole(AriaRole.Button, new() { Name = "Sign in", Exact = true }).ClickAsync();
        await using (var approve = Product.Cli(AuthenticatorWindow.Pin, "authenticator", "approvals", "--watch", "--approve", await NumberAsync(portal), "--vault", vault))
        {
            Assert.Equal(0, await approve.ExitAsync());
        }

        await Assertions.Expect(portal.GetByRole(AriaRole.Heading, new() { Name = "Approved" })).ToBeVisibleAsync();
        await PictureAsync(portal, "approved without JavaScript");
        await portal.GetByRole(AriaRole.Button, new() { Name = "Continue" }).ClickAsync();
        await Assertions.Expect(portal.GetByRole(AriaRole.Heading, new() { Name = "My Security info" })).ToBeVisibleAsync();
    }

    /// <summary>A vault on the command line that may answer a person's sign-ins.</summary>
    private async Task<string> RegisterAsync(DemoPerson person)
    {
        var vault = Product.NewDirectory("vault");
        await using (var add = Product.Cli(AuthenticatorWindow.Pin, "authenticator", "add", "--server", Product.Portal.ToString(), "--vault", vault))
        {
            await HeadlessScenarios.SignInAndAllowAsync(Product, add, person);
            Assert.Equal(0, await add.ExitAsync());
        }

        await using var register = Product.Cli(AuthenticatorWindow.Pin, "authenticator", "approvals", "--register", "--vault", vault);
        Assert.Equal(0, await register.ExitAsync());
        return vault;
    }

    /// <summary>Where no script runs, axe does not either.</summary>
    private static async Task PictureAsync(IPage page, string name)
    {
        if (Environment.GetEnvironmentVariable("LATCHKEY_PICTURES") is not { Length: > 0 } folder) return;
        foreach (var scheme in (ColorScheme[])[ColorScheme.Light, ColorScheme.Dark])
        {
            await page.EmulateMediaAsync(new() { ColorScheme = scheme });
            await page.ScreenshotAsync(new() { Path = Path.Combine(folder, $"{name} {scheme}.png"), FullPage = true });
        }
    }

    private Task OpenPasswordPageAsync(IPage page) => OpenPasswordPageAsync(page, Product.Regular);

    private async Task OpenPasswordPageAsync(IPage page, DemoPerson person)
    {
        await page.GotoAsync(new Uri(Product.Portal, "security-info").ToString());
        await page.GetByLabel("Name", new() { Exact = true }).FillAsync(person.Name);
        await page.GetByRole(AriaRole.Button, new() { Name = "Next" }).ClickAsync();
    }

    private async Task SendPasswordAsync(IPage page)
    {
        await OpenPasswordPageAsync(page);
        await page.GetByLabel("Password", new() { Exact = true }).FillAsync(Product.Regular.Password!);
        await page.GetByRole(AriaRole.Button, new() { Name = "Sign in", Exact = true }).ClickAsync();
    }

    private static async Task<string> NumberAsync(IPage page)
    {
        var number = page.Locator("#approval-number > [aria-hidden]");
        await Assertions.Expect(number).ToBeVisibleAsync();
        return await number.InnerTextAsync();
    }

    private static async Task ApproveAsync(IPage app, string number)
    {
        await app.GetByLabel("Number on the sign-in page").FillAsync(number);
        await app.GetByRole(AriaRole.Button, new() { Name = "Approve", Exact = true }).ClickAsync();
        await AuthenticatorWindow.GiveGestureAsync(app, "Approve");
    }
}
