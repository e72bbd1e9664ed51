using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using Latchkey.Api;

namespace Latchkey.Cli.Commands;

/// <summary><c>latchkey user session</c>: where a person is signed in, when a device is lost or somebody leaves.</summary>
internal static class UserSessionCommand
{
    public static Command Create() => new("session", "Shows and ends a person's sign-ins.") { List(), End() };

    private static Command List()
    {
        var name = new Argument<string>("NAME");
        return AdministrationConnection.Command("list", "Lists where a person is signed in.", [name], async (client, parsed, output, cancellation) =>
        {
            var all = await client.ListSessionsAsync(parsed.GetRequiredValue(name), cancellation);
            string[] ids = [.. all.Select(session => session.Id)];
            output.List(
                all, ApiJson.Default.PersonSession, $"{parsed.GetValue(name)} is signed in nowhere.", ("ID", session => Named.Short(session.Id, ids)), ("Program", session => session.Program ?? "browser"),
                ("Device", session => session.Device), ("Last from", session => session.Address), ("Since", session => Time(session.Since)), ("Last used", session => Time(session.LastSeen)));
        });
    }

    private static Command End()
    {
        var name = new Argument<string>("NAME");
        var which = new Argument<string?>("SESSION") { Description = "Which one: its device as `list` shows it, its ID, or the beginning of that; all of them when not given.", Arity = ArgumentArity.ZeroOrOne };
        return AdministrationConnection.Command("end", "Signs a person out, of one or of everything.", [name, which], async (client, parsed, output, cancellation) =>
        {
            var person = parsed.GetRequiredValue(name);
            var id = parsed.GetValue(which) is not { } wanted ? null
                : Named.Find(await client.ListSessionsAsync(person, cancellation), wanted, one => one.Id, one => one.Device, $"session of {person}", $"latchkey user session list {person}").Id;
            await client.EndSessionsAsync(person, id, cancellation);
            await output.DoneAsync($"{person} is signed out{(id is null ? " everywhere" : " there")}.", id is null ? new() { ["person"] = person } : new JsonObject { ["person"] = person, ["ended"] = id });
        });
    }

    private static string Time(DateTimeOffset moment) => moment.LocalDateTime.ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture);
}
