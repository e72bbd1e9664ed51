using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Identity;
using Microsoft.AspNetCore.Identity.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore;

namespace Latchkey.Server.Storage;

/// <summary>
/// Identity's user store, with recovery codes kept as hashes: Identity itself keeps them as they are shown. They are read and written past the
/// change tracker, in statements that say what they expect to find: two codes of a set at once are both taken, and the same one twice is taken once.
/// </summary>
internal sealed class RecoveryCodeUserStore(LatchkeyDb db, IdentityErrorDescriber? describer = null)
    : UserStore<User, IdentityRole<Guid>, LatchkeyDb, Guid>(db, describer)
{
    private const string Provider = "[Latchkey]", TokenName = "RecoveryCodes";
    private const int Iterations = 100_000;

    /// <summary>One salt for the set, so that a try costs one derivation, not one for each code.</summary>
    public override async Task ReplaceCodesAsync(User user, IEnumerable<string> recoveryCodes, CancellationToken cancellationToken)
    {
        var salt = RandomNumberGenerator.GetBytes(16);
        var stored = string.Join(';', recoveryCodes.Select(code => Hash(code, salt)).Prepend(Convert.ToHexString(salt)));
        if (await WriteAsync() > 0)
        {
            return;
        }

        var first = Context.UserTokens.Add(new IdentityUserToken<Guid> { UserId = user.Id, LoginProvider = Provider, Name = TokenName, Value = stored });
        try
        {
            await Context.SaveChangesAsync(cancellationToken);
        }
        catch (DbUpdateException)
        {
            await WriteAsync(); // two first sets at once: the later one stays
        }

        first.State = EntityState.Detached;

        Task<int> WriteAsync() => SetOf(user).ExecuteUpdateAsync(set => set.SetProperty(token => token.Value, stored), cancellationToken);
    }

    public override async Task<bool> RedeemCodeAsync(User user, string code, CancellationToken cancellationToken)
    {
        while (true)
        {
            var kept = await SetOf(user).Select(token => token.Value).FirstOrDefaultAsync(cancellationToken);
            var parts = kept?.Split(';') ?? [];
            if (parts.Length < 2)
            {
                return false;
            }

            var hash = Hash(code, Convert.FromHexString(parts[0]));
            var left = parts.Skip(1).Where(one => !CryptographicOperations.FixedTimeEquals(Encoding.ASCII.GetBytes(one), Encoding.ASCII.GetBytes(hash))).ToList();
            if (left.Count == parts.Length - 1)
            {
                return false;
            }

            var rest = string.Join(';', left.Prepend(parts[0]));
            if (await SetOf(user).Where(token => token.Value == kept).ExecuteUpdateAsync(set => set.SetProperty(token => token.Value, rest), cancellationToken) == 1)
            {
                return true;
            }

            // Another code of the set, or this very one, was taken meanwhile: look again.
        }
    }

    public override async Task<int> CountCodesAsync(User user, CancellationToken cancellationToken) =>
        Math.Max(0, ((await SetOf(user).Select(token => token.Value).FirstOrDefaultAsync(cancellationToken))?.Split(';').Length ?? 0) - 1);

    private IQueryable<IdentityUserToken<Guid>> SetOf(User user) =>
        Context.UserTokens.AsNoTracking().Where(token => token.UserId == user.Id && token.LoginProvider == Provider && token.Name == TokenName);

    private static string Hash(string code, byte[] salt) =>
        Convert.ToHexString(Rfc2898DeriveBytes.Pbkdf2(TypedCode.Normalize(code), salt, Iterations, HashAlgorithmName.SHA256, 16));
}
