using Latchkey.Protocol;
using Latchkey.Protocol.Cbor;
using Latchkey.Protocol.Cose;
using Latchkey.Protocol.Ctap;
using Latchkey.Protocol.WebAuthn;
using static Latchkey.Authenticator.Tests.Scenario;

namespace Latchkey.Authenticator.Tests;

public sealed class MakeCredentialTests : IDisposable
{
    private readonly Scenario _scenario = new();

    public void Dispose() => _scenario.Dispose();

    [Theory]
    [InlineData(-7, CoseKeyType.Ec2)]
    [InlineData(-8, CoseKeyType.Okp)]
    public async Task The_statement_is_a_self_attestation_by_the_new_key(int algorithm, CoseKeyType type)
    {
        var response = await _scenario.Authenticator.MakeCredentialAsync(Create() with { PubKeyCredParams = [algorithm] }, Token);

        var key = CoseKey.Parse(AuthenticatorData.Parse(response.AuthData).AttestedCredentialData!.Value.CredentialPublicKey);
        Assert.Equal((type, (CoseAlgorithm)algorithm), (key.Type, key.Algorithm));
        Assert.Equal("packed", response.Fmt);
        var (statementAlgorithm, signature) = ReadStatement(response.AttStmt);
        Assert.Equal(algorithm, statementAlgorithm);
        Assert.True(SignatureVerifier.Verify(key, [.. response.AuthData.Span, .. Hash.Bytes.Span], signature));
    }

    [Fact]
    public async Task The_first_algorithm_we_can_do_is_chosen()
    {
        var response = await _scenario.Authenticator.MakeCredentialAsync(Create() with { PubKeyCredParams = [-257, -65000, -8, -7] }, Token);

        Assert.Equal(CoseAlgorithm.EdDSA, CoseKey.Parse(AuthenticatorData.Parse(response.AuthData).AttestedCredentialData!.Value.CredentialPublicKey).Algorithm);
    }

    [Fact]
    public async Task No_common_algorithm_is_refused_before_anybody_is_asked()
    {
        Assert.Equal(CtapStatus.UnsupportedAlgorithm, await _scenario.StatusOfMakeAsync(Create() with { PubKeyCredParams = [-257] }));
        Assert.Empty(_scenario.Person.Asked);
    }

    [Fact]
    public async Task A_key_that_never_leaves_says_so_and_counts_nothing()
    {
        var data = AuthenticatorData.Parse((await _scenario.Authenticator.MakeCredentialAsync(Create(), Token)).AuthData);

        Assert.Equal((true, true, false, false, 0u), (data.UserPresent, data.UserVerified, data.BackupEligible, data.BackupState, data.SignCount));
        Assert.Equal(AuthenticatorAaguid.Value, data.AttestedCredentialData!.Value.Aaguid);
        Assert.Equal(RpIdHash.Of(RpId), data.RpIdHash);
    }

    [Fact]
    public async Task Without_uv_asked_no_PIN_is_asked_and_UV_is_not_claimed()
    {
        var data = AuthenticatorData.Parse((await _scenario.Authenticator.MakeCredentialAsync(Create() with { Uv = null }, Token)).AuthData);

        Assert.Equal((true, false), (data.UserPresent, data.UserVerified));
        Assert.Null(Assert.Single(_scenario.Person.Asked).Pin);
    }

    [Fact]
    public async Task A_gesture_that_grants_without_the_right_PIN_gets_no_UV()
    {
        _scenario.Person.Answer = _ => new AuthorizationAnswer.Granted { Pin = "wrong" };
        _scenario.Person.Check = _ => _scenario.Person.Asked.Count < 3 ? PinCheck.Wrong : PinCheck.BlockedUntilRestart;

        Assert.Equal(CtapStatus.PinAuthBlocked, await _scenario.StatusOfMakeAsync(Create()));
        Assert.Equal([false, true, true], _scenario.Person.Asked.Select(asked => asked.Pin!.PreviousWasWrong));
        Assert.Empty(_scenario.Store.Credentials);
    }

    [Fact]
    public async Task A_blocked_vault_says_so()
    {
        _scenario.Person.Check = _ => PinCheck.Blocked;

        Assert.Equal(CtapStatus.PinBlocked, await _scenario.StatusOfMakeAsync(Create()));
    }

    [Fact]
    public async Task The_person_sees_who_asks_for_which_account()
    {
        await _scenario.Authenticator.MakeCredentialAsync(Create(), Token);

        var asked = Assert.IsType<AuthorizationRequest.CreatePasskey>(Assert.Single(_scenario.Person.Asked));
        Assert.Equal((new CtapRelyingParty(RpId, "Example"), Ada), (asked.Rp, asked.User));
        Assert.Null(asked.Existing);
    }

    [Fact]
    public async Task A_no_is_OperationDenied_and_leaves_nothing()
    {
        _scenario.Person.Answer = _ => new AuthorizationAnswer.Declined();

        Assert.Equal(CtapStatus.OperationDenied, await _scenario.StatusOfMakeAsync(Create()));
        Assert.Empty(_scenario.Store.Credentials);
    }

    [Theory]
    [InlineData(true, CtapStatus.UserActionTimeout)]
    [InlineData(null, CtapStatus.OperationDenied)]
    public async Task Silence_is_UserActionTimeout_where_a_PIN_is_asked_and_a_no_where_it_is_not(bool? uv, CtapStatus status)
    {
        _scenario.Person.Answer = _ => new AuthorizationAnswer.TimedOut();

        Assert.Equal(status, await _scenario.StatusOfMakeAsync(Create() with { Uv = uv }));
        Assert.Equal(CtapStatus.UserActionTimeout, (await Assert.ThrowsAsync<CtapException>(() => _scenario.Authenticator.SelectionAsync(Token))).Status);
    }

    [Fact]
    public async Task Up_false_is_InvalidOption() =>
        Assert.Equal(CtapStatus.InvalidOption, await _scenario.StatusOfMakeAsync(Create() with { Up = false }));

    [Fact]
    public async Task Enterprise_attestation_is_InvalidParameter() =>
        Assert.Equal(CtapStatus.InvalidParameter, await _scenario.StatusOfMakeAsync(Create() with { EnterpriseAttestation = 1 }));

    [Fact]
    public async Task A_pinUvAuthParam_nobody_issued_is_refused()
    {
        var request = Create() with { PinUvAuthParam = ByteString.Random(16) };

        Assert.Equal(CtapStatus.MissingParameter, await _scenario.StatusOfMakeAsync(request));
        Assert.Equal(CtapStatus.InvalidParameter, await _scenario.StatusOfMakeAsync(request with { PinUvAuthProtocol = 2 }));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task An_excluded_credential_ends_in_CredentialExcluded_after_the_gesture(bool uv)
    {
        var id = await _scenario.MakeAsync();
        _scenario.Person.Asked.Clear();

        var status = await _scenario.StatusOfMakeAsync(Create(Bob) with { Uv = uv, ExcludeList = [new(id, [])] });

        Assert.Equal(CtapStatus.CredentialExcluded, status);
        var asked = Assert.IsType<AuthorizationRequest.CreatePasskey>(Assert.Single(_scenario.Person.Asked));
        Assert.Equal((id, true), (asked.Existing!.Id, asked.Excluded));
        Assert.Single(_scenario.Store.Credentials);
    }

    [Fact]
    public async Task An_excluded_credential_ends_in_CredentialExcluded_even_when_the_person_says_no()
    {
        var id = await _scenario.MakeAsync();
        _scenario.Person.Answer = _ => new AuthorizationAnswer.Declined();

        Assert.Equal(CtapStatus.CredentialExcluded, await _scenario.StatusOfMakeAsync(Create(Bob) with { Uv = null, ExcludeList = [new(id, [])] }));
    }

    [Fact]
    public async Task An_excluded_credential_of_another_relying_party_excludes_nothing()
    {
        var id = await _scenario.MakeAsync(Create() with { Rp = new("other.example", null) });

        await _scenario.MakeAsync(Create() with { ExcludeList = [new(id, [])] });

        Assert.Equal(2, _scenario.Store.Credentials.Count);
    }

    [Fact]
    public async Task A_deleted_credential_excludes_nothing()
    {
        var id = await _scenario.MakeAsync();
        await _scenario.Store.RollBackAsync(id, Token);

        await _scenario.MakeAsync(Create() with { ExcludeList = [new(id, [])] });

        Assert.Single(_scenario.Store.Credentials, credential => credential.IsOffered);
    }

    [Fact]
    public async Task A_credential_that_requires_verification_is_hidden_from_an_unverified_exclude_list()
    {
        var id = await _scenario.MakeAsync(Create() with { CredProtect = CredentialProtection.UserVerificationRequired });

        await _scenario.MakeAsync(Create(Bob) with { Uv = null, ExcludeList = [new(id, [])] });

        Assert.Equal(CtapStatus.CredentialExcluded, await _scenario.StatusOfMakeAsync(Create(Bob) with { Uv = true, ExcludeList = [new(id, [])] }));
    }

    [Fact]
    public async Task A_passkey_for_the_same_account_is_never_replaced_by_a_plain_yes_even_without_an_exclude_list()
    {
        var id = await _scenario.MakeAsync();

        Assert.Equal(CtapStatus.CredentialExcluded, await _scenario.StatusOfMakeAsync(Create()));
        Assert.Equal(id, Assert.Single(_scenario.Store.Credentials).Id);
    }

    [Fact]
    public async Task A_yes_to_a_first_passkey_makes_no_second_where_another_client_made_one_while_the_question_stood()
    {
        using var other = new CtapAuthenticator(_scenario.Store, new Person(), new Person(), _scenario.Time);
        CredentialId? first = null;
        _scenario.Person.Answer = _ =>
        {
            // the memory store and this person never wait, so the task has ended
            first = IdOf(other.MakeCredentialAsync(Create(), Token).GetAwaiter().GetResult());
            _scenario.Store.DeliverAsync(first.Value, Token).GetAwaiter().GetResult();
            return new AuthorizationAnswer.Granted { Pin = Person.Pin, Replace = true };
        };

        Assert.Equal(CtapStatus.CredentialExcluded, await _scenario.StatusOfMakeAsync(Create()));
        Assert.Equal(first, Assert.Single(_scenario.Store.Credentials).Id);
    }

    [Fact]
    public async Task A_replaced_passkey_is_kept_and_offered_until_the_new_one_is_confirmed()
    {
        var old = await _scenario.MakeAsync();
        _scenario.Person.Answer = request => new AuthorizationAnswer.Granted
        {
            Pin = Person.Pin,
            Replace = ((AuthorizationRequest.CreatePasskey)request).Existing!.Id == old,
        };

        var id = IdOf(await _scenario.Authenticator.MakeCredentialAsync(Create(), Token));
        await _scenario.Store.DeliverAsync(id, Token);
        Assert.True(_scenario.Store.Contents.Find(old)!.IsOffered);

        var replaced = await _scenario.Store.ConfirmAsync(id, Token);
        Assert.Equal(old, replaced!.Id);
        Assert.Equal(CredentialState.RecentlyDeleted, _scenario.Store.Contents.Find(old)!.State);
        Assert.Equal(CredentialState.Confirmed, _scenario.Store.Contents.Find(id)!.State);
    }

    [Fact]
    public async Task A_refused_replacement_leaves_the_old_passkey_as_it_was()
    {
        var old = await _scenario.MakeAsync();
        _scenario.Person.Answer = _ => new AuthorizationAnswer.Granted { Pin = Person.Pin, Replace = true };

        var id = IdOf(await _scenario.Authenticator.MakeCredentialAsync(Create(), Token));
        await _scenario.Store.DeliverAsync(id, Token);
        await _scenario.Store.RollBackAsync(id, Token);

        Assert.Equal(CredentialState.Confirmed, _scenario.Store.Contents.Find(old)!.State);
        Assert.False(_scenario.Store.Contents.Find(id)!.IsOffered);
    }

    [Fact]
    public async Task A_new_credential_is_staged_with_its_response_before_the_answer_leaves_and_not_offered()
    {
        var response = await _scenario.Authenticator.MakeCredentialAsync(Create(), Token);

        var staged = Assert.Single(_scenario.Store.Credentials);
        Assert.Equal((CredentialState.Staged, (ByteString?)response.Encode()), (staged.State, staged.Response));
        Assert.Equal(CtapStatus.NoCredentials, await _scenario.StatusOfSignInAsync(SignIn()));
    }

    [Fact]
    public async Task A_delivered_credential_is_offered_at_once()
    {
        var id = IdOf(await _scenario.Authenticator.MakeCredentialAsync(Create(), Token));
        await _scenario.Store.DeliverAsync(id, Token);

        Assert.Equal(id, (await _scenario.Authenticator.GetAssertionAsync(SignIn(), Token)).Credential!.Id);
    }

    [Fact]
    public async Task A_client_that_aborts_while_the_disk_writes_leaves_nothing()
    {
        using var abort = new CancellationTokenSource();
        _scenario.Store.BeforeStage = abort.Cancel;

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => _scenario.Authenticator.MakeCredentialAsync(Create(), abort.Token));

        Assert.Empty(_scenario.Store.Credentials);
    }

    [Fact]
    public async Task A_disk_that_fails_lets_no_answer_leave()
    {
        _scenario.Store.BeforeStage = () => throw new IOException("full");

        await Assert.ThrowsAsync<IOException>(() => _scenario.Authenticator.MakeCredentialAsync(Create(), Token));
    }

    [Fact]
    public async Task CredProtect_is_answered_with_the_level_set()
    {
        var response = await _scenario.Authenticator.MakeCredentialAsync(Create() with { CredProtect = CredentialProtection.UserVerificationOptionalWithCredentialIdList }, Token);

        Assert.Equal("a16b6372656450726f7465637402", AuthenticatorData.Parse(response.AuthData).Extensions!.Value.ToHex());
    }

    [Fact]
    public async Task A_credProtect_level_that_does_not_exist_is_refused() =>
        Assert.Equal(CtapStatus.InvalidParameter, await _scenario.StatusOfMakeAsync(Create() with { CredProtect = (CredentialProtection)4 }));

    [Fact]
    public async Task Attestation_none_is_given_to_who_prefers_it()
    {
        var response = await _scenario.Authenticator.MakeCredentialAsync(Create() with { AttestationFormatsPreference = ["tpm", "none", "packed"] }, Token);

        Assert.Equal(("none", "a0"), (response.Fmt, response.AttStmt.ToHex()));
    }

    [Fact]
    public async Task A_second_operation_at_the_same_time_finds_the_channel_busy()
    {
        var status = CtapStatus.Success;
        _scenario.Person.Answer = _ =>
        {
            status = Assert.ThrowsAsync<CtapException>(() => _scenario.Authenticator.SelectionAsync(Token)).GetAwaiter().GetResult().Status;
            return new AuthorizationAnswer.Granted { Pin = Person.Pin };
        };

        await _scenario.Authenticator.MakeCredentialAsync(Create(), Token);

        Assert.Equal(CtapStatus.ChannelBusy, status);
    }

    [Fact]
    public async Task Selection_asks_the_person()
    {
        await _scenario.Authenticator.SelectionAsync(Token);
        Assert.IsType<AuthorizationRequest.ChooseAuthenticator>(Assert.Single(_scenario.Person.Asked));

        _scenario.Person.Answer = _ => new AuthorizationAnswer.Declined();
        Assert.Equal(CtapStatus.OperationDenied, (await Assert.ThrowsAsync<CtapException>(() => _scenario.Authenticator.SelectionAsync(Token))).Status);
    }

    [Fact]
    public async Task GetInfo_says_what_is_true()
    {
        var info = GetInfoResponse.Parse((await _scenario.Authenticator.GetInfoAsync(Token)).Encode());

        Assert.Equal(AuthenticatorAaguid.Value, info.Aaguid);
        Assert.Equal((true, true, (bool?)true, true), (info.Rk, info.Up, info.Uv, info.Plat));
        Assert.Equal([-7, -8], info.Algorithms);
        Assert.Equal(["credProtect"], info.Extensions);
        Assert.Equal(["internal"], info.Transports);
    }

    private static (int Algorithm, ByteString Signature) ReadStatement(ByteString attStmt)
    {
        var reader = new WireCborReader("packed", attStmt.Memory);
        Assert.Equal(2, reader.ReadStartMap());
        Assert.Equal("alg", reader.ReadText());
        var algorithm = reader.ReadInt32();
        Assert.Equal("sig", reader.ReadText());
        return (algorithm, reader.ReadByteString());
    }
}
