using Latchkey.Protocol.Cose;
using Latchkey.Protocol.Ctap;
using Latchkey.Protocol.WebAuthn;
using static Latchkey.Authenticator.Tests.Scenario;

namespace Latchkey.Authenticator.Tests;

public sealed class GetAssertionTests : IDisposable
{
    private readonly Scenario _scenario = new();

    public void Dispose() => _scenario.Dispose();

    [Theory]
    [InlineData(-7)]
    [InlineData(-8)]
    public async Task An_assertion_is_signed_by_the_key_made_before(int algorithm)
    {
        var made = await _scenario.Authenticator.MakeCredentialAsync(Create() with { PubKeyCredParams = [algorithm] }, Token);
        await _scenario.Store.DeliverAsync(IdOf(made), Token);

        var response = await _scenario.Authenticator.GetAssertionAsync(SignIn(), Token);

        var key = CoseKey.Parse(AuthenticatorData.Parse(made.AuthData).AttestedCredentialData!.Value.CredentialPublicKey);
        Assert.True(SignatureVerifier.Verify(key, [.. response.AuthData.Span, .. Hash.Bytes.Span], response.Signature));
    }

    [Fact]
    public async Task The_flags_say_what_happened_and_the_count_stays_zero()
    {
        await _scenario.MakeAsync();

        var data = AuthenticatorData.Parse((await _scenario.Authenticator.GetAssertionAsync(SignIn(), Token)).AuthData);

        Assert.Equal((true, true, false, false, 0u), (data.UserPresent, data.UserVerified, data.BackupEligible, data.BackupState, data.SignCount));
        Assert.Null(data.AttestedCredentialData);
    }

    [Fact]
    public async Task A_silent_assertion_asks_nobody_and_claims_neither_presence_nor_verification()
    {
        var id = await _scenario.MakeAsync();
        _scenario.Person.Asked.Clear();

        var response = await _scenario.Authenticator.GetAssertionAsync(SignIn(id) with { Up = false, Uv = false }, Token);

        var data = AuthenticatorData.Parse(response.AuthData);
        Assert.Equal((false, false), (data.UserPresent, data.UserVerified));
        Assert.Empty(_scenario.Person.Asked);
        Assert.Null(_scenario.Store.Contents.Find(id)!.LastUsedAt);
    }

    [Fact]
    public async Task Who_gave_the_PIN_was_present_whether_that_was_asked_or_not()
    {
        var id = await _scenario.MakeAsync();

        var response = await _scenario.Authenticator.GetAssertionAsync(SignIn(id) with { Up = false, Uv = true }, Token);

        var data = AuthenticatorData.Parse(response.AuthData);
        Assert.Equal((true, true), (data.UserPresent, data.UserVerified));
    }

    [Theory]
    [InlineData(true, CtapStatus.UserActionTimeout)]
    [InlineData(null, CtapStatus.OperationDenied)]
    public async Task Silence_is_UserActionTimeout_where_a_PIN_is_asked_and_a_no_where_it_is_not(bool? uv, CtapStatus status)
    {
        var id = await _scenario.MakeAsync();
        _scenario.Person.Answer = _ => new AuthorizationAnswer.TimedOut();

        Assert.Equal(status, await _scenario.StatusOfSignInAsync(SignIn(id) with { Uv = uv }));
    }

    [Fact]
    public async Task A_use_with_the_person_present_is_remembered()
    {
        var id = await _scenario.MakeAsync();

        await _scenario.Authenticator.GetAssertionAsync(SignIn(), Token);

        Assert.NotNull(_scenario.Store.Contents.Find(id)!.LastUsedAt);
    }

    [Fact]
    public async Task Nothing_that_fits_is_NoCredentials()
    {
        await _scenario.MakeAsync();

        Assert.Equal(CtapStatus.NoCredentials, await _scenario.StatusOfSignInAsync(SignIn() with { RpId = "other.example" }));
        Assert.Equal(CtapStatus.NoCredentials, await _scenario.StatusOfSignInAsync(SignIn(CredentialId.Random())));
    }

    [Fact]
    public async Task A_no_is_OperationDenied()
    {
        await _scenario.MakeAsync();
        _scenario.Person.Answer = _ => new AuthorizationAnswer.Declined();

        Assert.Equal(CtapStatus.OperationDenied, await _scenario.StatusOfSignInAsync(SignIn()));
    }

    [Fact]
    public async Task The_rk_option_is_UnsupportedOption() =>
        Assert.Equal(CtapStatus.UnsupportedOption, await _scenario.StatusOfSignInAsync(SignIn() with { Rk = true }));

    [Fact]
    public async Task A_credential_that_is_not_discoverable_answers_to_its_ID_only()
    {
        var id = await _scenario.MakeAsync(Create() with { Rk = false });

        Assert.Equal(CtapStatus.NoCredentials, await _scenario.StatusOfSignInAsync(SignIn()));
        var response = await _scenario.Authenticator.GetAssertionAsync(SignIn(id), Token);
        Assert.Equal(id, response.Credential!.Id);
        Assert.Null(response.User);
    }

    [Fact]
    public async Task Among_several_accounts_the_person_sees_all_newest_first_and_chooses()
    {
        var ada = await _scenario.MakeAsync();
        var bob = await _scenario.MakeAsync(Create(Bob));
        _scenario.Person.Answer = _ => new AuthorizationAnswer.Granted { Pin = Person.Pin, Choice = ada };

        var response = await _scenario.Authenticator.GetAssertionAsync(SignIn(), Token);

        var asked = Assert.IsType<AuthorizationRequest.UsePasskey>(_scenario.Person.Asked[^1]);
        Assert.Equal([bob, ada], asked.Accounts.Select(account => account.Id));
        Assert.Equal((ada, Ada, (bool?)true, (uint?)null), (response.Credential!.Id, response.User!, response.UserSelected, response.NumberOfCredentials));
    }

    [Fact]
    public async Task A_choice_outside_the_accounts_shown_is_no_way_to_another_key()
    {
        var other = await _scenario.MakeAsync(Create() with { Rp = new("other.example", null) });
        await _scenario.MakeAsync();
        var bob = await _scenario.MakeAsync(Create(Bob));
        _scenario.Person.Answer = _ => new AuthorizationAnswer.Granted { Pin = Person.Pin, Choice = other };

        Assert.Equal(bob, (await _scenario.Authenticator.GetAssertionAsync(SignIn(), Token)).Credential!.Id);
    }

    [Fact]
    public async Task Without_a_screen_the_accounts_come_one_by_one_newest_first()
    {
        var ada = await _scenario.MakeAsync();
        var bob = await _scenario.MakeAsync(Create(Bob));
        _scenario.Person.CanChoose = false;

        var first = await _scenario.Authenticator.GetAssertionAsync(SignIn(), Token);
        var second = await _scenario.Authenticator.GetNextAssertionAsync(Token);

        Assert.Equal((bob, (uint?)2), (first.Credential!.Id, first.NumberOfCredentials));
        Assert.Equal((ada, (uint?)null), (second.Credential!.Id, second.NumberOfCredentials));
        Assert.Equal(CtapStatus.NotAllowed, await StatusOfNextAsync());
    }

    [Fact]
    public async Task GetNextAssertion_is_NotAllowed_without_a_first()
    {
        await _scenario.MakeAsync();

        Assert.Equal(CtapStatus.NotAllowed, await StatusOfNextAsync());
    }

    [Fact]
    public async Task GetNextAssertion_is_NotAllowed_after_30_seconds()
    {
        await _scenario.MakeAsync();
        await _scenario.MakeAsync(Create(Bob));
        _scenario.Person.CanChoose = false;
        await _scenario.Authenticator.GetAssertionAsync(SignIn(), Token);

        _scenario.Time.Advance(TimeSpan.FromSeconds(31));

        Assert.Equal(CtapStatus.NotAllowed, await StatusOfNextAsync());
    }

    [Fact]
    public async Task GetNextAssertion_is_NotAllowed_after_another_command()
    {
        await _scenario.MakeAsync();
        await _scenario.MakeAsync(Create(Bob));
        _scenario.Person.CanChoose = false;
        await _scenario.Authenticator.GetAssertionAsync(SignIn(), Token);

        await _scenario.MakeAsync(Create() with { Rp = new("other.example", null) });

        Assert.Equal(CtapStatus.NotAllowed, await StatusOfNextAsync());
    }

    [Fact]
    public async Task Without_verification_the_account_has_no_name()
    {
        await _scenario.MakeAsync();

        var response = await _scenario.Authenticator.GetAssertionAsync(SignIn() with { Uv = false }, Token);

        Assert.Equal(new CtapUser(Ada.Id), response.User);
    }

    [Theory]
    [InlineData(CredentialProtection.UserVerificationOptional, true, true)]
    [InlineData(CredentialProtection.UserVerificationOptionalWithCredentialIdList, false, true)]
    [InlineData(CredentialProtection.UserVerificationRequired, false, false)]
    public async Task CredProtect_hides_from_the_unverified(CredentialProtection level, bool foundWithoutList, bool foundWithList)
    {
        var id = await _scenario.MakeAsync(Create() with { CredProtect = level });

        Assert.Equal(foundWithoutList, await FindsAsync(SignIn() with { Uv = false }));
        Assert.Equal(foundWithList, await FindsAsync(SignIn(id) with { Uv = false }));
        Assert.True(await FindsAsync(SignIn()));
        Assert.True(await FindsAsync(SignIn(id)));
    }

    private async Task<bool> FindsAsync(GetAssertionRequest request)
    {
        try
        {
            await _scenario.Authenticator.GetAssertionAsync(request, Token);
            return true;
        }
        catch (CtapException e) when (e.Status == CtapStatus.NoCredentials)
        {
            return false;
        }
    }

    private async Task<CtapStatus> StatusOfNextAsync() =>
        (await Assert.ThrowsAsync<CtapException>(() => _scenario.Authenticator.GetNextAssertionAsync(Token))).Status;
}
