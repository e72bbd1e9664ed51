using System.CommandLine;
using Latchkey.Api;

namespace Latchkey.Cli.Commands;

/// <summary><c>--server URL</c>: the root of a server that can have passkeys.</summary>
internal static class ServerAddress
{
    public static Option<string> Option() => new("--server") { Description = "The server's address.", HelpName = "URL", Required = true };

    /// <summary>The root; null for anything that can have no passkeys.</summary>
    public static Uri? Root(string text) => CanonicalAddress.TryParse(text, cut: true, out var address, out _) ? address : null;

    public static async Task<int> WrongAsync(string text)
    {
        await Console.Error.WriteLineAsync($"{text} is no server address: it must be https with a name, or http on localhost. An IP address can have no passkeys.");
        return ExitCode.WrongUse;
    }
}
