using System.CommandLine;

namespace Latchkey.Cli.Commands;

/// <summary>The question before something is deleted.</summary>
internal static class Sure
{
    public static Option<bool> Option() => new("--yes") { Description = "Does it without asking." };

    /// <summary>Asks whoever sits at the terminal. Where nobody does, nobody has said so.</summary>
    /// <exception cref="NotDoneException">They are not.</exception>
    public static async Task DemandAsync(bool yes, string question, CancellationToken cancellation)
    {
        if (yes) return;
        if (Console.IsInputRedirected) throw new NotDoneException("Nothing was done: there is no terminal to ask at. With --yes it is done without asking.");
        await Console.Error.WriteAsync($"{question} [y/N] ");
        if ((await Console.In.ReadLineAsync(cancellation))?.Trim() is not ['y' or 'Y', ..]) throw new NotDoneException("Nothing was done.");
    }
}

/// <summary>The command did not do what it was asked; the message says why, to a person.</summary>
internal sealed class NotDoneException(string message) : Exception(message);
