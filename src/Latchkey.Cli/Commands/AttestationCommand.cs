using System.CommandLine;
using Latchkey.Api.Administration;

namespace Latchkey.Cli.Commands;

/// <summary><c>latchkey attestation</c>: what the server vouches for its Authenticators with.</summary>
internal static class AttestationCommand
{
    public static Command Create() => new("attestation", "Looks after the server's attestation authority, which vouches for Authenticators.") { Show(), Rotate(), Revoke() };

    private static Command Show()
    {
        var person = new Option<string?>("--person") { Description = "Lists the certificates of one person's Authenticators too.", HelpName = "NAME" };
        return AdministrationConnection.Command("show", "Lists the authorities, the newest last.", [person], async (client, parsed, cancellation) =>
        {
            foreach (var authority in await client.ListAttestationAuthoritiesAsync(cancellation))
            {
                Console.WriteLine($"{authority.Id}\t{authority.State}\tsince {Day(authority.CreatedDateTime)}\tvalid certificates: {authority.Certificates}\tpasskeys: {authority.Passkeys}\tSHA-256 {authority.Thumbprint}");
            }

            if (parsed.GetValue(person) is not { } name) return;
            foreach (var certificate in await client.ListAttestationCertificatesAsync(name, cancellation))
            {
                var state = certificate.RevokedDateTime is { } revoked ? $"revoked {Day(revoked)}" : $"until {Day(certificate.ExpirationDateTime)}";
                Console.WriteLine($"{certificate.Id}\t{certificate.Person}\t{state}\t{certificate.Aaguid}\t{string.Join(", ", certificate.Passkeys)}");
            }
        });
    }

    private static Command Rotate()
    {
        var dry = DryRun();
        return AdministrationConnection.Command("rotate", "Puts a new authority in the active one's place. What the old one vouched for stays good.", [dry], async (client, parsed, cancellation) =>
        {
            var change = await client.RotateAttestationAsync(parsed.GetValue(dry), cancellation);
            Console.WriteLine(change.Active is { } active
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
        var dry = DryRun();
        return AdministrationConnection.Command(name, description, [what, dry], async (client, parsed, cancellation) =>
        {
            var isDryRun = parsed.GetValue(dry);
            var change = await client.RevokeAttestationAsync(of(parsed.GetRequiredValue(what)), isDryRun, cancellation);
            Console.WriteLine(isDryRun
                ? $"Nothing was changed. It would take back {Counts(change)}. Passkeys that would stop working: {change.Refused.Count}."
                : $"Taken back: {Counts(change)}. Passkeys that stopped working: {change.Refused.Count}.");
            await RefusedPasskeys.WriteAsync(change.Refused);
        });
    }

    private static Option<bool> DryRun() => new("--dry-run") { Description = "Changes nothing, and says what it would bring." };

    private static string Counts(AttestationChange change) => $"valid certificates {change.Certificates}, passkeys {change.Passkeys}";

    private static string Day(DateTimeOffset time) => $"{time.LocalDateTime:d MMMM yyyy}";
}
