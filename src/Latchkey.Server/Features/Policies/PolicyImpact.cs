using Latchkey.Api.Administration;
using Latchkey.Server.Features.Problems;
using Latchkey.Server.Storage;
using Microsoft.EntityFrameworkCore;

namespace Latchkey.Server.Features.Policies;

/// <summary>Whose passkeys a change of policy stops, by name, before anybody stands in front of a door that does not open.</summary>
internal sealed class PolicyImpact(LatchkeyDb db)
{
    public async Task<IReadOnlyList<RefusedPasskey>> OfAsync(AuthenticationMethodsPolicy before, AuthenticationMethodsPolicy after, CancellationToken cancellation)
    {
        var groups = (await db.GroupMembers.AsNoTracking().ToListAsync(cancellation)).ToLookup(member => member.UserId, member => member.GroupId);
        var passkeys = (await db.Passkeys.AsNoTracking().OrderBy(passkey => passkey.CreatedAt).ToListAsync(cancellation)).ToLookup(passkey => passkey.UserId);
        var refused = new List<RefusedPasskey>();
        await foreach (var user in db.Users.AsNoTracking().OrderBy(user => user.NormalizedUserName).AsAsyncEnumerable().WithCancellation(cancellation))
        {
            var member = groups[user.Id].ToHashSet();
            var (was, willBe) = (before.For(member), after.For(member));
            var hasOther = passkeys[user.Id].Any(passkey => willBe.AtSignIn(passkey, user) is null);
            refused.AddRange(
                from passkey in passkeys[user.Id]
                where was.AtSignIn(passkey, user) is null
                let code = willBe.AtSignIn(passkey, user)
                where code is not null
                select new RefusedPasskey(
                    user.UserName!, user.DisplayName, passkey.DisplayName, passkey.Aaguid.ToString(), code, ProblemTable.Of(code).Text, IsLast: !hasOther));
        }

        return refused;
    }
}
