using System.CommandLine;
using Latchkey.Api;
using Latchkey.Api.Administration;

namespace Latchkey.Cli.Commands;

/// <summary>The way to the running server: the socket in its data directory.</summary>
internal static class AdministrationConnection
{
    private const string Variable = "LATCHKEY_DATA";

    public static Option<string?> DataOption() => new("--data")
    {
        Description = $"The data directory of the server, or of ./run. Default: ${Variable}, else ./data.",
        HelpName = "DIR",
    };

    public static string Directory(string? given) => given ?? Environment.GetEnvironmentVariable(Variable) ?? "data";

    /// <summary>Runs one command against the server; a refusal is one sentence on standard error.</summary>
    public static async Task<int> RunAsync(string? data, Func<AdministrationClient, Task> act)
    {
        var directory = Directory(data);
        string[] places = [Path.Combine(directory, "server", AdministrationClient.SocketName), Path.Combine(directory, AdministrationClient.SocketName)];
        if (Array.Find(places, File.Exists) is not { } socket)
        {
            return await CommandOutput.FailAsync($"No server runs on {directory}. Start it with ./run, or name its data directory with --data.");
        }

        using var http = AdministrationClient.OverSocket(socket);
        try
        {
            await act(new AdministrationClient(http));
            return ExitCode.Done;
        }
        catch (ApiException problem)
        {
            return await CommandOutput.FailAsync(problem.Code == ApiException.Unreachable
                ? $"The server on {directory} does not answer, or you are not the account it runs under."
                : CommandOutput.Describe(problem));
        }
        catch (Exception problem) when (problem is NotDoneException or IOException or UnauthorizedAccessException)
        {
            return await CommandOutput.FailAsync(problem.Message); // not wanted after all, or a file it was given can't be read
        }
    }

    /// <summary>A command that speaks to the server.</summary>
    public static Command Command(
        string name, string description, IEnumerable<Symbol> symbols, Func<AdministrationClient, ParseResult, CommandOutput, CancellationToken, Task> act)
    {
        var (data, json) = (DataOption(), CommandOutput.Option());
        var command = new Command(name, description);
        foreach (var symbol in symbols)
        {
            if (symbol is Argument argument) command.Arguments.Add(argument);
            else command.Options.Add((Option)symbol);
        }

        command.Options.Add(json);
        command.Options.Add(data);
        command.SetAction((parsed, cancellationToken) =>
            RunAsync(parsed.GetValue(data), client => act(client, parsed, new CommandOutput(parsed.GetValue(json)), cancellationToken)));
        return command;
    }
}
