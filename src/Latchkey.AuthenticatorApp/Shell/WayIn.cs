using System.Net;
using Latchkey.Look;

namespace Latchkey.AuthenticatorApp.Shell;

/// <summary>What somebody sees who comes by a bookmark, an old tab or an address that was used: how to get in, and nothing else.</summary>
internal static class WayIn
{
    public static async Task ShowAsync(HttpContext context, int status)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "text/html; charset=utf-8";
        await context.Response.WriteAsync($"""
            <!DOCTYPE html>
            <html lang="en">
            <head>
              <meta charset="utf-8" />
              <meta name="viewport" content="width=device-width, initial-scale=1" />
              <meta name="color-scheme" content="light dark" />
              <title>{Text(ShellTexts.WayInTitle)} · {Text(ShellTexts.AppName)}</title>
              <link rel="icon" type="image/svg+xml" href="{EmbeddedFiles.AddressOf("look/latchkey.svg")}" />
              <link rel="stylesheet" href="{EmbeddedFiles.AddressOf("look/latchkey.css")}" />
            </head>
            <body class="card-page">
              <main class="card" id="main">
                <h1>{Text(ShellTexts.WayInTitle)}</h1>
                <p class="lead">{Text(ShellTexts.WayInWhy)}</p>
                <p>{Text(ShellTexts.WayInHow)}</p>
                <p>{Text(ShellTexts.WayInTerminal)}</p>
              </main>
            </body>
            </html>
            """);
    }

    private static string Text(string text) => WebUtility.HtmlEncode(text);
}
