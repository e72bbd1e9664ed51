using System.Text.Json;
using Latchkey.Scenarios.Capabilities;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Latchkey.Scenarios;

/// <summary>Relying parties written by others, an unmodified Chromium's QR code, and our Authenticator on the phone's side.</summary>
[Covers(Way.AnotherDevice, Browser.Chromium, Platform.Linux)]
public sealed class ForeignQrCodeScenarios(Product product) : Scenario(product)
{
    [Fact]
    public async Task Relying_parties_of_other_makers_register_and_sign_in_by_QR_code_and_the_key_counts_as_kept_at_once()
    {
        await using var stage = await Stage.SetAsync(Product);
        string? code = null;
        foreach (var library in (string[])["@simplewebauthn/server", "ASP.NET Core Identity"])
        {
            await using var party = await ForeignRelyingPartyTests.StartAsync(library);
            var vault = Product.NewDirectory("vault");
            await stage.Page.GotoAsync(party.Address.ToString());
            await stage.Page.GetByLabel("Name").FillAsync("ada");
            await stage.Page.GetByRole(AriaRole.Button, new() { Name = "Create a passkey" }).ClickAsync();
            code = await stage.ReadCodeAsync(code);
            await using (var answer = stage.Answer(code, vault))
            {
                Assert.Equal("confirmed", await StateAsync(answer));
            }

            // What the phone attested, a browser that was asked for nothing takes away; one that was asked hands it on.
            await Expect(stage.Page.GetByRole(AriaRole.Status)).ToHaveTextAsync(library[0] == '@' ? "Registered: ada, none, 0" : "Registered: ada, packed, 0");

            await stage.Page.GetByRole(AriaRole.Button, new() { Name = "Sign in" }).ClickAsync();
            code = await stage.ReadCodeAsync(code);
            await using var signIn = stage.Answer(code, vault);
            Assert.Null(await StateAsync(signIn));
            await Expect(stage.Page.GetByRole(AriaRole.Status)).ToHaveTextAsync("Signed in: ada, 0");
        }
    }

    /// <summary>What the Authenticator says of a new key at its end.</summary>
    private static async Task<string?> StateAsync(Running answer)
    {
        Assert.True(0 == await answer.ExitAsync(), answer.Log);
        using var line = JsonDocument.Parse(answer.Log.Split('\n').Last(line => line.StartsWith('{')));
        return line.RootElement.TryGetProperty("state", out var state) ? state.GetString() : null;
    }
}
