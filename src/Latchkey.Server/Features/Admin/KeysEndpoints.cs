using Latchkey.Server.Hosting;
using Latchkey.Server.Storage;

namespace Latchkey.Server.Features.Admin;

/// <summary>New keys for tokens and pending ceremonies. They take over at the next start, beside the old ones.</summary>
internal static class KeysEndpoints
{
    public static async Task<IResult> RotateAsync(ServerKeys keys, ServerOptions options, TimeProvider time, LatchkeyDb db, AuditLog audit, CancellationToken cancellation)
    {
        keys.Rotate(Path.Combine(options.DataDirectory, "keys"), time);
        audit.Add("keys.rotated", userId: null, actor: AuditLog.Local);
        await db.SaveChangesAsync(cancellation);
        return Results.NoContent();
    }
}
