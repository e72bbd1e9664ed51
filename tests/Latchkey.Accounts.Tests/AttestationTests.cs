using Latchkey.Protocol;
using Latchkey.Protocol.WebAuthn;
using Latchkey.RelyingParty.Policy;
using Microsoft.Extensions.Time.Testing;

namespace Latchkey.Accounts.Tests;

/// <summary>Having the server vouch for this Authenticator, from the sign-in to the passkey.</summary>
public sealed class AttestationTests : IDisposable
{
    private const string Route = "/v1.0/me/authentication/attestationCertificates";

    private readonly string _directory = Directory.CreateTempSubdirectory("latchkey-attestation").FullName;
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 5, 3, 12, 0, 0, TimeSpan.Zero));
    private readonly PaperServer _server;
    private readonly PaperAuthority _authority;

    public AttestationTests() => _server = new(_time) { Authority = _authority = new(_time), Policy = Enforcing };

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private static PasskeyPolicy Enforcing => new() { Profiles = [new() { Attestation = AttestationEnforcement.RegistrationAndSignIn }] };

    private int Enrolments => _server.Requests.Count(request => request == "POST " + Route);

    public void Dispose()
    {
        _server.Dispose();
        Directory.Delete(_directory, recursive: true);
    }

    [Fact]
    public async Task Enrols_at_sign_in_once_and_passkeys_carry_it_across_restarts()
    {
        using (var device = await StartAsync())
        {
            Assert.Equal(1, Enrolments);
            Assert.NotNull(device.Account.Attestation);
            Assert.IsType<RegistrationOutcome.Registered>(await RegisterAsync(device));
        }

        using var again = await StartAsync();
        await again.Deletion.DeleteAsync(again.Account, again.Offered!, Token);
        Assert.IsType<RegistrationOutcome.Registered>(await RegisterAsync(again));
        Assert.True(Assert.Single(_server.Passkeys).Value.AttestationTrusted);
        Assert.Equal(1, Enrolments);
    }

    [Fact]
    public async Task A_browser_on_another_device_gets_it_too_and_another_relying_party_never()
    {
        using var device = await StartAsync();

        Assert.Equal(3, await MembersAsync(device, "localhost", "ada"));
        Assert.Equal(2, await MembersAsync(device, "example.org", "ada"));
        Assert.Equal(2, await MembersAsync(device, "localhost", "bob"));
    }

    [Fact]
    public async Task Renews_the_same_key_before_its_end_without_being_asked()
    {
        using var device = await StartAsync();
        var first = device.Account.Attestation!;

        _time.Advance(_authority.Life - AttestationEnrolment.RenewedBefore + TimeSpan.FromDays(1));
        Assert.IsType<RegistrationOutcome.Registered>(await RegisterAsync(device));

        Assert.NotEqual(first.Id, device.Account.Attestation!.Id);
        Assert.Equal(2, Enrolments);
        Assert.Single(_authority.Issued.Values.Distinct());
    }

    [Fact]
    public async Task A_start_renews_what_ends_soon_and_asks_for_nothing_before()
    {
        using var device = await StartAsync();
        await device.HealAsync(Token);
        Assert.DoesNotContain(_server.Requests, request => request.StartsWith("GET " + Route, StringComparison.Ordinal));

        _time.Advance(_authority.Life - TimeSpan.FromDays(29));
        await device.HealAsync(Token);

        Assert.Equal(2, Enrolments);
    }

    [Fact]
    public async Task What_the_server_says_of_who_made_a_passkey_is_kept_with_it()
    {
        using var device = await StartAsync();
        await RegisterAsync(device);
        Assert.True(device.Offered!.IsVouchedFor);

        _server.Policy = PasskeyPolicy.AllowAll;
        foreach (var id in _server.Passkeys.Keys.ToList()) _server.Passkeys[id] = _server.Passkeys[id] with { AttestationTrusted = false };
        await device.HealAsync(Token);
        Assert.False(device.Offered!.IsVouchedFor);
    }

    [Fact]
    public async Task What_the_server_no_longer_stands_for_is_thrown_away_and_another_key_certified()
    {
        using var device = await StartAsync();
        _authority.Issued.Remove(device.Account.Attestation!.Id, out var before);

        Assert.IsType<RegistrationOutcome.Registered>(await RegisterAsync(device));

        Assert.NotEqual(before, Assert.Single(_authority.Issued).Value);
        Assert.True(Assert.Single(_server.Passkeys).Value.AttestationTrusted);
    }

    [Fact]
    public async Task Without_the_server_it_goes_on_with_what_it_has()
    {
        using var device = await StartAsync();
        _server.Before = request =>
        {
            if (request.RequestUri!.AbsolutePath.StartsWith(Route, StringComparison.Ordinal)) throw new HttpRequestException("off");
        };

        Assert.IsType<RegistrationOutcome.Registered>(await RegisterAsync(device));
        Assert.True(Assert.Single(_server.Passkeys).Value.AttestationTrusted);
    }

    [Fact]
    public async Task One_that_has_ended_is_not_used()
    {
        using var device = await StartAsync();
        _time.Advance(_authority.Life + TimeSpan.FromDays(1));
        _authority.Refuses = "step_up_required";

        Assert.Equal(2, await MembersAsync(device, "localhost", "ada"));
    }

    [Fact]
    public async Task A_failed_enrolment_keeps_nobody_from_a_passkey_unless_policy_demands_it_and_then_its_reason_is_told()
    {
        _authority.Refuses = "attestation_model_not_ours";
        using var device = await StartAsync();
        Assert.Null(device.Account.Attestation);

        var refused = Assert.IsType<RegistrationOutcome.Refused>(await RegisterAsync(device));
        Assert.Equal("attestation_required", refused.Problem.Code);
        Assert.Equal("No. No.", refused.Problem.Message);
        Assert.Equal("attestation_model_not_ours", device.Accounts.Attestation.ProblemOf(device.Account)!.Code);

        _server.Policy = PasskeyPolicy.AllowAll;
        Assert.IsType<RegistrationOutcome.Registered>(await RegisterAsync(device));
        Assert.False(Assert.Single(_server.Passkeys).Value.AttestationTrusted);
    }

    [Fact]
    public async Task A_server_cannot_have_its_certificate_used_for_a_neighbour()
    {
        _authority.RpId = "example.org";
        using var device = await StartAsync();

        Assert.Null(device.Account.Attestation);
        Assert.Equal("answer_not_understood", device.Accounts.Attestation.ProblemOf(device.Account)!.Code);
    }

    [Fact]
    public async Task A_server_that_never_answers_makes_a_passkey_wait_a_few_seconds_and_no_longer()
    {
        using var device = await StartAsync();
        await device.Accounts.ChangeAsync(device.Account.Id, account => account with { Attestation = null }, Token);
        _server.BeforeAsync = request => request.RequestUri!.AbsolutePath == Route ? new TaskCompletionSource().Task : Task.CompletedTask;

        var made = MembersAsync(device, "localhost", "ada");
        Assert.False(made.IsCompleted);
        _time.Advance(AttestationEnrolment.Patience);

        Assert.Equal(2, await made);
    }

    [Fact]
    public async Task A_server_that_never_answers_holds_up_no_other_account()
    {
        using var device = await StartAsync();
        var silent = new Uri("http://silent.localhost:7080/");
        await device.Vault.UpdateAsync(contents => contents with { Accounts = contents.Accounts.Add(new("silent", silent, "43", "bob", "Bob", "Silent") { RefreshToken = "refresh", AddedAt = _time.GetUtcNow() }) }, Token);
        await device.Accounts.ChangeAsync(device.Account.Id, account => account with { Attestation = null }, Token);
        _server.BeforeAsync = request => request.RequestUri!.Authority == silent.Authority ? new TaskCompletionSource().Task : Task.CompletedTask;

        var waits = device.Accounts.Attestation.EnsureAsync(device.Accounts.Find("silent")!, Token);
        await device.Accounts.Attestation.EnsureAsync(device.Account, Token); // with a clock that stands still

        Assert.NotNull(device.Account.Attestation);
        Assert.False(waits.IsCompleted);
        _time.Advance(AttestationEnrolment.Patience);
        await waits;
    }

    private Task<Device> StartAsync() => Device.StartAsync(_directory, _server, _time, Token);

    private static Task<RegistrationOutcome> RegisterAsync(Device device) => device.Registration.RegisterAsync(device.Account, replace: false, elsewhere: null, handoff: null, Token);

    /// <summary>How many members the packed statement has that a client of somebody else's gets: three with certificates.</summary>
    private static async Task<int> MembersAsync(Device device, string rpId, string user)
    {
        var made = await device.Keys.MakeCredentialAsync(
            new(new ClientDataHash(ByteString.Random(ClientDataHash.Length)), new(rpId, null), new(new(System.Text.Encoding.UTF8.GetBytes(user)), user, user), [-7]), Token);
        await device.Vault.RollBackAsync(PasskeyDelivery.IdOf(made), Token);
        Assert.Equal("packed", made.Fmt);
        return new Latchkey.Protocol.Cbor.WireCborReader("packed", made.AttStmt.Memory).ReadStartMap();
    }
}
