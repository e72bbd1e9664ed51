using System.CommandLine;
using System.Globalization;
using Latchkey.Api;
using Latchkey.Api.Administration;

namespace Latchkey.Cli.Commands;

/// <summary><c>latchkey audit</c>: who did what to whose account.</summary>
internal static class AuditCommand
{
    private const int PageSize = 200;

    public static Command Create() => new("audit", "Reads the audit log.") { Show() };

    private static Command Show()
    {
        var person = new Option<string?>("--person") { Description = "Only what concerns one person.", HelpName = "NAME" };
        var last = new Option<int>("--last")
        {
            Description = "How many rows, from the newest back.",
            HelpName = "N",
            DefaultValueFactory = _ => 50,
            CustomParser = result =>
            {
                if (int.TryParse(result.Tokens[0].Value, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number > 0) return number;
                result.AddError("--last takes a number from 1.");
                return 0;
            },
        };
        return AdministrationConnection.Command("show", "Shows the newest rows of the audit log, the newest last.", [person, last], async (client, parsed, output, cancellation) =>
        {
            var rows = new List<AuditRow>();
            for (long? before = null; rows.Count < parsed.GetValue(last);)
            {
                var page = await client.ListAuditAsync(parsed.GetValue(person), before, Math.Min(PageSize, parsed.GetValue(last) - rows.Count), cancellation);
                rows.AddRange(page.Value);
                if ((before = page.NextBefore) is null) break;
            }

            rows.Reverse();
            output.List(
                rows, ApiJson.Default.AuditRow, "Nothing is written down yet.", ("When", row => row.At.LocalDateTime.ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture)), ("Person", row => row.Person),
                ("By", row => row.Actor), ("What", row => row.Action), ("Method", row => row.Method), ("Outcome", row => row.Outcome), ("From", row => row.Address));
        });
    }
}
