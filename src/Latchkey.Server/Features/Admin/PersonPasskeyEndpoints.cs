using Latchkey.Api;
using Latchkey.Api.Administration;
using Latchkey.Server.Storage;

namespace Latchkey.Server.Features.Admin;

internal static class PersonPasskeyEndpoints
{
    public static async Task<IResult> ListAsync(string name, People people, PasskeyStore passkeys, PasskeyNames names, CancellationToken cancellation) =>
        await people.FindAsync(name) is not { } user
            ? LocalProblems.NoPerson(name)
            : Results.Json(
                new PersonPasskeyCollection([.. (await passkeys.ListAsync(user.Id, cancellation)).Select(passkey =>
                    new PersonPasskey(passkey.Id.ToString(), passkey.DisplayName, names.ProviderOf(passkey.Aaguid), passkey.CreatedAt, passkey.LastUsedAt))]),
                ApiJson.Default.PersonPasskeyCollection);

    public static async Task<IResult> DeleteAsync(string name, Guid id, HttpContext context, People people, PasskeyStore passkeys, LatchkeyDb db, AuditLog audit, AccountChanges changes, CancellationToken cancellation)
    {
        if (await people.FindAsync(name) is not { } user)
        {
            return LocalProblems.NoPerson(name);
        }

        if (await passkeys.FindAsync(user.Id, id, cancellation) is not { } passkey)
        {
            return LocalProblems.OfTable(context, "passkey_not_found");
        }

        await using var transaction = await db.Database.BeginTransactionAsync(cancellation);
        await passkeys.DeleteAsync(passkey, exceptSession: null, cancellation);
        audit.Add("method.deleted", user.Id, method: MethodKind.Passkey, methodId: passkey.Id, actor: AuditLog.Local);
        await db.SaveChangesAsync(cancellation);
        await transaction.CommitAsync(cancellation);
        changes.Tell(passkey.UserId, AccountChange.Methods);
        return Results.NoContent();
    }
}
