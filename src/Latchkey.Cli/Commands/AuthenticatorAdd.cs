using System.CommandLine;
using Latchkey.Accounts;
using Latchkey.Api.OpenIdConnect;
using Latchkey.Client;

namespace Latchkey.Cli.Commands;

/// <summary><c>latchkey authenticator add --server URL</c>: signs in through a browser anywhere, and makes a passkey here.</summary>
internal static class AuthenticatorAdd
{
    public static Command Create()
    {
        var server = new Option<string>("--server") { Description = "The server's address.", HelpName = "URL", Required = true };
        var replace = new Option<bool>("--replace") { Description = "Replaces the passkey this vault already holds for the account, once the server has accepted the new one." };
        var code = new Option<string?>("--code") { Description = "The short code the portal shows, so that its page sees the passkey arrive.", HelpName = "XXXX-XXXX" };
        var vault = new VaultOptions();
        var command = new Command("add", "Signs in with a code in any browser, and makes a passkey in this vault.") { server, replace, code };
        vault.AddTo(command);
        command.SetAction((parsed, cancellationToken) => Address(parsed.GetRequiredValue(server)) is { } address
            ? AuthenticatorVault.RunAsync(vault, parsed, create: true, opened => AddAsync(opened, address, parsed.GetValue(replace), parsed.GetValue(code), cancellationToken), cancellationToken)
            : WrongServerAsync(parsed.GetRequiredValue(server)));
        return command;
    }

    private static async Task<int> AddAsync(AuthenticatorVault vault, Uri server, bool replace, string? code, CancellationToken cancellationToken)
    {
        vault.Gesture.Replace = replace;
        using var http = AuthenticatorVault.Connect(server);
        var tokens = new TokenClient(http, TimeProvider.System);
        var device = await tokens.BeginDeviceAsync(cancellationToken);
        Console.WriteLine($"Open {device.VerificationUri} in a browser and enter {device.UserCode}");
        if (device.VerificationUriComplete is { } complete) Console.WriteLine($"or open {complete}");
        Console.WriteLine("Waiting for you to sign in with your second factor …");

        var account = await vault.Accounts.AddAsync(server, await tokens.WaitForDeviceAsync(device, cancellationToken), cancellationToken);
        Console.WriteLine($"Signed in as {account.UserName} ({account.Organisation}).");
        var outcome = await vault.Registration.RegisterAsync(account, replace, code, cancellationToken);
        switch (outcome)
        {
            case RegistrationOutcome.Registered registered:
                Console.WriteLine($"Passkey added: {registered.Method.DisplayName} ({registered.Method.Id}). It lives in this vault and nowhere else.");
                if (registered.Replaced is { } old) Console.WriteLine($"It replaces {old.DisplayName ?? old.Id.ToString()}, which is kept among the recently deleted for 30 days.");
                return ExitCode.Done;
            case RegistrationOutcome.AlreadyRegistered(var existing):
                return await AuthenticatorVault.FailAsync(
                    $"This vault already has a passkey for you: {existing.DisplayName ?? existing.Id.ToString()}, added {existing.CreatedAt.LocalDateTime:d MMMM yyyy}. Try it with `latchkey authenticator test`, or make a new one with --replace.");
            case RegistrationOutcome.Outstanding(_, var problem):
                return await AuthenticatorVault.FailAsync($"The passkey is made, but the server has not answered: {AuthenticatorVault.Describe(problem)} Any `latchkey authenticator` command asks again.");
            case RegistrationOutcome.Refused(var problem):
                return await AuthenticatorVault.FailAsync($"The server refused: {AuthenticatorVault.Describe(problem)}");
            default:
                return await AuthenticatorVault.FailAsync("No passkey was made.");
        }
    }

    /// <summary>The root of a server that can have passkeys; null for anything else.</summary>
    private static Uri? Address(string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var address) && address.Scheme is "https" or "http" && Origin.Of(address).HasEffectiveDomain
            ? new(address.GetLeftPart(UriPartial.Authority) + "/")
            : null;

    private static async Task<int> WrongServerAsync(string text)
    {
        await Console.Error.WriteLineAsync($"{text} is no server address: it must be https with a name, or http on localhost. An IP address can have no passkeys.");
        return ExitCode.WrongUse;
    }
}
