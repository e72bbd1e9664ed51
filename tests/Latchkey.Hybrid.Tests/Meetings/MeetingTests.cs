using Latchkey.Authenticator;
using Latchkey.Client;
using Latchkey.Hybrid.Advert;
using Latchkey.Hybrid.Qr;
using Latchkey.Protocol;
using Latchkey.Protocol.Ctap;
using Latchkey.Protocol.WebAuthn;

namespace Latchkey.Hybrid.Tests.Meetings;

public sealed class MeetingTests : IDisposable
{
    private readonly Meeting _meeting = new();

    public void Dispose() => _meeting.Dispose();

    [Fact]
    public async Task A_passkey_made_through_a_QR_code_signs_in_through_another()
    {
        var (created, createFailure, createOutcome) = await _meeting.CreateAsync();
        Assert.Null(createFailure);
        Assert.True(createOutcome.Succeeded);
        Assert.Equal(HybridOperation.MakeCredential, createOutcome.Operation);
        Assert.Equal(["hybrid", "internal"], created.Transports);
        Assert.Equal(Requirements.CrossPlatform, created.AuthenticatorAttachment);
        Assert.Equal([CredentialState.Delivered], _meeting.Keys);

        var (assertion, getFailure, getOutcome) = await _meeting.GetAsync();
        Assert.Null(getFailure);
        Assert.True(getOutcome.Succeeded);
        Assert.Equal(HybridOperation.GetAssertion, getOutcome.Operation);
        Assert.Equal(created.Id, assertion.Id);
    }

    [Fact]
    public async Task Both_ends_tell_the_story_in_its_order()
    {
        await _meeting.CreateAsync();

        Assert.Equal(
            [HybridProgress.Connecting, HybridProgress.Waiting, HybridProgress.Connected, HybridProgress.Asking, HybridProgress.Saving, HybridProgress.Done],
            _meeting.PhoneStory.Steps);
        Assert.Equal([HybridProgress.Waiting, HybridProgress.Connecting, HybridProgress.Connected, HybridProgress.Asking, HybridProgress.Done], _meeting.ComputerStory.Steps);
    }

    [Fact]
    public async Task Several_accounts_are_asked_for_one_by_one_on_one_channel()
    {
        await _meeting.CreateAsync();
        await _meeting.CreateAsync(Meeting.CreationOptions with { User = new(new("bob"u8.ToArray()), "bob@example.org", "Bob") });
        _meeting.Phone.Person.CanChoose = false;

        var (users, failure, outcome) = await _meeting.MeetAsync(HybridOperation.GetAssertion, async phone =>
        {
            var first = await phone.GetAssertionAsync(new(Meeting.RpId, ClientDataHash.Of("x"u8)) { Uv = true }, Meeting.Token);
            var second = await phone.GetNextAssertionAsync(Meeting.Token);
            return new[] { first.User?.Id, second.User?.Id };
        });

        Assert.Null(failure);
        Assert.True(outcome.Succeeded);
        Assert.Equal(2, users.Distinct().Count());
    }

    [Fact]
    public async Task GetInfo_says_what_works_everywhere_and_that_the_phone_is_no_part_of_the_computer()
    {
        var (info, _, outcome) = await _meeting.MeetAsync(HybridOperation.GetAssertion, phone => phone.GetInfoAsync(Meeting.Token));

        Assert.Equal(["hybrid", "internal"], info.Transports);
        Assert.True(info.Rk);
        Assert.True(info.Uv);
        Assert.False(info.Plat);
        Assert.Equal(HybridProblem.PeerClosed, outcome.Problem);
    }

    [Fact]
    public async Task A_computer_may_ask_for_this_authenticator_to_be_chosen_and_then_go_on()
    {
        var (answer, failure, outcome) = await _meeting.MeetAsync(HybridOperation.MakeCredential, async phone =>
        {
            await phone.SelectionAsync(Meeting.Token);
            return await phone.MakeCredentialAsync(new(ClientDataHash.Of("x"u8), new(Meeting.RpId, null), new(new("ada"u8.ToArray())), [-7]) { Rk = true, Uv = true }, Meeting.Token);
        });

        Assert.Null(failure);
        Assert.NotNull(answer);
        Assert.True(outcome.Succeeded);
    }

    [Fact]
    public async Task A_person_who_says_no_is_an_answer()
    {
        _meeting.Phone.Person.Answer = (_, _) => Task.FromResult<AuthorizationAnswer>(new AuthorizationAnswer.Declined());

        var (_, failure, outcome) = await _meeting.CreateAsync();

        Assert.Equal(CtapStatus.OperationDenied, Assert.IsType<WebAuthnClientException>(failure).Status);
        Assert.Null(outcome.Problem);
        Assert.False(outcome.Succeeded);
        Assert.Equal(CtapStatus.OperationDenied, outcome.Status);
        Assert.Empty(_meeting.Keys);
    }

    [Fact]
    public async Task A_passkey_that_is_there_already_is_an_answer()
    {
        var (created, _, _) = await _meeting.CreateAsync();

        var (_, failure, outcome) = await _meeting.CreateAsync(Meeting.CreationOptions with { ExcludeCredentials = [new(created.Id, [])] });

        Assert.Equal(DomExceptionName.InvalidStateError, Assert.IsType<WebAuthnClientException>(failure).Name);
        Assert.Equal(CtapStatus.CredentialExcluded, outcome.Status);
        Assert.Equal([CredentialState.Delivered], _meeting.Keys);
    }

    [Fact]
    public async Task No_passkey_to_sign_in_with_is_an_answer()
    {
        var (_, failure, outcome) = await _meeting.GetAsync();

        Assert.Equal(CtapStatus.NoCredentials, Assert.IsType<WebAuthnClientException>(failure).Status);
        Assert.Equal(CtapStatus.NoCredentials, outcome.Status);
        Assert.Null(outcome.Problem);
    }

    [Fact]
    public async Task A_message_of_64_KiB_goes_through_and_a_longer_one_is_refused_before_it_leaves()
    {
        static ByteString Request(int length) => (byte[])[(byte)CtapCommand.GetAssertion, .. new byte[length - 1]];
        var (fits, failure, _) = await _meeting.MeetAsync(HybridOperation.GetAssertion, phone => phone.ExchangeAsync(Request(64 * 1024), Meeting.Token));
        Assert.Null(failure);
        Assert.NotEqual((byte)CtapStatus.Success, fits.Span[0]);

        var (_, tooLong, outcome) = await _meeting.MeetAsync(HybridOperation.GetAssertion, phone => phone.ExchangeAsync(Request(64 * 1024 + 1), Meeting.Token));
        Assert.Equal(HybridProblem.NotSupported, Assert.IsType<HybridException>(tooLong).Problem);
        Assert.Equal(HybridProblem.PeerClosed, outcome.Problem);
    }

    [Fact]
    public async Task Other_peoples_adverts_do_not_matter()
    {
        for (var i = 0; i < 50; i++) _meeting.Air.Put(ByteString.Random(20));
        _meeting.Air.Put(ByteString.Random(19));
        _meeting.Air.Put(ByteString.Empty);
        _meeting.Air.Weather = advert => [ByteString.Random(20), ByteString.Random(27), (byte[])[.. advert.Span, 0xa1, 0x01, 0x19, 0x12, 0x34], ByteString.Random(20)];

        var (_, failure, outcome) = await _meeting.CreateAsync();

        Assert.Null(failure);
        Assert.True(outcome.Succeeded);
        Assert.Equal(1, _meeting.Relay.Connected);
    }

    [Fact]
    public async Task A_second_phone_with_the_same_code_is_not_met()
    {
        using var second = new Phone(_meeting.Time);
        using var secondGivesUp = CancellationTokenSource.CreateLinkedTokenSource(Meeting.Token);
        var answering = new List<Task<HybridOutcome>>();
        var relayOfSecond = new Relay();
        await _meeting.ComputerAsksAsync(
            HybridOperation.MakeCredential,
            async phone =>
            {
                var answer = await _meeting.Client(phone).CreateAsync(Meeting.CreationOptions, new(Origin.Of(new("https://example.org"))), Meeting.Token);
                return answer;
            },
            code =>
            {
                answering.Add(_meeting.PhoneAnswersAsync(code));
                var responder = new HybridResponder(second.Authenticator, _meeting.Air, relayOfSecond, new TunnelDomain(257), _meeting.Time);
                answering.Add(responder.AnswerAsync(code, null, second.DeliverOrDropAsync, secondGivesUp.Token));
            });

        Assert.True((await answering[0]).Succeeded);
        Assert.False(answering[1].IsCompleted);
        await secondGivesUp.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => answering[1]);
        Assert.Empty(second.Store.Credentials);
        Assert.Equal(0, relayOfSecond.Connected);
        Assert.Equal(0, relayOfSecond.Open);
        _meeting.NothingIsLeft();
    }
}
