using System.Collections.Frozen;
using System.Reflection;
using System.Security.Cryptography;
using Microsoft.Net.Http.Headers;

#pragma warning disable IDE0130 // linked into two programs, at home in neither
namespace Latchkey.Look;

/// <summary>Style sheet, icons and scripts, embedded in the program, so that it serves them from whatever folder it is started in.</summary>
internal static class EmbeddedFiles
{
    private static readonly FrozenDictionary<string, EmbeddedFile> Files = Load();

    /// <summary>Answers <c>/look/NAME</c> and <c>/assets/NAME</c>.</summary>
    public static void MapEmbeddedFiles(this IEndpointRouteBuilder app)
    {
        app.MapGet("/look/{name}", (string name) => Serve("look/" + name));
        app.MapGet("/assets/{name}", (string name) => Serve("assets/" + name));
    }

    /// <summary>The address of a file, with a mark of its contents so that a new version is fetched at once.</summary>
    public static string AddressOf(string path) =>
        Files.TryGetValue(path, out var file) ? $"/{path}?v={file.Mark}" : throw new ArgumentException($"No embedded file {path}", nameof(path));

    private static IResult Serve(string path) =>
        Files.TryGetValue(path, out var file)
            ? Results.Bytes(file.Bytes, file.ContentType, entityTag: new EntityTagHeaderValue($"\"{file.Mark}\""))
            : Results.NotFound();

    private static FrozenDictionary<string, EmbeddedFile> Load()
    {
        var assembly = typeof(EmbeddedFiles).Assembly;
        return assembly.GetManifestResourceNames()
            .Where(name => name.StartsWith("look/", StringComparison.Ordinal) || name.StartsWith("assets/", StringComparison.Ordinal))
            .ToFrozenDictionary(name => name, name => Read(assembly, name), StringComparer.Ordinal);
    }

    private static EmbeddedFile Read(Assembly assembly, string name)
    {
        using var stream = assembly.GetManifestResourceStream(name)!;
        var bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        var contentType = Path.GetExtension(name) switch
        {
            ".css" => "text/css; charset=utf-8",
            ".js" => "text/javascript; charset=utf-8",
            ".svg" => "image/svg+xml",
            ".json" => "application/json",
            _ => "application/octet-stream",
        };
        return new EmbeddedFile(bytes, contentType, Convert.ToHexStringLower(SHA256.HashData(bytes).AsSpan(0, 6)));
    }

    private sealed record EmbeddedFile(byte[] Bytes, string ContentType, string Mark);
}
