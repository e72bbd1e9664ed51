using System.CommandLine;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using Latchkey.Api;
using Latchkey.Protocol;

namespace Latchkey.Cli.Commands;

/// <summary>What a command answers on standard output: words and tables for a person; with <c>--json</c> one JSON object a line, and nothing else, for a program.</summary>
/// <param name="isJson">Whether a program asked.</param>
internal sealed class CommandOutput(bool isJson)
{
    // Letters as they are: it goes to a pipe, and into no page.
    private static readonly JsonWriterOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    // Lists of names stand in one line too.
    private const int MostOfLine = 2000;

    public bool IsJson => isJson;

    public static Option<bool> Option() => new("--json") { Description = "Answers in JSON, for programs: one object a line." };

    /// <summary>A sentence that is the answer, or on the way to it. Beside JSON it stands on standard error.</summary>
    public void Say(string sentence) => (isJson ? Console.Error : Console.Out).WriteLine(sentence);

    /// <summary>For a program alone.</summary>
    public void Json(JsonObject facts)
    {
        if (isJson) Write(writer => facts.WriteTo(writer));
    }

    /// <inheritdoc cref="Json(JsonObject)"/>
    public void Json<T>(T value, JsonTypeInfo<T> type)
    {
        if (isJson) Write(writer => JsonSerializer.Serialize(writer, value, type));
    }

    /// <summary>What was done: a sentence on standard error, and who or what it was done to for a program.</summary>
    public async Task DoneAsync(string sentence, JsonObject facts)
    {
        await Console.Error.WriteLineAsync(sentence);
        Json(facts);
    }

    /// <summary>A list: a table, or a line of JSON for each.</summary>
    /// <param name="all">What is in it.</param>
    /// <param name="type">How it is written as JSON.</param>
    /// <param name="nothing">What is said when there is none.</param>
    /// <param name="columns">Heading and cell of each column.</param>
    public void List<T>(IReadOnlyList<T> all, JsonTypeInfo<T> type, string nothing, params (string Heading, Func<T, string?> Cell)[] columns)
    {
        foreach (var one in all) Json(one, type);
        if (isJson) return;
        if (all.Count == 0) Console.Error.WriteLine(nothing);
        else TextTable.Write(Console.Out, [.. columns.Select(column => column.Heading)], [.. all.Select(one => columns.Select(column => column.Cell(one) ?? "").ToArray())]);
    }

    /// <summary>One thing, a line for each of its sides; those without a value are left out.</summary>
    public void Show<T>(T value, JsonTypeInfo<T> type, params (string Name, string? Value)[] lines)
    {
        Json(value, type);
        if (isJson) return;
        var width = lines.Max(line => TextTable.WidthOf(line.Name));
        foreach (var (name, text) in lines.Where(line => line.Value is { Length: > 0 }))
        {
            Console.WriteLine($"{TextTable.Padded(name, width)}  {ForeignText.Of(text, MostOfLine).Plain}");
        }
    }

    /// <summary>The sentence a command ends with that did not do what was asked.</summary>
    public static async Task<int> FailAsync(string sentence)
    {
        await Console.Error.WriteLineAsync(sentence);
        return ExitCode.Failed;
    }

    /// <summary>A server's refusal in one line, with its code.</summary>
    public static string Describe(ApiException problem) => problem.NextStep is { } next ? $"{problem.Message} {next} ({problem.Code})" : $"{problem.Message} ({problem.Code})";

    private static void Write(Action<Utf8JsonWriter> write)
    {
        using var bytes = new MemoryStream();
        using (var writer = new Utf8JsonWriter(bytes, Plain)) write(writer);
        Console.WriteLine(System.Text.Encoding.UTF8.GetString(bytes.ToArray()));
    }
}
