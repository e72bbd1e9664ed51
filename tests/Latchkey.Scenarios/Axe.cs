using Microsoft.Playwright;

namespace Latchkey.Scenarios;

/// <summary>Looks at a page as axe does, in the light and in the dark, and keeps a picture of each where <c>LATCHKEY_PICTURES</c> says, if it does.</summary>
internal static class Axe
{
    private static readonly string Script = Read();

    /// <summary>Adds what axe finds on this page to <paramref name="found"/>, one line each.</summary>
    public static async Task LookAtAsync(this IPage page, string name, List<string> found)
    {
        await page.EvaluateAsync(Script);
        foreach (var scheme in (ColorScheme[])[ColorScheme.Light, ColorScheme.Dark])
        {
            // without motion, so that no colour is caught on its way to another
            await page.EmulateMediaAsync(new() { ColorScheme = scheme, ReducedMotion = ReducedMotion.Reduce });
            found.AddRange((await page.EvaluateAsync<string[]>("""
                async () => (await axe.run(document, { resultTypes: ['violations'] })).violations
                    .map(violation => `${violation.id}: ${violation.help} (${violation.nodes.map(node => node.target.join(' ')).join(', ')})`)
                """)).Select(violation => $"{name}, {scheme}: {violation}"));
            if (Environment.GetEnvironmentVariable("LATCHKEY_PICTURES") is { Length: > 0 } folder)
            {
                await page.ScreenshotAsync(new() { Path = Path.Combine(folder, $"{Path.GetFileName(name.Replace('?', ' '))} {page.ViewportSize?.Width} {scheme}.png"), FullPage = true });
            }
        }
    }

    private static string Read()
    {
        using var reader = new StreamReader(typeof(Axe).Assembly.GetManifestResourceStream("axe.min.js")!);
        return reader.ReadToEnd();
    }
}
