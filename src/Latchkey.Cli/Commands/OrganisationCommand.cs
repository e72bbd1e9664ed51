using System.CommandLine;
using Latchkey.Api.Administration;

namespace Latchkey.Cli.Commands;

/// <summary><c>latchkey organisation</c>: the organisation's own settings.</summary>
internal static class OrganisationCommand
{
    public static Command Create() => new("organisation", "Shows and changes the organisation's settings.") { Show(), Set() };

    private static Command Show() => AdministrationConnection.Command("show", "Shows the settings.", [], async (client, _, cancellation) =>
        Print(await client.GetOrganisationAsync(cancellation)));

    private static Command Set()
    {
        var name = new Option<string?>("--name") { Description = "The name people read." };
        var firstCode = new Option<bool?>("--code-as-first-factor")
        {
            Description = "Whether a person without any second factor may register an authenticator code straight after the password: true or false.",
        };
        return AdministrationConnection.Command("set", "Changes the settings that are given.", [name, firstCode], async (client, parsed, cancellation) =>
            Print(await client.ChangeOrganisationAsync(new OrganisationSettings(parsed.GetValue(name), parsed.GetValue(firstCode)), cancellation)));
    }

    private static void Print(OrganisationSettings settings)
    {
        Console.WriteLine($"name                  {settings.DisplayName}");
        Console.WriteLine($"code as first factor  {(settings.AllowsCodeAsFirstFactor == true ? "allowed" : "not allowed")}");
    }
}
