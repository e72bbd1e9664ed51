using System.Text.Json;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Latchkey.Scenarios;

/// <summary>What an administrator says on the command line, and what people then find in the portal.</summary>
public sealed class PolicyScenarios(Product product) : Scenario(product)
{
    [Fact]
    public async Task A_method_withheld_on_the_command_line_is_not_listed_until_it_is_given_back()
    {
        var page = await Product.NewPageAsync();
        await page.OpenSecurityInfoAsync(Product, Product.Admin);
        var before = await PolicyAsync(null, 0, "show");
        var version = JsonDocument.Parse(before[before.IndexOf('{', StringComparison.Ordinal)..]).RootElement.GetProperty("version").GetRawText().Trim('"');

        Assert.Contains("would go on working", await PolicyAsync(Methods("""{"SoftwareOath":{"state":"disabled"}}"""), 0, "set", "-", "--dry-run"), StringComparison.Ordinal);
        Assert.Equal(before, await PolicyAsync(null, 0, "show"));
        await PolicyAsync(Methods("""{"SoftwareOath":{"state":"disabled"}}"""), 0, "set", "-", "--if-version", version);
        Assert.Contains("policy_version_mismatch", await PolicyAsync(Methods("{}"), 1, "set", "-", "--if-version", version), StringComparison.Ordinal);

        await page.GetByRole(AriaRole.Link, new() { Name = "Add sign-in method" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Radio, new() { Name = "Passkey in Authenticator" })).ToBeVisibleAsync();
        await Expect(page.GetByRole(AriaRole.Radio, new() { Name = "Authenticator code" })).ToHaveCountAsync(0);
        await PolicyAsync(Methods("""{"SoftwareOath":null}"""), 0, "set", "-");
        await page.ReloadAsync();
        await Expect(page.GetByRole(AriaRole.Radio, new() { Name = "Authenticator code" })).ToBeVisibleAsync();
    }

    [Fact]
    public async Task Who_must_have_a_passkey_is_led_into_the_wizard_and_out_again()
    {
        await PolicyAsync(Methods("""{"Fido2":{"includeTargets":[{"targetType":"group","id":"all_users","isRegistrationRequired":true}]}}"""), 0, "set", "-");
        try
        {
            var page = await Product.NewPageAsync();
            await VirtualAuthenticator.AddAsync(page);
            await page.GotoAsync(new Uri(Product.Portal, "security-info").ToString());
            await page.SignInAsync(Product.Newcomer);

            await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Your organisation requires a passkey" })).ToBeVisibleAsync();
            var found = new List<string>();
            await page.LookAtAsync("passkey required", found);
            Assert.Empty(found);
            await page.GetByRole(AriaRole.Link, new() { Name = "Add a passkey" }).ClickAsync();
            await page.GetByRole(AriaRole.Radio, new() { Name = "Passkey in this browser or on a security key" }).CheckAsync();
            await page.GetByRole(AriaRole.Button, new() { Name = "Add", Exact = true }).ClickAsync();
            await page.GetByRole(AriaRole.Button, new() { Name = "Create passkey" }).ClickAsync();

            await page.NameNewPasskeyAsync("First passkey");
            await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "My Security info" })).ToBeVisibleAsync();
        }
        finally
        {
            await PolicyAsync(Methods("""{"Fido2":null}"""), 0, "set", "-");
        }
    }

    private static string Methods(string methods) => "{\"authenticationMethodConfigurations\":" + methods + "}";

    private async Task<string> PolicyAsync(string? input, int exitCode, params string[] command)
    {
        await using var run = Product.Cli(input, ["policy", .. command, "--data", Product.DataDirectory]);
        Assert.True(exitCode == await run.ExitAsync(), run.Log);
        return run.Log;
    }
}
