using System.Text.Json;
using Latchkey.Scenarios.Capabilities;
using Microsoft.Playwright;

namespace Latchkey.Scenarios;

/// <summary>Both ends of hybrid on the command line, with no browser between them: one process is the computer, another the Authenticator.</summary>
[Covers(Way.CommandLine, Browser.None, Platform.Linux)]
public sealed class CommandLineMeetingScenarios(Product product) : Scenario(product)
{
    [Fact]
    public async Task A_passkey_is_registered_from_one_command_line_to_another_and_signs_in_the_same_way()
    {
        await using var stage = await Stage.SetWithoutBrowserAsync(Product);
        var vault = Product.NewDirectory("vault");

        await using (var register = stage.OnComputer("passkey", "register", "--server", Product.Portal.ToString(), "--cross-device", "--name", "Pocket"))
        {
            var page = await Product.NewPageAsync();
            await page.GotoAsync(await register.LineAsync("or open "));
            await page.SignInAsync(Product.Regular);
            await page.GetByRole(AriaRole.Button, new() { Name = "Allow", Exact = true }).ClickAsync();
            await using var answer = stage.Answer("FIDO:/" + await register.LineAsync("FIDO:/"), vault);
            Assert.True(0 == await register.ExitAsync(), register.Log + answer.Log);
            Assert.Contains("Passkey added: Pocket", register.Log, StringComparison.Ordinal);
            Assert.True(0 == await answer.ExitAsync(), answer.Log);
        }

        await using var signIn = stage.OnComputer("sign-in", "--server", Product.Portal.ToString(), "--cross-device", "--json");
        await using var signInAnswer = stage.Answer("FIDO:/" + await signIn.LineAsync("FIDO:/"), vault);
        Assert.True(0 == await signIn.ExitAsync(), signIn.Log + signInAnswer.Log);
        Assert.Contains("Signed in as", signIn.Log, StringComparison.Ordinal);
        Assert.NotEmpty(JsonDocument.Parse(signIn.Log.Split('\n').Last(line => line.StartsWith('{'))).RootElement.GetProperty("accessToken").GetString()!);
    }

    [Fact]
    public async Task Bluetooth_that_is_off_is_said_with_the_way_to_switch_it_on_at_either_end()
    {
        await using var stage = await Stage.SetWithoutBrowserAsync(Product);
        stage.ComputerBluetooth.SetPowered(false);
        await using var signIn = stage.OnComputer("sign-in", "--server", Product.Portal.ToString(), "--cross-device");
        Assert.Equal(1, await signIn.ExitAsync());
        Assert.Contains("Bluetooth is switched off", signIn.Log, StringComparison.Ordinal);

        stage.PhoneBluetooth.SetPowered(false);
        await using var answer = stage.Answer("FIDO:/" + await CodeOfAsync(stage), Product.NewDirectory("vault"));
        Assert.Equal(1, await answer.ExitAsync());
        Assert.Contains("bluetoothctl power on", answer.Log, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_no_on_the_Authenticator_ends_the_computers_command_with_words()
    {
        await using var stage = await Stage.SetWithoutBrowserAsync(Product);
        await using var signIn = stage.OnComputer("sign-in", "--server", Product.Portal.ToString(), "--cross-device");
        await using var answer = stage.Answer("FIDO:/" + await signIn.LineAsync("FIDO:/"), Product.NewDirectory("vault"));

        Assert.Equal(1, await signIn.ExitAsync());
        Assert.Contains("has no passkey for this server", signIn.Log, StringComparison.Ordinal);
    }

    private async Task<string> CodeOfAsync(Stage stage)
    {
        stage.ComputerBluetooth.SetPowered(true);
        await using var signIn = stage.OnComputer("sign-in", "--server", Product.Portal.ToString(), "--cross-device");
        return await signIn.LineAsync("FIDO:/");
    }
}
