using System.CommandLine;
using System.Globalization;
using Latchkey.Api;
using Latchkey.Api.Administration;

namespace Latchkey.Cli.Commands;

/// <summary><c>latchkey organisation</c>: the organisation's own settings.</summary>
internal static class OrganisationCommand
{
    public static Command Create() => new("organisation", "Shows and changes the organisation's settings.") { Show(), Set() };

    private static Command Show() => AdministrationConnection.Command("show", "Shows the settings.", [], async (client, _, output, cancellation) =>
        Print(output, await client.GetOrganisationAsync(cancellation)));

    private static Command Set()
    {
        var name = new Option<string?>("--name") { Description = "The name people read." };
        var firstCode = new Option<bool?>("--code-as-first-factor")
        {
            Description = "Whether a person without any second factor may register an authenticator code straight after the password: true or false.",
        };
        var domain = new Option<ushort?>("--tunnel-domain") { Description = "The tunnel domain the organisation's Authenticators meet browsers at; docs/tunnel.md tells how to own one.", HelpName = "N" };
        var noDomain = new Option<bool>("--no-tunnel-domain") { Description = "Forgets the tunnel domain." };
        var vendor = new Option<bool>("--allow-vendor-tunnel") { Description = "Means it when the domain is 0 or 1: the phone vendors' own services." };
        return AdministrationConnection.Command("set", "Changes the settings that are given.", [name, firstCode, domain, noDomain, vendor], async (client, parsed, output, cancellation) =>
        {
            if (parsed.GetValue(noDomain)) await client.RemoveTunnelDomainAsync(cancellation);
            Print(output, await client.ChangeOrganisationAsync(
                new OrganisationSettings(parsed.GetValue(name), parsed.GetValue(firstCode), parsed.GetValue(domain), parsed.GetValue(vendor) ? true : null), cancellation));
        });
    }

    private static void Print(CommandOutput output, OrganisationSettings settings) => output.Show(
        settings, ApiJson.Default.OrganisationSettings, ("name", settings.DisplayName), ("tunnel domain", settings.TunnelDomain?.ToString(CultureInfo.InvariantCulture) ?? "none"),
        ("code as first factor", settings.AllowsCodeAsFirstFactor == true ? "allowed" : "not allowed"));
}
