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
                    new PersonPasskey(passkey.Id.ToString(), passkey.DisplayName, names.ProviderOf(passkey.Aaguid), passkey.CreatedAt, passkey.LastUsedAt,
                        passkey.IsAttested ? "attested" : passkey.IsAttestationRevoked ? "revoked" : "notAttested"))]),
                ApiJson.Default.PersonPasskeyCollection);

    public static async Task<IResult> DeleteAsync(string name, Guid id, HttpContext context, People people, MethodChanges changes, CancellationToken cancellation)
    {
        if (await people.FindAsync(name) is not { } user)
        {
            return LocalProblems.NoPerson(name);
        }

        return await changes.DeleteAsync(LocalProblems.ActorOf(context), user, MethodKind.Passkey, id, cancellation) is { } problem
            ? LocalProblems.OfTable(context, problem is MethodChanges.NotFound ? "passkey_not_found" : problem)
            : Results.NoContent();
    }
}
