using System.Text.Json;
using Latchkey.Scenarios.Capabilities;
using Microsoft.Playwright;

namespace Latchkey.Scenarios;

/// <summary>The Authenticator without a window: a code from the command line, a sign-in in any browser, and the passkey lives in a vault.</summary>
[Covers(Way.CommandLine, Browser.None, Platform.Linux)]
public sealed class HeadlessScenarios(Product product) : Scenario(product)
{
    private const string Pin = "passe-partout";

    [Fact]
    public async Task A_passkey_is_added_listed_tested_and_deleted_from_the_command_line()
    {
        var vault = Product.NewDirectory("vault");

        // the name the server gives by the model: our AAGUID is known there
        Assert.Contains("Passkey added: Latchkey Authenticator", await AddAsync(vault, Product.Regular), StringComparison.Ordinal);

        var passkey = JsonDocument.Parse((await RunAsync(0, "list", "--json", "--vault", vault)).Trim()).RootElement;
        Assert.Equal("confirmed", passkey.GetProperty("state").GetString());
        Assert.Equal("regular", passkey.GetProperty("userName").GetString());
        Assert.Contains("It works", await RunAsync(0, "test", "--vault", vault), StringComparison.Ordinal);
        Assert.Contains("Deleted on", await RunAsync(0, "delete", passkey.GetProperty("id").GetString()!, "--yes", "--vault", vault), StringComparison.Ordinal);
        Assert.Contains("holds no passkey", await RunAsync(1, "test", "--vault", vault), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_second_passkey_for_the_same_account_is_refused_with_the_name_of_the_first_and_made_with_replace()
    {
        var vault = Product.NewDirectory("vault");
        await AddAsync(vault, Product.Newcomer);

        Assert.Contains("already has a passkey for you", await AddAsync(vault, Product.Newcomer, exitCode: 1), StringComparison.Ordinal);
        Assert.Contains("It replaces", await AddAsync(vault, Product.Newcomer, exitCode: 0, "--replace"), StringComparison.Ordinal);
        Assert.Contains("It works", await RunAsync(0, "test", "--vault", vault), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_command_killed_before_its_acknowledgement_heals_at_the_next_one_whether_the_server_heard_of_it_or_not(bool serverHeard)
    {
        var vault = Product.NewDirectory("vault");
        await using (var line = new CutLine(Product.Portal, "POST /v1.0/me/authentication/fido2Methods", serverHeard))
        {
            await using var add = Product.CliWith(line.Environment, Pin, "authenticator", "add", "--server", Product.Portal.ToString(), "--vault", vault);
            await SignInAndAllowAsync(Product, add, Product.Admin);
            await line.Cut;
            await add.KillAsync();
            Assert.DoesNotContain("Passkey added", add.Log, StringComparison.Ordinal);
        }

        await Product.KillAndRestartServerAsync();
        var passkey = JsonDocument.Parse((await RunAsync(0, "list", "--json", "--vault", vault)).Trim()).RootElement;
        Assert.Equal("confirmed", passkey.GetProperty("state").GetString());
        Assert.Contains("It works", await RunAsync(0, "test", "--vault", vault), StringComparison.Ordinal);

        var id = passkey.GetProperty("id").GetString()!;
        await using (var line = new CutLine(Product.Portal, $"DELETE /v1.0/me/authentication/fido2Methods/{id}", serverHeard))
        {
            await using var delete = Product.CliWith(line.Environment, Pin, "authenticator", "delete", id, "--yes", "--vault", vault);
            await line.Cut;
            await delete.KillAsync();
            Assert.DoesNotContain("Deleted on", delete.Log, StringComparison.Ordinal);
        }

        passkey = JsonDocument.Parse((await RunAsync(0, "list", "--json", "--vault", vault)).Trim()).RootElement;
        Assert.Equal("recentlyDeleted", passkey.GetProperty("state").GetString());
    }

    [Fact]
    public async Task A_wrong_PIN_says_how_many_attempts_are_left()
    {
        var vault = Product.NewDirectory("vault");
        await using (var added = Product.Cli(Pin, "authenticator", "add", "--server", Product.Portal.ToString(), "--vault", vault))
        {
            await added.LineAsync("Open ");
        }

        await using var list = Product.Cli("wrong pin", "authenticator", "list", "--vault", vault);

        Assert.Equal(1, await list.ExitAsync());
        Assert.Contains("7 attempts are left", list.Log, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("http://localhost:1", "12345", 1, "The PIN needs at least 6 characters")]
    [InlineData("http://127.0.0.1:1", Pin, 2, "An IP address can have no passkeys")]
    [InlineData("http://example.org", Pin, 2, "it must be https with a name")]
    [InlineData("http://localhost:1", Pin, 1, "The server could not be reached")]
    public async Task What_cannot_be_added_is_said_with_a_way_out(string server, string pin, int exitCode, string words)
    {
        await using var add = Product.Cli(pin, "authenticator", "add", "--server", server, "--vault", Product.NewDirectory("vault"));

        Assert.Equal(exitCode, await add.ExitAsync());
        Assert.Contains(words, add.Log, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_a_vault_the_way_to_one_is_said() =>
        Assert.Contains("Make one with `latchkey authenticator add", await RunAsync(1, "list", "--vault", Product.NewDirectory("vault")), StringComparison.Ordinal);

    private async Task<string> AddAsync(string vault, DemoPerson person, int exitCode = 0, params string[] options)
    {
        await using var add = Product.Cli(Pin, ["authenticator", "add", "--server", Product.Portal.ToString(), "--vault", vault, .. options]);
        await SignInAndAllowAsync(Product, add, person);
        Assert.True(exitCode == await add.ExitAsync(), add.Log);
        return add.Log;
    }

    internal static async Task SignInAndAllowAsync(Product product, Running add, DemoPerson person)
    {
        var complete = await add.LineAsync("or open ");
        var page = await product.NewPageAsync();
        await page.GotoAsync(complete);
        await page.SignInAsync(person);
        await page.GetByRole(AriaRole.Button, new() { Name = "Allow", Exact = true }).ClickAsync();
        await Assertions.Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Done" })).ToBeVisibleAsync();
    }

    private static async Task<string> RunAsync(int exitCode, params string[] command)
    {
        await using var run = Product.Cli(Pin, ["authenticator", .. command]);
        Assert.True(exitCode == await run.ExitAsync(), run.Log);
        return run.Log;
    }
}
