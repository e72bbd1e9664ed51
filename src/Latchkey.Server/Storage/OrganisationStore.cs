using Microsoft.EntityFrameworkCore;

namespace Latchkey.Server.Storage;

public sealed class OrganisationStore(LatchkeyDb db)
{
    private Organisation? found;

    public async Task<Organisation> GetAsync(CancellationToken cancellation) =>
        found ??= await db.Organisations.AsNoTracking().FirstOrDefaultAsync(o => o.Id == Organisation.TheOne, cancellation) ?? new Organisation();
}
