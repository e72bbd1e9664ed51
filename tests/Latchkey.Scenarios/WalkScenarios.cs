using Latchkey.Scenarios.Capabilities;

namespace Latchkey.Scenarios;

/// <summary>The article from end to end, as <c>./run --walk</c> performs it: each step says for itself whether it saw what it should.</summary>
internal static class Walk
{
    public static async Task PerformAsync(Product product, string system, int steps, string walks = "--walk")
    {
        await product.SetMeetingPointAsync();
        var pictures = product.NewDirectory("pictures");
        var walk = product.Start("Latchkey.Phone", "--system", system, "--server", product.Portal.ToString(), "--data", product.DataDirectory, walks, "--pictures", pictures);

        Assert.True(0 == await walk.ExitAsync(TimeSpan.FromMinutes(20)), walk.Log);
        Assert.EndsWith($"{steps} of {steps} steps", walk.Log.TrimEnd(), StringComparison.Ordinal);
        Assert.Equal(steps, Directory.GetFiles(pictures, "*.png").Length);
    }
}

[Covers(Way.InTheAuthenticator, Browser.Safari, Platform.Ios, Rehearsed = true)]
[Covers(Way.ThisDeviceBySystem, Browser.Safari, Platform.Ios, Rehearsed = true)]
[Covers(Way.AnotherDevice, Browser.Chromium, Platform.Linux)]
public sealed class IosWalkScenarios(Product product) : Scenario(product)
{
    [Fact]
    public Task Every_step_of_the_article_works_on_a_phone_with_iOS() => Walk.PerformAsync(Product, "ios", 40);
}

[Covers(Way.InTheAuthenticator, Browser.Chrome, Platform.Android, Rehearsed = true)]
[Covers(Way.ThisDeviceBySystem, Browser.Chrome, Platform.Android, Rehearsed = true)]
[Covers(Way.AnotherDevice, Browser.Chromium, Platform.Linux)]
public sealed class AndroidWalkScenarios(Product product) : Scenario(product)
{
    [Fact]
    public Task Every_step_of_the_article_works_on_a_phone_with_Android() => Walk.PerformAsync(Product, "android", 44);
}

[Covers(Way.InTheAuthenticator, Browser.Safari, Platform.Ios, Rehearsed = true)]
public sealed class OutcomesWalkScenarios(Product product) : Scenario(product)
{
    [Fact]
    public Task Three_people_sign_in_to_one_Authenticator_and_policy_gives_each_something_else() => Walk.PerformAsync(Product, "ios", 21, "--walk-outcomes");
}
