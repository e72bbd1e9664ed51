using System.CommandLine;
using Latchkey.Api;
using Latchkey.Api.Administration;

namespace Latchkey.Cli.Commands;

/// <summary><c>latchkey attestation</c>: what the server vouches for its Authenticators with.</summary>
internal static class AttestationCommand
{
    public static Command Create() => new("attestation", "Looks after the server's attestation authority, which vouches for Authenticators.") { Show(), Rotate(), Revoke() };

    private static Command Show()
    {
        var person = new Option<string?>("--person") { Description = "Lists the certificates of one person's Authenticators too.", HelpName = "NAME" };
        return AdministrationConnection.Command("show", "Lists the authorities, the newest last.", [person], async (client, parsed, output, cancellation) =>
        {
            var authorities = await client.ListAttestationAuthoritiesAsync(cancellation);
            string[] ids = [.. authorities.Select(authority => authority.Id)];
            output.List(
                authorities, ApiJson.Default.AttestationAuthorityInfo, "There is no authority.", ("ID", authority => Named.Short(authority.Id, ids)), ("State", authority => authority.State),
                ("Since", authority => Day(authority.CreatedDateTime)), ("Valid certificates", authority => $"{authority.Certificates}"), ("Passkeys", authority => $"{authority.Passkeys}"),
                ("SHA-256", authority => authority.Thumbprint));

            if (parsed.GetValue(person) is not { } name) return;
            var certificates = await client.ListAttestationCertificatesAsync(name, cancellation);
            string[] serials = [.. certificates.Select(certificate => certificate.Id)];
            if (!output.IsJson) Console.WriteLine();
            output.List(
                certificates, ApiJson.Default.AttestationCertificateInfo, $"{name} has no certificate.", ("Certificate", certificate => Named.Short(certificate.Id, serials)), ("Person", certificate => certificate.Person),
                ("State", certificate => certificate.RevokedDateTime is { } revoked ? $"revoked {Day(revoked)}" : $"until {Day(certificate.ExpirationDateTime)}"),
                ("Model", certificate => certificate.Aaguid), ("Passkeys", certificate => string.Join(", ", certificate.Passkeys)));
        });
    }

    private static Command Rotate()
    {
        var dry = DryRun();
        return AdministrationConnection.Command("rotate", "Puts a new authority in the active one's place. What the old one vouched for stays good.", [dry], async (client, parsed, output, cancellation) =>
        {
            var change = await client.RotateAttestationAsync(parsed.GetValue(dry), cancellation);
            output.Json(change, ApiJson.Default.AttestationChange);
            output.Say(change.Active is { } active
                ? $"{active.Id} is active. What the one before vouched for stays good: {Counts(change)}."
                : $"Nothing was changed. What the active authority vouched for would stay good: {Counts(change)}.");
        });
    }

    private static Command Revoke() => new("revoke", "Takes back what the server vouched for. There is no way back: the Authenticators concerned have to be signed in to again.")
    {
        Revoke("authority", "ID", "An authority with everything it issued; its ID or the beginning of it.", what => new(Authority: what)),
        Revoke("certificate", "SERIAL", "One certificate; its serial number or the beginning of it.", what => new(Certificate: what)),
        Revoke("person", "NAME", "All certificates of one person.", what => new(Person: what)),
    };

    private static Command Revoke(string name, string argument, string description, Func<string, AttestationRevocation> of)
    {
        var what = new Argument<string>(argument) { Description = description };
        var (dry, yes) = (DryRun(), Sure.Option());
        return AdministrationConnection.Command(name, description, [what, dry, yes], async (client, parsed, output, cancellation) =>
        {
            var isDryRun = parsed.GetValue(dry);
            var wanted = of(parsed.GetRequiredValue(what));
            if (!isDryRun && !parsed.GetValue(yes))
            {
                var would = await client.RevokeAttestationAsync(wanted, isDryRun: true, cancellation);
                await Sure.DemandAsync(yes: false, $"Take back {Counts(would)}? Passkeys that would stop working: {would.Refused.Count}. It can't be undone.", cancellation);
            }

            var change = await client.RevokeAttestationAsync(wanted, isDryRun, cancellation);
            output.Json(change, ApiJson.Default.AttestationChange);
            output.Say(isDryRun
                ? $"Nothing was changed. It would take back {Counts(change)}. Passkeys that would stop working: {change.Refused.Count}."
                : $"Taken back: {Counts(change)}. Passkeys that stopped working: {change.Refused.Count}.");
            await RefusedPasskeys.WriteAsync(change.Refused);
        });
    }

    private static Option<bool> DryRun() => new("--dry-run") { Description = "Changes nothing, and says what it would bring." };

    private static string Counts(AttestationChange change) => $"valid certificates {change.Certificates}, passkeys {change.Passkeys}";

    private static string Day(DateTimeOffset time) => $"{time.LocalDateTime:d MMMM yyyy}";
}
