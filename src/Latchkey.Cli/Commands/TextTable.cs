using System.Globalization;
using Latchkey.Protocol;
using Spectre.Console.Rendering;

namespace Latchkey.Cli.Commands;

/// <summary>
/// A table no cell of which is ever broken, nor cut before its second line: in a pipe, and on a terminal that is wide enough, a line for each row; on a narrower one a paragraph for
/// each row, with a line for each cell.
/// </summary>
internal static class TextTable
{
    private const string Gap = "  ";

    // Two lines of a narrow terminal: an ID is never longer, and a name is not longer for a person.
    private const int MostOfCell = 160;

    /// <summary>Writes it; what stands in the cells may come from anywhere.</summary>
    public static void Write(TextWriter output, string[] headings, IReadOnlyList<string[]> foreign)
    {
        var rows = foreign.Select(row => row.Select(cell => ForeignText.Of(cell, MostOfCell).Plain).ToArray()).ToList();
        var widths = headings.Select((heading, column) => rows.Select(row => WidthOf(row[column])).Append(WidthOf(heading)).Max()).ToArray();
        if (widths.Sum() + (Gap.Length * (widths.Length - 1)) <= Width)
        {
            foreach (var row in rows.Prepend(headings))
            {
                output.WriteLine(string.Join(Gap, row.Select((cell, column) => Padded(cell, widths[column]))).TrimEnd());
            }

            return;
        }

        var names = headings.Max(WidthOf);
        for (var row = 0; row < rows.Count; row++)
        {
            if (row > 0) output.WriteLine();
            foreach (var (heading, cell) in headings.Zip(rows[row]).Where(pair => pair.Second.Length > 0)) output.WriteLine($"{Padded(heading, names)}{Gap}{cell}");
        }
    }

    /// <summary>How many columns of a terminal a text takes.</summary>
    public static int WidthOf(string text) => Segment.CellCount([new Segment(text)]);

    public static string Padded(string text, int width) => text + new string(' ', Math.Max(0, width - WidthOf(text)));

    /// <summary>A pipe has no width, unless its owner says one as terminals do.</summary>
    private static int Width =>
        int.TryParse(Environment.GetEnvironmentVariable("COLUMNS"), NumberStyles.None, CultureInfo.InvariantCulture, out var said) && said > 0 ? said
        : Console.IsOutputRedirected ? int.MaxValue
        : Console.WindowWidth is > 0 and var width ? width : 80;
}
