using System.CommandLine;

namespace Latchkey.Cli.Commands;

/// <summary>The warning before a person's last way to sign in goes, on the command line.</summary>
internal static class LastWay
{
    public const string NotDeleted = "It was not deleted: it is the last way to sign in. With --last it goes all the same.";

    public static Option<bool> Option() => new("--last") { Description = "Deletes it also if it is the last way to sign in; else that is asked about." };

    /// <summary>Asks whoever sits at the terminal; without one nobody has said so.</summary>
    public static async Task<bool> IsMeantAsync(string what, CancellationToken cancellation)
    {
        if (Console.IsInputRedirected)
        {
            return false;
        }

        await Console.Error.WriteAsync($"It is {what}: afterwards only an administrator can let them in. Delete it all the same? [y/N] ");
        return (await Console.In.ReadLineAsync(cancellation))?.Trim() is ['y' or 'Y', ..];
    }
}
