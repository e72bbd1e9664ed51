using System.Globalization;
using Latchkey.Protocol;
using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Latchkey.Server.Shell;

/// <summary>What forms and fetches of the portal have in common.</summary>
internal static class Forms
{
    /// <summary>Refuses a post that does not come from one of our own pages.</summary>
    public static TBuilder ValidateAntiforgery<TBuilder>(this TBuilder endpoints) where TBuilder : IEndpointConventionBuilder =>
        endpoints.AddEndpointFilter(async (invocation, next) =>
        {
            var context = invocation.HttpContext;
            if (HttpMethods.IsGet(context.Request.Method) || await context.RequestServices.GetRequiredService<IAntiforgery>().IsRequestValidAsync(context))
            {
                return await next(invocation);
            }

            if (!context.Request.HasFormContentType)
            {
                return Results.Json(new { code = "page_outdated", title = ShellTexts.PageOutdated }, statusCode: StatusCodes.Status400BadRequest);
            }

            context.Response.StatusCode = StatusCodes.Status400BadRequest;
            return new RazorComponentResult<MessagePage>(new
            {
                Title = ShellTexts.PageOutdatedTitle,
                Text = ShellTexts.PageOutdated,
                Href = context.Request.Path.StartsWithSegments("/security-info", StringComparison.Ordinal) ? "/security-info" : "/sign-in",
                Action = ShellTexts.StartAgain,
            })
            { StatusCode = StatusCodes.Status400BadRequest };
        });

    /// <summary>A field of the posted form, trimmed; empty when absent.</summary>
    public static async Task<string> FieldAsync(this HttpContext context, string name) =>
        (await context.Request.ReadFormAsync(context.RequestAborted))[name].ToString().Trim();

    /// <summary>The whole body: small, since the server limits what it takes.</summary>
    public static async Task<ReadOnlyMemory<byte>> ReadBodyAsync(this HttpContext context, CancellationToken cancellation)
    {
        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body, cancellation);
        return body.ToArray();
    }

    /// <summary>An address to return to, if it is one of ours; otherwise the list of sign-in methods.</summary>
    public static string LocalOr(string? address, string fallback = "/security-info") =>
        address is ['/', ..] && address is not (['/', '/', ..] or ['/', '\\', ..]) && !address.Any(char.IsControl) ? address : fallback;

    /// <summary>Fills the places of a text, with texts from outside as a person may see them.</summary>
    public static string With(this string text, params ReadOnlySpan<object?> values)
    {
        var shown = new object?[values.Length];
        for (var i = 0; i < shown.Length; i++)
        {
            shown[i] = values[i] is string value ? ForeignText.Of(value, ForeignText.Sentence) : values[i];
        }

        return string.Format(CultureInfo.CurrentCulture, text, shown);
    }
}
