using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Serialization;
using Latchkey.Api.Me;
using Latchkey.Api.OpenIdConnect;
using Latchkey.Api.Passkeys;
using Latchkey.Client;
using Latchkey.Hybrid.Qr;
using Latchkey.Hybrid.Tunnel;
using Latchkey.Protocol;

namespace Latchkey.Cli.Commands;

/// <summary><c>latchkey sign-in --cross-device</c>: signs in with a passkey on another device.</summary>
internal static class SignInCommand
{
    public static Command Create()
    {
        var server = ServerAddress.Option();
        var user = new Option<string?>("--user") { Description = "Whose passkey it must be. Default: whoever's the device offers.", HelpName = "NAME" };
        var json = new Option<bool>("--json") { Description = "Prints the tokens, as JSON, for the program that called. They open the account: keep them out of logs." };
        var tunnel = new TunnelConnectionOptions();
        var command = new Command("sign-in", "Signs in with a passkey on another device, and says as whom.") { server, user, json };
        OtherDevice.AddSwitchTo(command);
        tunnel.AddTo(command);
        command.SetAction((parsed, cancellationToken) => ServerAddress.Root(parsed.GetRequiredValue(server)) is { } address
            ? OtherDeviceProblems.TellAsync(() => SignInAsync(address, parsed.GetValue(user), parsed.GetValue(json), tunnel.Connector(parsed), cancellationToken))
            : ServerAddress.WrongAsync(parsed.GetRequiredValue(server)));
        return command;
    }

    private static async Task<int> SignInAsync(Uri server, string? user, bool json, TunnelConnector tunnels, CancellationToken cancellationToken)
    {
        using var http = AuthenticatorVault.Connect(server);
        var options = await new PasskeySignInClient(http).OptionsAsync(user, cancellationToken);

        await using var phone = await OtherDevice.ConnectAsync(HybridOperation.GetAssertion, tunnels, cancellationToken);
        var response = await new WebAuthnClient(phone, TimeProvider.System).GetAsync(options, new(Origin.Of(server)), chooseAccount: null, cancellationToken);
        var tokens = await new TokenClient(http, TimeProvider.System).SignInAsync(response, cancellationToken);

        using var signedIn = AuthenticatorVault.Connect(server);
        signedIn.DefaultRequestHeaders.Authorization = new("Bearer", tokens.AccessToken);
        var person = await new ProfileClient(signedIn).GetAsync(cancellationToken);
        await Console.Error.WriteLineAsync($"Signed in as {ForeignText.Of(person.DisplayName).Plain}, {ForeignText.Of(person.UserPrincipalName).Plain} ({ForeignText.Of(person.Organization).Plain}).");
        if (json) Console.WriteLine(JsonSerializer.Serialize(tokens, SignInJson.Default.TokenSet));
        return ExitCode.Done;
    }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(TokenSet))]
internal sealed partial class SignInJson : JsonSerializerContext;
