using System.CommandLine;
using Latchkey.Api.Fido2Methods;
using Latchkey.Client;
using Latchkey.Hybrid.Qr;
using Latchkey.Hybrid.Tunnel;
using Latchkey.Protocol;

namespace Latchkey.Cli.Commands;

/// <summary><c>latchkey passkey register --cross-device</c>: registers a passkey that another device makes.</summary>
internal static class PasskeyCommand
{
    public static Command Create() => new("passkey", "Registers passkeys from a computer without a browser.") { Register() };

    private static Command Register()
    {
        var server = ServerAddress.Option();
        var name = new Option<string?>("--name") { Description = "The passkey's display name. Default: what the server makes of the device.", HelpName = "NAME" };
        var (json, tunnel) = (CommandOutput.Option(), new TunnelConnectionOptions());
        var command = new Command("register", "Signs in with a code in any browser, and registers a passkey that another device makes.") { server, name, json };
        OtherDevice.AddSwitchTo(command);
        tunnel.AddTo(command);
        command.SetAction((parsed, cancellationToken) => ServerAddress.Root(parsed.GetRequiredValue(server)) is { } address
            ? OtherDeviceProblems.TellAsync(() => RegisterAsync(address, parsed.GetValue(name), new(parsed.GetValue(json)), tunnel.Connector(parsed), cancellationToken))
            : ServerAddress.WrongAsync(parsed.GetRequiredValue(server)));
        return command;
    }

    private static async Task<int> RegisterAsync(Uri server, string? name, CommandOutput output, TunnelConnector tunnels, CancellationToken cancellationToken)
    {
        using var http = AuthenticatorVault.Connect(server);
        var tokens = await DeviceSignIn.RunAsync(http, output, cancellationToken);
        using var signedIn = AuthenticatorVault.Connect(server);
        signedIn.DefaultRequestHeaders.Authorization = new("Bearer", tokens.AccessToken);
        var methods = new Fido2MethodsClient(signedIn);
        var options = (await methods.CreationOptionsAsync(cancellationToken)).PublicKey;

        await using var phone = await OtherDevice.ConnectAsync(HybridOperation.MakeCredential, tunnels, cancellationToken);
        var response = await new WebAuthnClient(phone, TimeProvider.System).CreateAsync(options, new(Origin.Of(server)), cancellationToken);
        var method = await methods.RegisterAsync(new(name, response), handoff: null, cancellationToken);
        output.Json(new() { ["id"] = method.Id, ["displayName"] = method.DisplayName });
        output.Say($"Passkey added: {ForeignText.Of(method.DisplayName).Plain} ({method.Id}).");
        return ExitCode.Done;
    }
}
