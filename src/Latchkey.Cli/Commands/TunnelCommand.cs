using System.CommandLine;
using Latchkey.Hybrid.Advert;

namespace Latchkey.Cli.Commands;

/// <summary><c>latchkey tunnel</c>: the tunnel domains.</summary>
internal static class TunnelCommand
{
    public static Command Create() => new("tunnel", "Tells about tunnel domains: where Authenticators and browsers meet.") { Domain() };

    private static Command Domain()
    {
        var number = new Argument<ushort>("N") { Description = "0 and 1 are the phone vendors'; 256 to 65535 are anybody's who owns the name." };
        var json = CommandOutput.Option();
        var command = new Command("domain", "Prints the host name a tunnel domain stands for.") { number, json };
        command.SetAction(parsed => Print(parsed.GetRequiredValue(number), new(parsed.GetValue(json))));
        return command;
    }

    private static int Print(ushort number, CommandOutput output)
    {
        if (TunnelDomain.IsKnown(number))
        {
            var host = new TunnelDomain(number).HostName;
            output.Json(new() { ["tunnelDomain"] = number, ["host"] = host });
            if (!output.IsJson) Console.WriteLine(host);
            return ExitCode.Done;
        }

        Console.Error.WriteLine($"Nobody has been given tunnel domain {number}. Choose one from {TunnelDomain.FirstHashed} to {ushort.MaxValue}: their names are hashes, and anybody can register one.");
        return ExitCode.Failed;
    }
}
