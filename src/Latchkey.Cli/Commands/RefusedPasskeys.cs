using Latchkey.Api.Administration;
using Latchkey.Protocol;

namespace Latchkey.Cli.Commands;

/// <summary>The passkeys a change stops, one a line, on standard error.</summary>
internal static class RefusedPasskeys
{
    public static async Task WriteAsync(IReadOnlyList<RefusedPasskey> refused)
    {
        foreach (var passkey in refused)
        {
            await Console.Error.WriteLineAsync(
                $"  {passkey.Person} ({ForeignText.Of(passkey.DisplayName).Plain}): {passkey.Passkey}, {passkey.Aaguid}. {passkey.Text} ({passkey.Code}){(passkey.IsLast ? " They have no other passkey that works." : "")}");
        }
    }
}
