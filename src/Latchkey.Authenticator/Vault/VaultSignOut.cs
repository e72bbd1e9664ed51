namespace Latchkey.Authenticator.Vault;

/// <summary>A sign-in whose account was removed here, and whose server has not been told yet: it is told until it has heard.</summary>
/// <param name="Server">The server's root.</param>
/// <param name="Subject">Who the account was there.</param>
/// <param name="RefreshToken">What ends the sign-in.</param>
/// <param name="Device">This device, as it is registered there; absent when it was not, or when that is done.</param>
/// <param name="Since">Since when.</param>
public sealed record VaultSignOut(Uri Server, string Subject, string RefreshToken, VaultDevice? Device, DateTimeOffset Since)
{
    /// <summary>After this long the server has ended the sign-in by itself.</summary>
    public static readonly TimeSpan Life = TimeSpan.FromDays(90);

    /// <summary>What may be printed: never the token.</summary>
    public override string ToString() => $"sign-out of {Subject} at {Server}";
}
