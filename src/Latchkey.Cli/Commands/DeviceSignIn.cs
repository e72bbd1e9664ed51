using Latchkey.Api.OpenIdConnect;

namespace Latchkey.Cli.Commands;

/// <summary>A sign-in that is finished in any browser: shows the address and the code, and waits.</summary>
internal static class DeviceSignIn
{
    public static async Task<TokenSet> RunAsync(HttpClient http, CommandOutput output, CancellationToken cancellationToken)
    {
        var tokens = new TokenClient(http, TimeProvider.System);
        var device = await tokens.BeginDeviceAsync(cancellationToken);
        output.Say($"Open {device.VerificationUri} in a browser and enter {device.UserCode}");
        if (device.VerificationUriComplete is { } complete) output.Say($"or open {complete}");
        output.Say("Waiting for you to sign in with your second factor …");
        return await tokens.WaitForDeviceAsync(device, cancellationToken);
    }
}
