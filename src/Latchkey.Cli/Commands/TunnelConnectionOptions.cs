using System.CommandLine;
using Latchkey.Hybrid.Tunnel;

namespace Latchkey.Cli.Commands;

/// <summary>The options of every command that meets another device: how the meeting point is reached when not by its public name.</summary>
internal sealed class TunnelConnectionOptions
{
    private readonly Option<Uri?> _address = new("--tunnel-url")
    {
        Description = "Where the tunnel service is, when it is not reached by its domain's name: wss://HOST[:PORT].",
        HelpName = "wss://…",
        CustomParser = result =>
        {
            if (Uri.TryCreate(result.Tokens[0].Value, UriKind.Absolute, out var address) && address.Scheme is "wss" or "ws") return address;
            result.AddError("--tunnel-url must begin with wss:// or ws://.");
            return null;
        },
    };

    private readonly Option<FileInfo?> _authority = new("--ca")
    {
        Description = "A PEM file of certificate authorities to trust for it, besides the system's.",
        HelpName = "FILE",
    };

    public void AddTo(Command command)
    {
        command.Options.Add(_address);
        command.Options.Add(_authority);
        command.Validators.Add(result =>
        {
            if (result.GetValue(_authority) is { Exists: false } missing) result.AddError($"There is no file {missing}.");
        });
    }

    public TunnelConnector Connector(ParseResult parsed) => new(new TunnelOptions { Address = parsed.GetValue(_address), CaFile = parsed.GetValue(_authority)?.FullName });
}
