using System.Net.Http.Json;
using System.Text.Json;
using Latchkey.Api;
using Latchkey.Api.Fido2Methods;
using Latchkey.Protocol.WebAuthn;
using Latchkey.Server.Storage;
using Latchkey.Server.Tests.Api;
using Latchkey.Server.Tests.Hosts;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace Latchkey.Server.Tests.Attestation;

/// <summary>What the authority's certificates are worth: at registration, in the list, at sign-in, and when they are taken back.</summary>
public sealed class VouchingTests : IAsyncLifetime
{
    private RunningServer _server = null!;
    private Browser _browser = null!;
    private HttpClient _http = null!;
    private Enrolled _enrolled = null!;
    private Device _device = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _server = await RunningServer.StartAsync();
        await BeginAsync();
    }

    public async ValueTask DisposeAsync()
    {
        End();
        await _server.DisposeAsync();
    }

    [Fact]
    public async Task A_passkey_of_the_app_is_attested_and_the_API_says_so()
    {
        await EnforceAsync("registrationAndSignIn");

        var method = await AddInAppAsync(_device);

        Assert.Equal("attested", method.AttestationLevel);
        Assert.Equal(40, Assert.Single(method.AttestationCertificates).Length);
        Assert.DoesNotContain("vouches", (await _browser.OpenAsync("/security-info")).Page, StringComparison.Ordinal); // what keys are made of is for administrators
        Assert.Null(await SignInProblemAsync());
    }

    [Theory]
    [InlineData("passkeys")]
    [InlineData("add/device")]
    [InlineData("add/this-device")]
    public async Task With_attestation_enforced_every_way_of_the_portal_takes_a_passkey_that_is_vouched_for_and_no_other(string way)
    {
        await EnforceAsync("registrationOnly");
        using var unknown = new Device(_server);

        Assert.Equal("attestation_required", await AddInBrowserAsync(unknown, way));
        Assert.Null(await AddInBrowserAsync(_device, way));
        Assert.True(await _server.InDatabaseAsync(db => db.Passkeys.Select(p => p.AttestationTrusted).SingleAsync()));
    }

    [Fact]
    public async Task Where_nobody_looks_at_it_a_browser_is_not_asked_for_what_vouches()
    {
        Assert.Null(await AddInBrowserAsync(_device, "passkeys"));

        var passkey = await _server.InDatabaseAsync(db => db.Passkeys.SingleAsync());
        Assert.Equal(("none", false), (passkey.AttestationFormat, passkey.AttestationTrusted));
    }

    [Fact]
    public async Task Somebody_elses_certificate_vouches_for_nobody_but_them()
    {
        using var admin = _server.NewBrowser();
        using var theirs = AppAccount.ClientFor(_server, await AppAccount.AuthorizeAsync(_server, admin, "admin"));
        using var device = new Device(_server, await Enrolled.AtAsync(theirs));

        Assert.Equal("attestation_person_mismatch", (await Assert.ThrowsAsync<ApiException>(() => AddInAppAsync(device))).Code);
    }

    [Fact]
    public async Task A_certificate_the_authority_does_not_remember_issuing_is_worth_nothing()
    {
        await _server.InDatabaseAsync(db => db.AttestationCertificates.ExecuteDeleteAsync(Token));

        Assert.Equal("attestation_untrusted", (await Assert.ThrowsAsync<ApiException>(() => AddInAppAsync(_device))).Code);
    }

    [Fact]
    public async Task After_a_rotation_old_certificates_stay_good_and_new_ones_are_the_new_authoritys()
    {
        await EnforceAsync("registrationAndSignIn");
        await WithAuthoritiesAsync(authorities => authorities.RotateAsync(Token));

        Assert.Equal("attested", (await AddInAppAsync(_device)).AttestationLevel);
        Assert.Null(await SignInProblemAsync());
        using var second = new Device(_server, await Enrolled.AtAsync(_http));
        Assert.Equal("attested", (await AddInAppAsync(second)).AttestationLevel);
        Assert.Equal(2, await _server.InDatabaseAsync(db => db.AttestationCertificates.Select(c => c.AuthorityId).Distinct().CountAsync()));
        Assert.Equal(1, await _server.InDatabaseAsync(async db => (await db.AttestationAuthorities.ToListAsync()).Count(a => a.IsActive)));
    }

    [Fact]
    public async Task A_revoked_certificate_registers_nothing_and_stops_its_passkeys_where_sign_in_looks_at_it()
    {
        await AddInAppAsync(_device);
        await WithAuthoritiesAsync(async authorities => authorities.Revoke([(await authorities.FindAsync(_enrolled.Key.Certificates[0].Span, Token))!]));
        using var again = new Device(_server, _enrolled);

        Assert.Equal("attestation_revoked", (await Assert.ThrowsAsync<ApiException>(() => AddInAppAsync(again))).Code);
        Assert.Equal("notAttested", (await new Fido2MethodsClient(_http).ListAsync(Token)).Single().AttestationLevel);

        await EnforceAsync("registrationOnly");
        Assert.Null(await SignInProblemAsync());
        await EnforceAsync("registrationAndSignIn");
        Assert.Equal("attestation_revoked", await SignInProblemAsync());
        Assert.Contains("You can&#x27;t sign in with it any more", (await _browser.OpenAsync("/security-info")).Page, StringComparison.Ordinal);

        using var renewed = new Device(_server, await Enrolled.AtAsync(_http)); // with another key, as the words say
        Assert.Equal("attested", (await AddInAppAsync(renewed)).AttestationLevel);
    }

    [Fact]
    public async Task A_revoked_authority_takes_all_it_issued_with_it_and_another_takes_its_place()
    {
        await EnforceAsync("registrationAndSignIn");
        await AddInAppAsync(_device);
        await WithAuthoritiesAsync(async authorities => await authorities.RevokeAsync((await authorities.ListAsync(Token))[0], Token));
        using var again = new Device(_server, _enrolled);

        Assert.Equal("attestation_revoked", (await Assert.ThrowsAsync<ApiException>(() => AddInAppAsync(again))).Code);
        Assert.Equal("attestation_revoked", await SignInProblemAsync());
        using var renewed = new Device(_server, await Enrolled.AtAsync(_http));
        Assert.Equal("attested", (await AddInAppAsync(renewed)).AttestationLevel);
    }

    [Fact]
    public async Task A_restart_changes_nothing_of_what_was_vouched_for()
    {
        await EnforceAsync("registrationAndSignIn");
        await AddInAppAsync(_device);
        var before = await _server.InDatabaseAsync(db => db.AttestationAuthorities.Select(a => a.Id).SingleAsync());
        _http.Dispose();
        _browser.Dispose();
        await _server.StopAsync();

        _server = await RunningServer.StartAsync(_server.Options.DataDirectory);
        Assert.Equal(before, await _server.InDatabaseAsync(db => db.AttestationAuthorities.Select(a => a.Id).SingleAsync()));
        Assert.Null(await SignInProblemAsync());
        _server.Time.Advance(TimeSpan.FromMinutes(2)); // to a code that was not used before the restart
        _browser = _server.NewBrowser();
        _http = AppAccount.ClientFor(_server, await AppAccount.AuthorizeAsync(_server, _browser, "regular"));
        Assert.Equal(_enrolled.Key.Id, (await Enrolled.AtAsync(_http, renewed: _enrolled.Key)).Key.Id);
        using var second = new Device(_server, await Enrolled.AtAsync(_http)); // the key that signs was opened again
        Assert.Equal("attested", (await AddInAppAsync(second)).AttestationLevel);
    }

    [Fact]
    public async Task What_vouched_for_a_passkey_is_kept_as_long_as_the_passkey_and_what_vouched_for_none_goes_after_its_end()
    {
        await AddInAppAsync(_device);
        await Enrolled.AtAsync(_http);
        await _server.WithServicesAsync(services => Housekeeping.SweepAsync(services, _server.Time.GetUtcNow().AddDays(400), Token));

        Assert.Equal(_enrolled.Key.Id, (await _server.InDatabaseAsync(db => db.AttestationCertificates.SingleAsync())).Name);
    }

    private async Task BeginAsync()
    {
        _browser = await _server.NewBrowser().SignInAsync("regular");
        using var elsewhere = _server.NewBrowser();
        _http = AppAccount.ClientFor(_server, await AppAccount.AuthorizeAsync(_server, elsewhere, "regular"));
        _device = new Device(_server, _enrolled = await Enrolled.AtAsync(_http));
    }

    private void End()
    {
        _device.Dispose();
        _http.Dispose();
        _browser.Dispose();
    }

    private async Task<Fido2AuthenticationMethod> AddInAppAsync(Device device)
    {
        var methods = new Fido2MethodsClient(_http);
        var options = await methods.CreationOptionsAsync(Token);
        Assert.Equal(Requirements.Direct, options.PublicKey.Attestation);
        return await methods.RegisterAsync(new(null, await device.CreateAsync((options.PublicKey with { ExcludeCredentials = [] }).Encode())), null, Token);
    }

    /// <summary>As the page's script does; the code of a refusal, or null.</summary>
    private async Task<string?> AddInBrowserAsync(Device device, string way)
    {
        await _browser.OpenAsync("/security-info/add/passkey");
        var options = PublicKeyCredentialCreationOptions.Parse(await (await _browser.FetchAsync($"/security-info/{way}/options")).Content.ReadAsByteArrayAsync(Token));
        // A browser takes the device that was chosen there; this one is the app's own.
        options = options with { AuthenticatorSelection = options.AuthenticatorSelection! with { AuthenticatorAttachment = null } };
        var answer = await _browser.FetchAsync($"/security-info/{way}", (await device.CreateAsync(options.Encode())).Encode());
        return answer.IsSuccessStatusCode ? null : await Answers.CodeOfAsync(answer);
    }

    private async Task<string?> SignInProblemAsync()
    {
        using var browser = _server.NewBrowser();
        await browser.OpenAsync("/sign-in");
        var options = await (await browser.FetchAsync("/sign-in/passkey/options")).Content.ReadAsByteArrayAsync(Token);
        var answer = await browser.FetchAsync("/sign-in/passkey", (await _device.GetAsync(options)).Encode());
        return answer.IsSuccessStatusCode ? null : (await answer.Content.ReadFromJsonAsync<JsonElement>(Token)).GetProperty("code").GetString();
    }

    private Task WithAuthoritiesAsync(Func<AttestationAuthorities, Task> act) => _server.WithServicesAsync(async services =>
    {
        await act(services.GetRequiredService<AttestationAuthorities>());
        await services.GetRequiredService<LatchkeyDb>().SaveChangesAsync(Token);
    });

    private Task EnforceAsync(string enforcement) => _server.SetPolicyAsync(
        """{"Fido2":{"passkeyProfiles":{"00000000-0000-0000-0000-000000000001":{"attestationEnforcement":"HOW"}}}}""".Replace("HOW", enforcement, StringComparison.Ordinal));
}
