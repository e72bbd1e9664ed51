using System.Text;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;

namespace Latchkey.Server.Hosting;

/// <summary>Makes of a request what the rest may rely on: HEAD is GET without a body, and a form that is there can be read.</summary>
internal static class ReadableRequests
{
    /// <summary>RFC 9110 §9.3.2: HEAD is answered like GET, but for the content.</summary>
    public static void UseHeadLikeGet(this IApplicationBuilder app) => app.Use((context, next) =>
    {
        if (HttpMethods.IsHead(context.Request.Method))
        {
            context.Request.Method = HttpMethods.Get;
            context.Response.Body = Stream.Null;
        }

        return next(context);
    });

    /// <summary>JSON in an encoding there is none of is refused before anybody tries to read it.</summary>
    public static void UseKnownEncodings(this IApplicationBuilder app) => app.Use((context, next) =>
    {
        if (!context.Request.HasJsonContentType() || MediaTypeHeaderValue.TryParse(context.Request.ContentType, out var type) is false || IsKnown(type.Charset))
        {
            return next(context);
        }

        context.Response.StatusCode = StatusCodes.Status415UnsupportedMediaType;
        return Task.CompletedTask;
    });

    private static bool IsKnown(StringSegment charset)
    {
        try
        {
            return charset.Length == 0 || Encoding.GetEncoding(HeaderUtilities.RemoveQuotes(charset).ToString()) is not null;
        }
        catch (Exception unknown) when (unknown is ArgumentException or NotSupportedException)
        {
            return false;
        }
    }

    /// <summary>Reads a form before anybody else does, once: what is no form (<c>%00</c>, a broken part, too many fields) is answered with 400 here, not by whoever trips over it.</summary>
    public static void UseReadableForms(this IApplicationBuilder app) => app.Use(async (context, next) =>
    {
        if (context.Request.HasFormContentType)
        {
            try
            {
                await context.Request.ReadFormAsync(context.RequestAborted);
            }
            catch (Exception malformed) when (malformed is InvalidDataException or InvalidOperationException or ArgumentException || malformed.GetType() == typeof(IOException))
            {
                context.Response.StatusCode = StatusCodes.Status400BadRequest;
                return;
            }
        }

        else
        {
            context.Features.Set<IFormFeature>(new NoForm()); // who asks for a field gets none, instead of an exception
        }

        await next(context);
    });

    private sealed class NoForm : IFormFeature
    {
        public bool HasFormContentType => false;

        public IFormCollection? Form { get; set; } = FormCollection.Empty;

        public IFormCollection ReadForm() => Form!;

        public Task<IFormCollection> ReadFormAsync(CancellationToken cancellationToken) => Task.FromResult(Form!);
    }
}
