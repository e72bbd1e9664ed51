using System.CommandLine;
using System.CommandLine.Parsing;

namespace Latchkey.Cli.Commands;

/// <summary>What is wrong with a command line, one line each, and where help is.</summary>
internal static class WrongUse
{
    /// <summary>Whether help was asked for: it is given whatever else is wrong.</summary>
    public static bool IsHelp(ParseResult parsed) => parsed.Tokens.Any(token => token is { Type: TokenType.Option, Value: "--help" or "-h" or "-?" or "/h" or "/?" });

    public static async Task<int> TellAsync(ParseResult parsed)
    {
        foreach (var problem in parsed.Errors.Select(Words).Distinct(StringComparer.Ordinal)) await Console.Error.WriteLineAsync(problem);
        await Console.Error.WriteLineAsync($"`{string.Join(' ', Path(parsed.CommandResult).Reverse())} --help` tells how to use it.");
        return ExitCode.WrongUse;
    }

    /// <summary>A value that is not what is wanted is told of by what would be; the parser names the program's own type.</summary>
    private static string Words(ParseError problem) => problem.SymbolResult switch
    {
        OptionResult { Option: var option } result when IsOfType(problem, option.ValueType) => $"{option.Name} takes {Kind(option.ValueType)}, and {Given(result)} is none.",
        ArgumentResult { Argument: var argument } result when IsOfType(problem, argument.ValueType) => $"{argument.Name} is {Kind(argument.ValueType)}, and {Given(result)} is none.",
        _ => problem.Message,
    };

    private static bool IsOfType(ParseError problem, Type type) => problem.Message.Contains(type.ToString(), StringComparison.Ordinal) || problem.Message.Contains("System.", StringComparison.Ordinal);

    private static string Given(SymbolResult result) => $"'{string.Join(' ', result.Tokens.Select(token => token.Value))}'";

    private static string Kind(Type type) => (Nullable.GetUnderlyingType(type) ?? type) switch
    {
        var one when one == typeof(int) => "a whole number",
        var one when one == typeof(ushort) => "a number from 0 to 65535",
        var one when one == typeof(bool) => "true or false",
        var one when one == typeof(DateTimeOffset) => "a time such as 2026-05-03T09:00",
        var one when one == typeof(Uri) => "an address",
        _ => "something else",
    };

    private static IEnumerable<string> Path(CommandResult? command)
    {
        for (; command is not null; command = command.Parent as CommandResult) yield return command.Parent is null ? "latchkey" : command.Command.Name;
    }
}
