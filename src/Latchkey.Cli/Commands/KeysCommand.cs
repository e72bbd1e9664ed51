using System.CommandLine;

namespace Latchkey.Cli.Commands;

/// <summary><c>latchkey keys</c>: the keys the server signs, encrypts and seals with.</summary>
internal static class KeysCommand
{
    public static Command Create() => new("keys", "Looks after the server's own keys.") { Rotate() };

    private static Command Rotate() => AdministrationConnection.Command(
        "rotate", "Makes new keys for tokens and pending ceremonies. They take over when the server starts the next time.", [], async (client, _, output, cancellation) =>
        {
            await client.RotateKeysAsync(cancellation);
            await output.DoneAsync(
                "New keys are made. Restart the server: from then on it uses them. What the old ones issued stays good until it ends by itself, at most 90 days; they are deleted after that.",
                new() { ["restart"] = true });
        });
}
