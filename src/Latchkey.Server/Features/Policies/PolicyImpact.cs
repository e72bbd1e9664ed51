using Latchkey.Api.Administration;
using Latchkey.RelyingParty;
using Latchkey.Server.Features.Problems;
using Latchkey.Server.Storage;
using Microsoft.EntityFrameworkCore;

namespace Latchkey.Server.Features.Policies;

/// <summary>Whose passkeys a change stops, by name, before anybody stands in front of a door that does not open.</summary>
internal sealed class PolicyImpact(LatchkeyDb db)
{
    /// <summary>Of another policy.</summary>
    public Task<IReadOnlyList<RefusedPasskey>> OfAsync(AuthenticationMethodsPolicy before, AuthenticationMethodsPolicy after, CancellationToken cancellation) =>
        OfAsync(before, after, (_, record) => record, cancellation);

    /// <summary>Of revoking what vouched for passkeys, under the same policy.</summary>
    public Task<IReadOnlyList<RefusedPasskey>> OfRevokingAsync(AuthenticationMethodsPolicy policy, IReadOnlySet<Guid> certificates, CancellationToken cancellation) =>
        OfAsync(policy, policy, (passkey, record) => passkey.AttestationCertificateId is { } id && certificates.Contains(id) ? record with { AttestationRevoked = true } : record, cancellation);

    private async Task<IReadOnlyList<RefusedPasskey>> OfAsync(
        AuthenticationMethodsPolicy before, AuthenticationMethodsPolicy after, Func<Passkey, CredentialRecord, CredentialRecord> changed, CancellationToken cancellation)
    {
        var groups = (await db.GroupMembers.AsNoTracking().ToListAsync(cancellation)).ToLookup(member => member.UserId, member => member.GroupId);
        var passkeys = (await db.Passkeys.AsNoTracking().OrderBy(passkey => passkey.CreatedAt).ToListAsync(cancellation)).ToLookup(passkey => passkey.UserId);
        var refused = new List<RefusedPasskey>();
        await foreach (var user in db.Users.AsNoTracking().OrderBy(user => user.NormalizedUserName).AsAsyncEnumerable().WithCancellation(cancellation))
        {
            var member = groups[user.Id].ToHashSet();
            var (was, willBe) = (before.For(member), after.For(member));
            var codes = passkeys[user.Id].ToDictionary(passkey => passkey.Id, passkey => willBe.AtSignIn(changed(passkey, passkey.ToRecord(user))));
            var hasOther = codes.ContainsValue(null);
            refused.AddRange(
                from passkey in passkeys[user.Id]
                where was.AtSignIn(passkey, user) is null
                let code = codes[passkey.Id]
                where code is not null
                select new RefusedPasskey(
                    user.UserName!, user.DisplayName, passkey.DisplayName, passkey.Aaguid.ToString(), code, ProblemTable.Of(code).Text, IsLast: !hasOther));
        }

        return refused;
    }
}
