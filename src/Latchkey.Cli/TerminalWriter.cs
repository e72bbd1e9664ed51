using System.Text;
using Latchkey.Protocol;

namespace Latchkey.Cli;

/// <summary>
/// What stands between every command and the terminal: whatever is printed, no character that controls a terminal or turns a line around
/// reaches it, wherever the text came from. Lines and columns are ours. (Names are cut and spelled out before, by <see cref="ForeignText"/>;
/// this is for what nobody thought of.)
/// </summary>
internal sealed class TerminalWriter(TextWriter terminal) : TextWriter(terminal.FormatProvider)
{
    private readonly StringBuilder _line = new();
    private Rune _base = new(' ');
    private char _high;

    public override Encoding Encoding => terminal.Encoding;

    /// <summary>Puts itself before both outputs.</summary>
    public static void Guard()
    {
        Console.SetOut(Synchronized(new TerminalWriter(Console.Out)));
        Console.SetError(Synchronized(new TerminalWriter(Console.Error)));
    }

    public override void Write(char value) => Write([value]);

    public override void Write(string? value) => Write(value.AsSpan());

    public override void Write(char[] buffer, int index, int count) => Write(buffer.AsSpan(index, count));

    public override void Write(ReadOnlySpan<char> buffer)
    {
        foreach (var c in buffer)
        {
            if (char.IsHighSurrogate(c))
            {
                Append(_high == 0 ? null : Rune.ReplacementChar);
                _high = c;
                continue;
            }

            var rune = Rune.TryCreate(_high, c, out var pair) ? pair : Rune.TryCreate(c, out var alone) ? alone : Rune.ReplacementChar;
            Append(_high != 0 && rune != pair ? Rune.ReplacementChar : null);
            _high = default;
            Append(rune);
        }

        terminal.Write(_line.ToString());
        _line.Clear();
    }

    public override void Flush() => terminal.Flush();

    private void Append(Rune? next)
    {
        if (next is not { } rune)
        {
            return;
        }

        if (rune.Value is '\n' or '\t' || (rune.Value is '\r' && Environment.NewLine is "\r\n") || ForeignText.IsShown(rune, _base))
        {
            _line.Append(rune);
        }
        else
        {
            _line.Append(ForeignText.Spelled(rune));
        }

        // What an emoji or a letter is made of may follow it.
        _base = Rune.GetUnicodeCategory(rune) is System.Globalization.UnicodeCategory.Format or System.Globalization.UnicodeCategory.NonSpacingMark ? _base : rune;
    }
}
