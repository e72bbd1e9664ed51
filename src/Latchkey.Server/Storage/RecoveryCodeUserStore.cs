using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Identity;
using Microsoft.AspNetCore.Identity.EntityFrameworkCore;

namespace Latchkey.Server.Storage;

/// <summary>Identity's user store, with recovery codes kept as hashes: Identity itself keeps them as they are shown.</summary>
internal sealed class RecoveryCodeUserStore(LatchkeyDb db, IdentityErrorDescriber? describer = null)
    : UserStore<User, IdentityRole<Guid>, LatchkeyDb, Guid>(db, describer)
{
    private const string Provider = "[Latchkey]", TokenName = "RecoveryCodes";
    private const int Iterations = 100_000;

    /// <summary>One salt for the set, so that a try costs one derivation, not one for each code.</summary>
    public override Task ReplaceCodesAsync(User user, IEnumerable<string> recoveryCodes, CancellationToken cancellationToken)
    {
        var salt = RandomNumberGenerator.GetBytes(16);
        var stored = string.Join(';', recoveryCodes.Select(code => Hash(code, salt)).Prepend(Convert.ToHexString(salt)));
        return SetTokenAsync(user, Provider, TokenName, stored, cancellationToken);
    }

    public override async Task<bool> RedeemCodeAsync(User user, string code, CancellationToken cancellationToken)
    {
        var parts = (await GetTokenAsync(user, Provider, TokenName, cancellationToken))?.Split(';') ?? [];
        if (parts.Length < 2)
        {
            return false;
        }

        var hash = Hash(code, Convert.FromHexString(parts[0]));
        var left = parts.Skip(1).Where(kept => !CryptographicOperations.FixedTimeEquals(Encoding.ASCII.GetBytes(kept), Encoding.ASCII.GetBytes(hash))).ToList();
        if (left.Count == parts.Length - 1)
        {
            return false;
        }

        await SetTokenAsync(user, Provider, TokenName, string.Join(';', left.Prepend(parts[0])), cancellationToken);
        return true;
    }

    public override async Task<int> CountCodesAsync(User user, CancellationToken cancellationToken) =>
        Math.Max(0, ((await GetTokenAsync(user, Provider, TokenName, cancellationToken))?.Split(';').Length ?? 0) - 1);

    private static string Hash(string code, byte[] salt) =>
        Convert.ToHexString(Rfc2898DeriveBytes.Pbkdf2(TypedCode.Normalize(code), salt, Iterations, HashAlgorithmName.SHA256, 16));
}
