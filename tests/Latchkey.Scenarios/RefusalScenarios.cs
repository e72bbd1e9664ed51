using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Latchkey.Scenarios;

/// <summary>What goes wrong is said in words, leaves nothing half done, and what can heal does.</summary>
public sealed class RefusalScenarios(Product product) : Scenario(product)
{
    private const string Completion = "**/security-info/passkeys";

    [Fact]
    public async Task A_wrong_code_is_said_and_a_used_one_is_no_better()
    {
        var page = await Product.NewPageAsync();
        await BeginSecondFactorAsync(page, Product.Admin);

        await SendCodeAsync(page, "000000");
        await Expect(page.GetByText("This code is not right, or was used already")).ToBeVisibleAsync();
        var code = await Product.Admin.NextCodeAsync();
        await SendCodeAsync(page, code);
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "My Security info" })).ToBeVisibleAsync();

        var other = await Product.NewPageAsync();
        await BeginSecondFactorAsync(other, Product.Admin);
        await SendCodeAsync(other, code);
        await Expect(other.GetByText("This code is not right, or was used already")).ToBeVisibleAsync();
    }

    [Fact]
    public async Task A_passkey_whose_server_dies_during_the_save_is_saved_when_it_is_back_while_the_page_is_open()
    {
        var page = await Product.NewPageAsync();
        var provider = await VirtualAuthenticator.AddAsync(page);
        await page.OpenSecurityInfoAsync(Product, Product.Regular);
        await page.ChooseMethodAsync("Passkey in this browser or on a security key");
        var (died, isBack) = (new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously), new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
        await page.RouteAsync(Completion, async route =>
        {
            if (died.Task.IsCompleted)
            {
                // the page tries for half a minute, and a slow machine starts no server in that time
                await isBack.Task;
            }
            else
            {
                await Product.KillServerAsync();
                died.TrySetResult();
            }

            await route.ContinueAsync();
        });

        await page.GetByRole(AriaRole.Button, new() { Name = "Create passkey" }).ClickAsync();
        await died.Task;
        await Expect(page.GetByText("The server did not answer. Trying again")).ToBeVisibleAsync();
        await Product.RestartServerAsync();
        isBack.SetResult();

        // the page tries again by itself
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Passkey created" })).ToBeVisibleAsync();
        Assert.Single(await provider.CredentialsAsync());
    }

    [Fact]
    public async Task The_same_response_sent_again_gets_the_same_answer()
    {
        var page = await Product.NewPageAsync();
        var provider = await VirtualAuthenticator.AddAsync(page);
        await page.OpenSecurityInfoAsync(Product, Product.Newcomer);
        await page.ChooseMethodAsync("Passkey in this browser or on a security key");
        var answers = new List<(int Status, string Body)>();
        await page.RouteAsync(Completion, async route =>
        {
            foreach (var _ in Enumerable.Range(0, 2))
            {
                var answer = await route.FetchAsync();
                answers.Add((answer.Status, await answer.TextAsync()));
            }

            await route.FulfillAsync(new() { Status = answers[^1].Status, Body = answers[^1].Body, ContentType = "application/json" });
        });

        await page.GetByRole(AriaRole.Button, new() { Name = "Create passkey" }).ClickAsync();
        await page.NameNewPasskeyAsync("Sent twice");

        Assert.Equal(200, answers[0].Status);
        Assert.Equal(answers[0], answers[1]);
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Sent twice" })).ToHaveCountAsync(1);
        Assert.Single(await provider.CredentialsAsync());
    }

    [Fact]
    public async Task A_passkey_begun_in_one_sign_in_and_finished_in_another_is_refused_and_the_browser_forgets_it()
    {
        var page = await Product.NewPageAsync();
        var provider = await VirtualAuthenticator.AddAsync(page);
        await page.OpenSecurityInfoAsync(Product, Product.Regular);
        await page.ChooseMethodAsync("Passkey in this browser or on a security key");
        await page.RouteAsync(Completion, async route =>
        {
            // a second tab of the same browser: signed out there, and signed in again
            var tab = await page.Context.NewPageAsync();
            await tab.GotoAsync(new Uri(Product.Portal, "security-info").ToString());
            await tab.SignOutAsync();
            await tab.OpenSecurityInfoAsync(Product, Product.Admin);
            await tab.CloseAsync();
            await route.ContinueAsync();
        });

        await page.GetByRole(AriaRole.Button, new() { Name = "Create passkey" }).ClickAsync();

        await Expect(page.GetByRole(AriaRole.Button, new() { Name = "Try again" })).ToBeVisibleAsync();
        await provider.HoldsNoneAsync();
    }

    private async Task BeginSecondFactorAsync(IPage page, DemoPerson person)
    {
        await page.GotoAsync(new Uri(Product.Portal, "security-info").ToString());
        await page.GetByLabel("Name", new() { Exact = true }).FillAsync(person.Name);
        await page.GetByRole(AriaRole.Button, new() { Name = "Next" }).ClickAsync();
        await SendPasswordAsync(page, person.Password!);
    }

    private static async Task SendPasswordAsync(IPage page, string password)
    {
        await page.GetByLabel("Password", new() { Exact = true }).FillAsync(password);
        await page.GetByRole(AriaRole.Button, new() { Name = "Sign in", Exact = true }).ClickAsync();
    }

    private static async Task SendCodeAsync(IPage page, string code)
    {
        await page.GetByLabel("Code", new() { Exact = true }).FillAsync(code);
        await page.GetByRole(AriaRole.Button, new() { Name = "Verify" }).ClickAsync();
    }
}
