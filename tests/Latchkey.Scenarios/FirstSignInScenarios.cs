using Microsoft.Playwright;

namespace Latchkey.Scenarios;

/// <summary>Each demo person's first sign-in, in a real browser.</summary>
public sealed class FirstSignInScenarios(Product product) : Scenario(product)
{
    [Theory]
    [InlineData("newcomer")]
    [InlineData("regular")]
    [InlineData("admin")]
    public async Task A_demo_person_signs_in_with_what_demo_txt_gives_and_sees_My_Security_info(string name)
    {
        var page = await Product.NewPageAsync();

        await page.OpenSecurityInfoAsync(Product, Product.People[name]);

        await Assertions.Expect(page.GetByRole(AriaRole.Link, new() { Name = "Add sign-in method" })).ToBeVisibleAsync();
    }
}
