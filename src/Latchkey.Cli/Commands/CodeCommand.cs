using System.CommandLine;
using OtpNet;

namespace Latchkey.Cli.Commands;

/// <summary><c>latchkey code</c>: the current code of a demo person, from the secret in <c>demo.txt</c>. Nobody else's secret is known to anyone.</summary>
internal static class CodeCommand
{
    public static Command Create()
    {
        var name = new Argument<string>("NAME") { Description = "regular or admin." };
        var data = AdministrationConnection.DataOption();
        var json = CommandOutput.Option();
        var command = new Command("code", "Prints a demo person's current authenticator code.") { name, data, json };
        command.SetAction(parsed => Print(AdministrationConnection.Directory(parsed.GetValue(data)), parsed.GetRequiredValue(name), new(parsed.GetValue(json))));
        return command;
    }

    private static int Print(string directory, string name, CommandOutput output)
    {
        string[] places = [Path.Combine(directory, "demo.txt"), Path.Combine(directory, "server", "demo.txt")];
        if (Array.Find(places, File.Exists) is not { } file)
        {
            Console.Error.WriteLine($"There is no demo.txt in {directory}. Start the demo organisation with ./run, or name its data directory with --data.");
            return ExitCode.Failed;
        }

        foreach (var line in File.ReadLines(file))
        {
            if (line.Split(' ', StringSplitOptions.RemoveEmptyEntries) is [var person, "totp-secret", var secret] && person == name)
            {
                var code = new Totp(Base32Encoding.ToBytes(secret)).ComputeTotp();
                output.Json(new() { ["name"] = name, ["code"] = code });
                if (!output.IsJson) Console.WriteLine(code);
                return ExitCode.Done;
            }
        }

        Console.Error.WriteLine($"{name} has no authenticator in the demo organisation.");
        return ExitCode.Failed;
    }
}
