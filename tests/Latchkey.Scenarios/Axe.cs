using Microsoft.Playwright;

namespace Latchkey.Scenarios;

/// <summary>Looks at a page as axe does, in the light and in the dark, and keeps a picture of each where <c>LATCHKEY_PICTURES</c> says, if it does.</summary>
internal static class Axe
{
    private static readonly string Script = Read();

    /// <summary>Adds what axe finds on this page to <paramref name="found"/>, one line each.</summary>
    public static async Task LookAtAsync(this IPage page, string name, List<string> found)
    {
        await page.WaitForLoadStateAsync();
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

    /// <summary>
    /// The same for a page of the Authenticator, and then as somebody sees it who needs letters of twice the size on the narrowest screen: all of it
    /// must be there, with nothing to the right of the edge and nothing cut off.
    /// </summary>
    public static async Task LookAtAppAsync(this IPage page, string name, List<string> found)
    {
        await page.LookAtAsync(name, found);
        var size = page.ViewportSize!;
        await page.SetViewportSizeAsync(320, 640);
        await page.EvaluateAsync("document.documentElement.style.fontSize = '200%'");
        found.AddRange((await page.EvaluateAsync<string[]>("""
            () => {
              const wide = document.documentElement.scrollWidth > innerWidth ? [`${document.documentElement.scrollWidth} pixels wide`] : [];
              const cut = [...document.querySelectorAll('main *')]
                .filter(e => !e.closest('.visually-hidden, svg, .skip, input[type=file]') && e.checkVisibility() && getComputedStyle(e).display !== 'inline' && e.clientWidth > 0
                  && (e.scrollWidth > e.clientWidth + 2 || e.getBoundingClientRect().right > innerWidth + 1))
                .map(e => `cut off: ${e.tagName.toLowerCase()}.${e.className} "${(e.textContent ?? '').trim().slice(0, 40)}"`);
              return [...wide, ...cut];
            }
            """)).Select(fault => $"{name}, 200 %: {fault}"));
        if (Environment.GetEnvironmentVariable("LATCHKEY_PICTURES") is { Length: > 0 } folder)
        {
            await page.ScreenshotAsync(new() { Path = Path.Combine(folder, $"{name} 200 percent.png"), FullPage = true });
        }

        await page.EvaluateAsync("document.documentElement.style.fontSize = ''");
        await page.SetViewportSizeAsync(size.Width, size.Height);
    }

    private static string Read()
    {
        using var reader = new StreamReader(typeof(Axe).Assembly.GetManifestResourceStream("axe.min.js")!);
        return reader.ReadToEnd();
    }
}
