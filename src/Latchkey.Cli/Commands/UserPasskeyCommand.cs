using System.CommandLine;
using System.Globalization;
using Latchkey.Api;
using Latchkey.Protocol;

namespace Latchkey.Cli.Commands;

/// <summary><c>latchkey user passkey</c>: a person's passkeys, when a device is lost or its owner cannot sign in.</summary>
internal static class UserPasskeyCommand
{
    public static Command Create() => new("passkey", "Looks after a person's passkeys.") { List(), Delete() };

    private static Command List()
    {
        var name = new Argument<string>("NAME");
        return AdministrationConnection.Command("list", "Lists a person's passkeys.", [name], async (client, parsed, output, cancellation) =>
        {
            var all = await client.ListPasskeysAsync(parsed.GetRequiredValue(name), cancellation);
            string[] ids = [.. all.Select(passkey => passkey.Id)];
            output.List(
                all, ApiJson.Default.PersonPasskey, $"{parsed.GetValue(name)} has no passkey.", ("ID", passkey => Named.Short(passkey.Id, ids)), ("Name", passkey => passkey.DisplayName),
                ("Model", passkey => passkey.Model),
                ("Vouched for", passkey => passkey.Attestation switch { "attested" => "yes", "revoked" => "no longer", _ => "no" }), ("Added", passkey => Date(passkey.CreatedAt)), ("Last used", passkey => passkey.LastUsedAt is { } used ? Date(used) : "never"));
        });
    }

    private static Command Delete()
    {
        var name = new Argument<string>("NAME");
        var which = new Argument<string>("PASSKEY") { Description = "The name its owner gave it, its ID, or the beginning of that." };
        var (last, yes) = (LastWay.Option(), Sure.Option());
        return AdministrationConnection.Command("delete", "Deletes a passkey; the sessions it opened end, and the Authenticator that holds it drops it.", [name, which, last, yes], async (client, parsed, output, cancellation) =>
        {
            var person = parsed.GetRequiredValue(name);
            var passkey = Named.Find(
                await client.ListPasskeysAsync(person, cancellation), parsed.GetRequiredValue(which), one => one.Id, one => one.DisplayName, $"passkey of {person}", $"latchkey user passkey list {person}");
            await Sure.DemandAsync(parsed.GetValue(yes), $"Delete {ForeignText.Of(passkey.DisplayName).Plain} of {person}, added {Date(passkey.CreatedAt)}?", cancellation);
            try
            {
                await client.DeletePasskeyAsync(person, passkey.Id, cancellation, askIfLast: !parsed.GetValue(last));
            }
            catch (ApiException problem) when (problem.Code == LastMethod.Code)
            {
                if (!await LastWay.IsMeantAsync($"the last way {person} can sign in", cancellation)) throw new NotDoneException(LastWay.NotDeleted);
                await client.DeletePasskeyAsync(person, passkey.Id, cancellation);
            }

            await output.DoneAsync($"{ForeignText.Of(passkey.DisplayName).Plain} of {person} was deleted.", new() { ["deleted"] = passkey.Id, ["person"] = person });
        });
    }

    private static string Date(DateTimeOffset moment) => moment.LocalDateTime.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
}
