using System.Text;
using Latchkey.Api;
using Latchkey.Api.Administration;
using Latchkey.Server.Storage;
using Latchkey.Server.Tests.Hosts;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace Latchkey.Server.Tests.Attestation;

/// <summary>Rotation and revocation over the administration's socket, as the command line asks for them.</summary>
public sealed class AttestationAdministrationTests : AdministrationTest
{
    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        await AddPersonAsync("joan", "aa", "Joan's phone");
        await AddPersonAsync("pete", "bb", "Pete's phone");
    }

    [Fact]
    public async Task What_there_is_is_shown_with_what_it_vouched_for()
    {
        var authority = Assert.Single(await Admin.ListAttestationAuthoritiesAsync(Token));
        Assert.Equal((AttestationAuthorityInfo.Active, 2, 2), (authority.State, authority.Certificates, authority.Passkeys));
        Assert.Equal(64, authority.Thumbprint.Length);

        Assert.Equal(["joan", "pete"], (await Admin.ListAttestationCertificatesAsync(null, Token)).Select(certificate => certificate.Person));
        var one = Assert.Single(await Admin.ListAttestationCertificatesAsync("pete", Token));
        Assert.Equal(("bb", authority.Id, "Pete's phone"), (one.Id, one.Authority, Assert.Single(one.Passkeys)));
        Assert.Equal("person_not_found", await RefusedAsync(Admin.ListAttestationCertificatesAsync("nobody", Token)));
    }

    [Fact]
    public async Task A_rotation_tried_out_changes_nothing_and_one_that_holds_keeps_what_was_vouched_for()
    {
        var dry = await Admin.RotateAttestationAsync(isDryRun: true, Token);
        Assert.Equal((2, 2, (AttestationAuthorityInfo?)null), (dry.Certificates, dry.Passkeys, dry.Active));
        Assert.Single(await Admin.ListAttestationAuthoritiesAsync(Token));

        var change = await Admin.RotateAttestationAsync(isDryRun: false, Token);

        Assert.Equal((2, 2), (change.Certificates, change.Passkeys));
        Assert.Empty(change.Refused);
        var authorities = await Admin.ListAttestationAuthoritiesAsync(Token);
        Assert.Equal([AttestationAuthorityInfo.Retired, AttestationAuthorityInfo.Active], authorities.Select(authority => authority.State));
        Assert.Equal(change.Active!.Id, authorities[1].Id);
        Assert.Equal(2, authorities[0].Certificates);
        Assert.Equal(1, await AuditedAsync("attestation.rotated"));
    }

    [Fact]
    public async Task A_persons_certificates_are_revoked_and_nobody_elses_and_the_passkeys_that_stop_are_named_before()
    {
        await EnforceAsync();
        var dry = await Admin.RevokeAttestationAsync(new(Person: "joan"), isDryRun: true, Token);
        Assert.Equal((1, 1), (dry.Certificates, dry.Passkeys));
        var refused = Assert.Single(dry.Refused);
        Assert.Equal(("joan", "Joan's phone", "attestation_revoked", true), (refused.Person, refused.Passkey, refused.Code, refused.IsLast));
        Assert.Equal(0, await InDatabaseAsync(db => db.AttestationCertificates.CountAsync(c => c.RevokedAt != null)));

        Assert.Single((await Admin.RevokeAttestationAsync(new(Person: "joan"), isDryRun: false, Token)).Refused);

        Assert.Equal(["aa"], (await Admin.ListAttestationCertificatesAsync(null, Token)).Where(certificate => certificate.RevokedDateTime is not null).Select(certificate => certificate.Id));
        Assert.Equal((0, 0), await CountsAsync(new(Person: "joan")));
        Assert.Equal(1, await AuditedAsync("attestation.revoked"));
    }

    [Fact]
    public async Task One_certificate_is_named_by_the_beginning_of_its_serial_number()
    {
        Assert.Equal((1, 1), await CountsAsync(new(Certificate: "b")));
        await Admin.RevokeAttestationAsync(new(Certificate: "bb"), isDryRun: false, Token);

        Assert.Equal(["bb"], (await Admin.ListAttestationCertificatesAsync(null, Token)).Where(certificate => certificate.RevokedDateTime is not null).Select(certificate => certificate.Id));
    }

    [Fact]
    public async Task A_revoked_authority_takes_its_certificates_with_it_and_another_is_active()
    {
        await EnforceAsync();
        var id = Assert.Single(await Admin.ListAttestationAuthoritiesAsync(Token)).Id;
        Assert.Equal(2, (await Admin.RevokeAttestationAsync(new(Authority: id), isDryRun: true, Token)).Refused.Count);

        var change = await Admin.RevokeAttestationAsync(new(Authority: id[..13]), isDryRun: false, Token);

        Assert.Equal((2, 2, 2), (change.Certificates, change.Passkeys, change.Refused.Count));
        Assert.NotEqual(id, change.Active!.Id);
        Assert.Equal([AttestationAuthorityInfo.Revoked, AttestationAuthorityInfo.Active], (await Admin.ListAttestationAuthoritiesAsync(Token)).Select(authority => authority.State));
        Assert.Equal((1, 2), (await AuditedAsync("attestation.authority_revoked"), await AuditedAsync("attestation.revoked")));
    }

    [Fact]
    public async Task What_is_meant_by_nothing_or_by_several_is_not_guessed()
    {
        Assert.Equal("attestation_authority_not_found", await RefusedAsync(Admin.RevokeAttestationAsync(new(Authority: "00000000"), isDryRun: false, Token)));
        Assert.Equal("attestation_certificate_not_found", await RefusedAsync(Admin.RevokeAttestationAsync(new(Certificate: ""), isDryRun: false, Token)));
        Assert.Equal("person_not_found", await RefusedAsync(Admin.RevokeAttestationAsync(new(Person: "nobody"), isDryRun: false, Token)));
        Assert.Equal("request_invalid", await RefusedAsync(Admin.RevokeAttestationAsync(new(), isDryRun: false, Token)));
        Assert.Equal("request_invalid", await RefusedAsync(Admin.RevokeAttestationAsync(new(Certificate: "aa", Person: "joan"), isDryRun: false, Token)));
        Assert.Equal(0, await InDatabaseAsync(db => db.AttestationCertificates.CountAsync(c => c.RevokedAt != null)));
    }

    private async Task AddPersonAsync(string name, string serial, string passkey)
    {
        var person = Guid.Parse((await Admin.AddPersonAsync(new(name), Token)).Id);
        await InDatabaseAsync(async db =>
        {
            var (bytes, now) = (Convert.FromHexString(serial), TimeProvider.System.GetUtcNow());
            var certificate = new AttestationCertificate
            {
                Id = Guid.NewGuid(), AuthorityId = await db.AttestationAuthorities.Select(a => a.Id).SingleAsync(), UserId = person, Serial = bytes, Thumbprint = bytes, KeyHash = bytes,
                Certificate = bytes, IssuedAt = now, ExpiresAt = now.AddDays(1),
            };
            db.Add(certificate);
            db.Passkeys.Add(new Passkey { Id = Guid.NewGuid(), UserId = person, CredentialId = bytes, PublicKey = [1], DisplayName = passkey, AttestationTrusted = true, AttestationCertificate = certificate });
            return await db.SaveChangesAsync();
        });
    }

    private Task<PolicyChange> EnforceAsync() => Admin.ChangePolicyAsync(
        Encoding.UTF8.GetBytes("""{"authenticationMethodConfigurations":{"Fido2":{"passkeyProfiles":{"00000000-0000-0000-0000-000000000001":{"attestationEnforcement":"registrationAndSignIn"}}}}}"""),
        null, isDryRun: false, Token);

    private async Task<(int, int)> CountsAsync(AttestationRevocation what)
    {
        var dry = await Admin.RevokeAttestationAsync(what, isDryRun: true, Token);
        return (dry.Certificates, dry.Passkeys);
    }

    private Task<int> AuditedAsync(string action) => InDatabaseAsync(db => db.AuditEntries.CountAsync(entry => entry.Action == action && entry.Actor == AuditLog.Local));

    private static async Task<string> RefusedAsync(Task task) => (await Assert.ThrowsAsync<ApiException>(() => task)).Code;

    private async Task<T> InDatabaseAsync<T>(Func<LatchkeyDb, Task<T>> act)
    {
        await using var scope = App.Services.CreateAsyncScope();
        return await act(scope.ServiceProvider.GetRequiredService<LatchkeyDb>());
    }
}
