using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Latchkey.Scenarios;

/// <summary>A device is lost, and a new one has what may be on it.</summary>
public sealed class BackupScenarios(Product product) : Scenario(product)
{
    private const string Passphrase = "lantern walrus copper tuesday";

    [Fact]
    public async Task A_backup_brings_codes_and_accounts_to_a_new_Authenticator_and_to_the_command_line_and_no_passkey()
    {
        var authenticator = await AuthenticatorWindow.OpenAsync(Product);
        await AuthenticatorScenarios.AddPasskeyAsync(authenticator, Product.Regular);
        var page = authenticator.Page;
        await page.GetByRole(AriaRole.Link, new() { Name = "Authenticator" }).ClickAsync();
        await page.GetByRole(AriaRole.Link, new() { Name = "Codes" }).ClickAsync();
        await page.GetByRole(AriaRole.Link, new() { Name = "Add codes" }).First.ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Paste its text" }).ClickAsync();
        await page.GetByLabel("The text of the code").FillAsync("otpauth://totp/Example:ada?secret=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP");
        await page.GetByRole(AriaRole.Button, new() { Name = "Continue" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Codes for Example are here" })).ToBeVisibleAsync();

        await OpenBackupAsync(page);
        await Expect(page.GetByText("Your passkeys are not in it")).ToBeVisibleAsync();
        var making = page.GetByRole(AriaRole.Form, new() { Name = "Make a backup" });
        await making.GetByLabel("Passphrase for the backup").FillAsync("123456789012");
        await making.GetByLabel("The passphrase again").FillAsync("123456789012");
        await making.GetByLabel("Your PIN").FillAsync(AuthenticatorWindow.Pin);
        await making.GetByRole(AriaRole.Button).ClickAsync();
        await Expect(page.GetByText("too easy to guess")).ToBeVisibleAsync();
        await making.GetByLabel("Passphrase for the backup").FillAsync(Passphrase);
        await making.GetByLabel("The passphrase again").FillAsync(Passphrase);
        await making.GetByLabel("Your PIN").FillAsync(AuthenticatorWindow.Pin);
        var download = await page.RunAndWaitForDownloadAsync(() => making.GetByRole(AriaRole.Button).ClickAsync());
        await Expect(page.GetByText("The backup was made, without your passkeys")).ToBeVisibleAsync();
        var file = Product.NewDirectory("backup") + ".latchkey-backup";
        await download.SaveAsAsync(file);

        var other = (await AuthenticatorWindow.OpenAsync(Product)).Page;
        await other.GetByRole(AriaRole.Link, new() { Name = "Restore a backup" }).ClickAsync();
        await RestoreAsync(other, file, "lantern walrus copper monday");
        await Expect(other.GetByText("That is not the passphrase of this backup.")).ToBeVisibleAsync();
        await RestoreAsync(other, file, Passphrase);
        await Expect(other.GetByText("Restored. Codes: 2. Accounts: 1.")).ToBeVisibleAsync();
        await RestoreAsync(other, file, Passphrase);
        await Expect(other.GetByText("Restored. Codes: 0. Accounts: 0.")).ToBeVisibleAsync();
        await other.GetByRole(AriaRole.Link, new() { Name = "Authenticator" }).ClickAsync();
        await other.GetByRole(AriaRole.Link, new() { Name = "Latchkey demo" }).ClickAsync();
        await Expect(other.GetByText("Your sign-in to")).ToBeVisibleAsync();
        await Expect(other.GetByRole(AriaRole.Button, new() { Name = "Create a passkey" })).ToBeVisibleAsync();

        var vault = Product.NewDirectory("restored");
        await using var wrong = Product.Cli($"{AuthenticatorWindow.Pin}\nlantern walrus copper monday\n", "authenticator", "restore", file, "--vault", vault);
        Assert.Equal(1, await wrong.ExitAsync());
        Assert.Contains("The passphrase is another one", wrong.Log, StringComparison.Ordinal);
        Assert.False(Directory.Exists(vault)); // no vault that nobody wanted
        await using var cli = Product.Cli($"{AuthenticatorWindow.Pin}\n{Passphrase}\n", "authenticator", "restore", file, "--vault", vault);
        Assert.Equal(0, await cli.ExitAsync());
        Assert.Contains("Restored. Codes: 2. Accounts: 1.", cli.Log, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_press_on_restore_counts_whatever_the_page_has_heard_of_the_file_and_without_one_it_says_what_is_missing()
    {
        var page = (await AuthenticatorWindow.OpenAsync(Product)).Page;
        await OpenBackupAsync(page);
        // As when the page is new and the machine busy: that a file was chosen is said to nobody.
        await page.EvaluateAsync("() => document.addEventListener('change', event => { if (event.target.type === 'file') event.stopImmediatePropagation(); }, { capture: true })");
        var restoring = page.GetByRole(AriaRole.Form, new() { Name = "Restore a backup" });
        await page.EvaluateAsync("() => { for (const form of document.forms) form.noValidate = true; }");

        await restoring.GetByLabel("Its passphrase").FillAsync(Passphrase);
        await restoring.GetByRole(AriaRole.Button, new() { Name = "Restore" }).ClickAsync();
        await Expect(page.GetByText("No file is chosen yet.")).ToBeVisibleAsync();
        await Expect(restoring.GetByLabel("Its passphrase")).ToHaveValueAsync(Passphrase);

        var file = Product.NewDirectory("backup") + ".latchkey-backup";
        await File.WriteAllTextAsync(file, "no backup", TestContext.Current.CancellationToken);
        await RestoreAsync(page, file, Passphrase);
        await Expect(page.GetByText("That file is no backup of an Authenticator.")).ToBeVisibleAsync();
    }

    [Fact]
    public async Task A_press_while_the_Authenticator_stands_still_counts_when_it_goes_on()
    {
        var authenticator = await AuthenticatorWindow.OpenAsync(Product);
        var page = authenticator.Page;
        await OpenBackupAsync(page);
        var file = Product.NewDirectory("backup") + ".latchkey-backup";
        await File.WriteAllTextAsync(file, "no backup", TestContext.Current.CancellationToken);

        await authenticator.StandStillAsync(() => RestoreAsync(page, file, Passphrase));

        await Expect(page.GetByText("That file is no backup of an Authenticator.")).ToBeVisibleAsync();
    }

    [Fact]
    public async Task A_press_that_fails_says_so_and_one_on_a_page_whose_Authenticator_is_gone_is_not_possible()
    {
        var authenticator = await AuthenticatorWindow.OpenAsync(Product);
        var page = authenticator.Page;
        await page.GetByRole(AriaRole.Link, new() { Name = "Settings" }).ClickAsync();
        var elsewhere = Product.NewDirectory("elsewhere");
        Directory.Move(authenticator.Data, elsewhere);
        await page.GetByLabel("Lock by itself after").SelectOptionAsync("15 minutes without anybody there");

        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "That did not work" })).ToBeVisibleAsync();
        Directory.Move(elsewhere, authenticator.Data);
        await page.GetByRole(AriaRole.Button, new() { Name = "Show the page again" }).ClickAsync();
        await page.GetByLabel("Lock by itself after").SelectOptionAsync("15 minutes without anybody there");
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Settings" })).ToBeVisibleAsync();

        await authenticator.KillProgramAsync();
        await Expect(page.GetByText("The Authenticator is not answering")).ToBeVisibleAsync();
        await Expect(page.Locator(".phone")).ToHaveJSPropertyAsync("inert", true);
    }

    private static async Task OpenBackupAsync(IPage page)
    {
        await page.GetByRole(AriaRole.Link, new() { Name = "Settings" }).ClickAsync();
        await page.GetByRole(AriaRole.Link, new() { Name = "Backup and restore" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Backup", Exact = true })).ToBeVisibleAsync();
    }

    private static async Task RestoreAsync(IPage page, string file, string passphrase)
    {
        var restoring = page.GetByRole(AriaRole.Form, new() { Name = "Restore a backup" });
        await restoring.GetByLabel("The backup file").SetInputFilesAsync(file);
        await restoring.GetByLabel("Its passphrase").FillAsync(passphrase);
        await restoring.GetByRole(AriaRole.Button, new() { Name = "Restore" }).ClickAsync();
    }
}
