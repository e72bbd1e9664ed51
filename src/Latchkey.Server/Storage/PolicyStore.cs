using System.Text.Json.Nodes;
using Latchkey.Server.Features.Policies;
using Microsoft.EntityFrameworkCore;

namespace Latchkey.Server.Storage;

/// <summary>The policy that holds, and what it says to a person; read once a request.</summary>
public sealed class PolicyStore(LatchkeyDb db)
{
    private (AuthenticationMethodsPolicy Policy, int Version)? found;

    public async Task<(AuthenticationMethodsPolicy Policy, int Version)> GetAsync(CancellationToken cancellation) =>
        found ??= await db.Policies.AsNoTracking().FirstOrDefaultAsync(p => p.Id == StoredPolicy.TheOne, cancellation) is { } stored
            ? (PolicyJson.Read((JsonObject)JsonNode.Parse(stored.Document)!), stored.Version)
            : (AuthenticationMethodsPolicy.Default, 0);

    public async Task<PersonPolicy> ForAsync(Guid userId, CancellationToken cancellation) =>
        (await GetAsync(cancellation)).Policy.For(
            await db.GroupMembers.Where(member => member.UserId == userId).Select(member => member.GroupId).ToHashSetAsync(cancellation));

    /// <summary>Puts a policy into the unit of work at hand.</summary>
    /// <exception cref="DbUpdateConcurrencyException">When saved: another change came first.</exception>
    public async Task ReplaceAsync(AuthenticationMethodsPolicy policy, DateTimeOffset now, CancellationToken cancellation)
    {
        var document = PolicyJson.Write(policy).ToJsonString();
        var stored = await db.Policies.FirstOrDefaultAsync(p => p.Id == StoredPolicy.TheOne, cancellation);
        if (stored is null)
        {
            db.Policies.Add(stored = new StoredPolicy());
        }

        (stored.Version, stored.Document, stored.ChangedAt) = (stored.Version + 1, document, now);
        found = (policy, stored.Version);
    }
}
