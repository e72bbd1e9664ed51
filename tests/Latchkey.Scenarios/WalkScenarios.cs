using Latchkey.Scenarios.Capabilities;

namespace Latchkey.Scenarios;

/// <summary>The whole of the article's third way, as <c>./run --walk</c> performs it: portal, dialog, the phone's camera, Bluetooth, relay, PIN, name, sign-in.</summary>
[Covers(Way.AnotherDevice, Browser.Chromium, Platform.Linux)]
public sealed class WalkScenarios(Product product) : Scenario(product)
{
    [Fact]
    public async Task The_walk_by_QR_code_performs_all_its_steps_and_leaves_a_picture_of_each()
    {
        var pictures = Product.NewDirectory("pictures");
        var walk = Product.Start("Latchkey.Phone", "--system", "ios", "--server", Product.Portal.ToString(), "--data", Product.DataDirectory, "--walk", "--pictures", pictures);

        Assert.True(0 == await walk.ExitAsync(), walk.Log);
        Assert.EndsWith("18 of 18 steps", walk.Log.TrimEnd(), StringComparison.Ordinal);
        Assert.Equal(18, Directory.GetFiles(pictures, "*.png").Length);
    }
}
