using Latchkey.Authenticator;
using Latchkey.Hybrid.Advert;
using Latchkey.Hybrid.Proximity;
using Latchkey.Hybrid.Qr;
using Latchkey.Protocol.Ctap;
using Latchkey.Protocol.WebAuthn;

namespace Latchkey.Hybrid.Tests.Meetings;

/// <summary>Everything that can go wrong in a room: each end reaches a clear state, and the key's state is the right one.</summary>
public sealed class FaultTests : IDisposable
{
    private readonly Meeting _meeting = new();

    public void Dispose() => _meeting.Dispose();

    [Theory]
    [InlineData(301)]
    [InlineData(-301)]
    public async Task A_code_from_another_time_is_not_answered_at_all(int seconds)
    {
        using var initiator = HybridInitiator.Begin(HybridOperation.MakeCredential, _meeting.Time);
        var code = initiator.Code with { Timestamp = _meeting.Time.GetUtcNow().AddSeconds(-seconds) };
        _meeting.Relay.BeforeNew = () => throw new NotSupportedException("No tunnel may be asked for.");

        var outcome = await _meeting.PhoneAnswersAsync(code);

        Assert.Equal(HybridProblem.StaleCode, outcome.Problem);
        Assert.Empty(_meeting.PhoneStory.Steps);
    }

    [Fact]
    public async Task A_phone_that_read_another_code_is_not_met()
    {
        var phone = Task.FromResult(new HybridOutcome());
        using var other = HybridInitiator.Begin(HybridOperation.MakeCredential, _meeting.Time);

        var computer = _meeting.ComputerAsksAsync(HybridOperation.MakeCredential, _ => Task.FromResult(true), _ => phone = _meeting.PhoneAnswersAsync(other.Code));
        _meeting.Time.Advance(TimeSpan.FromMinutes(3));

        Assert.Equal(HybridProblem.TimedOut, (await Assert.ThrowsAsync<HybridException>(() => computer)).Problem);
        Assert.Equal(HybridProblem.TimedOut, (await phone).Problem);
        Assert.Equal(0, _meeting.Relay.Connected);
        _meeting.NothingIsLeft();
    }

    [Fact]
    public async Task An_advert_with_a_bad_tag_is_not_heard()
    {
        _meeting.Air.Weather = advert => [(byte[])[.. advert.Span[..19], (byte)(advert.Span[19] ^ 1)]];

        var meeting = _meeting.CreateAsync();
        _meeting.Time.Advance(TimeSpan.FromMinutes(3));
        var (_, failure, outcome) = await meeting;

        Assert.Equal(HybridProblem.TimedOut, Assert.IsType<HybridException>(failure).Problem);
        Assert.Equal(HybridProblem.TimedOut, outcome.Problem);
        Assert.Equal(0, _meeting.Relay.Connected);
    }

    [Fact]
    public async Task A_phone_with_the_code_but_another_advert_fails_the_handshake()
    {
        // Heard: an advert sealed with the right key that is not the phone's, as if somebody had the code's picture. The PSK is another one.
        var phone = Task.FromResult(new HybridOutcome());
        HybridQrCode? code = null;
        _meeting.Air.Weather = _ => [SealedAdvert.Seal(AdvertPlaintext.Create(RoutingId.Parse("a1b2c3"), new TunnelDomain(266)), EidKey.Of(code!)).Bytes];

        var failure = await Assert.ThrowsAsync<HybridException>(() => _meeting.ComputerAsksAsync(
            HybridOperation.MakeCredential,
            _ => Task.FromResult(true),
            shown =>
            {
                code = shown;
                phone = _meeting.PhoneAnswersAsync(shown);
            }));

        Assert.Equal(HybridProblem.PeerClosed, failure.Problem);
        Assert.Equal(HybridProblem.HandshakeFailed, (await phone).Problem);
        Assert.Empty(_meeting.Keys);
        _meeting.NothingIsLeft();
    }

    [Fact]
    public async Task Bluetooth_that_does_not_work_has_its_own_reason_at_both_ends()
    {
        _meeting.Air.Broken = new(ProximityProblem.AdapterOff, "Off.");

        var (_, failure, outcome) = await _meeting.CreateAsync();

        Assert.Equal(HybridProblem.NoProximity, outcome.Problem);
        Assert.Equal(ProximityProblem.AdapterOff, outcome.Proximity);
        Assert.Equal(ProximityProblem.AdapterOff, Assert.IsType<HybridException>(failure).Proximity);
    }

    [Fact]
    public async Task A_tunnel_service_that_does_not_answer_is_not_waited_for_forever()
    {
        _meeting.Relay.BeforeNew = () => new TaskCompletionSource().Task;

        using var initiator = HybridInitiator.Begin(HybridOperation.MakeCredential, _meeting.Time);
        var answering = _meeting.PhoneAnswersAsync(initiator.Code);
        _meeting.Time.Advance(TimeSpan.FromSeconds(30));

        Assert.Equal(HybridProblem.TunnelUnreachable, (await answering).Problem);
    }

    [Theory]
    [InlineData(FromComputerOrPhone.Computer, 0, 180, HybridProblem.TimedOut)]
    [InlineData(FromComputerOrPhone.Computer, 1, 60, HybridProblem.PeerSilent)]
    public async Task A_computer_that_falls_silent_is_not_waited_for_forever(FromComputerOrPhone from, int number, int seconds, HybridProblem problem)
    {
        var silent = new TaskCompletionSource();
        _meeting.Relay.Middle = (sender, n, message) =>
        {
            if ((sender, n) != (from, number)) return [message];
            silent.SetResult();
            return [];
        };
        var phone = Task.FromResult(new HybridOutcome());
        using var computerGivesUp = CancellationTokenSource.CreateLinkedTokenSource(Meeting.Token);
        var computer = _meeting.ComputerAsksAsync(
            HybridOperation.MakeCredential, device => device.MakeCredentialAsync(Create, computerGivesUp.Token), code => phone = _meeting.PhoneAnswersAsync(code), computerGivesUp.Token);
        await silent.Task;

        _meeting.Time.Advance(TimeSpan.FromSeconds(seconds));

        Assert.Equal(problem, (await phone).Problem);
        Assert.IsType<HybridException>(await Record.ExceptionAsync(() => computer));
        _meeting.NothingIsLeft();
    }

    [Fact]
    public async Task A_phone_that_falls_silent_is_not_waited_for_forever()
    {
        var silent = new TaskCompletionSource();
        _meeting.Relay.Middle = (sender, n, message) =>
        {
            if ((sender, n) != (FromComputerOrPhone.Phone, 0)) return [message];
            silent.SetResult();
            return [];
        };
        var meeting = _meeting.CreateAsync();
        await silent.Task;

        _meeting.Time.Advance(TimeSpan.FromSeconds(30));

        // the getInfo message arrives in the reply's place, or nothing does: either way the end has a name
        var (_, failure, outcome) = await meeting;
        Assert.Contains(Assert.IsType<HybridException>(failure).Problem, new[] { HybridProblem.HandshakeFailed, HybridProblem.PeerSilent });
        Assert.NotNull(outcome.Problem);
        Assert.Empty(_meeting.Keys);
    }

    [Fact]
    public async Task A_person_who_does_nothing_is_an_answer_and_the_question_goes()
    {
        var asked = new TaskCompletionSource();
        var gone = new TaskCompletionSource();
        _meeting.Phone.Person.Answer = async (request, token) =>
        {
            asked.SetResult();
            await Task.Delay(Timeout.InfiniteTimeSpan, _meeting.Time, token).ContinueWith(_ => gone.SetResult(), TaskScheduler.Default);
            token.ThrowIfCancellationRequested();
            return Person.Yes(request);
        };
        var meeting = _meeting.MeetAsync(HybridOperation.MakeCredential, phone => phone.MakeCredentialAsync(Create, Meeting.Token));
        await asked.Task;

        _meeting.Time.Advance(TimeSpan.FromMinutes(5));

        var (_, failure, outcome) = await meeting;
        await gone.Task;
        Assert.NotNull(failure);
        Assert.False(outcome.Succeeded);
        Assert.Empty(_meeting.Keys);
    }

    [Fact]
    public async Task A_computer_that_goes_takes_the_question_with_it_and_nothing_is_saved()
    {
        using var computerCancels = CancellationTokenSource.CreateLinkedTokenSource(Meeting.Token);
        _meeting.Phone.Person.Answer = async (request, token) =>
        {
            await computerCancels.CancelAsync();
            await Task.Delay(Timeout.InfiniteTimeSpan, _meeting.Time, token);
            return Person.Yes(request);
        };
        var phone = Task.FromResult(new HybridOutcome());

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => _meeting.ComputerAsksAsync(
            HybridOperation.MakeCredential, device => device.MakeCredentialAsync(Create, computerCancels.Token), code => phone = _meeting.PhoneAnswersAsync(code)));

        Assert.Equal(HybridProblem.PeerClosed, (await phone).Problem);
        Assert.Empty(_meeting.Keys);
        _meeting.NothingIsLeft();
    }

    [Fact]
    public async Task A_person_who_gives_up_while_being_asked_leaves_nothing()
    {
        using var phoneCancels = CancellationTokenSource.CreateLinkedTokenSource(Meeting.Token);
        _meeting.Phone.Person.Answer = async (request, token) =>
        {
            await phoneCancels.CancelAsync();
            return Person.Yes(request);
        };
        var phone = Task.FromResult(new HybridOutcome());

        var failure = await Record.ExceptionAsync(() => _meeting.ComputerAsksAsync(
            HybridOperation.MakeCredential, device => device.MakeCredentialAsync(Create, Meeting.Token), code => phone = _meeting.PhoneAnswersAsync(code, phoneCancels.Token)));

        Assert.Equal(HybridProblem.PeerClosed, Assert.IsType<HybridException>(failure).Problem);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => phone);
        Assert.Empty(_meeting.Keys);
        _meeting.NothingIsLeft();
    }

    [Theory]
    [InlineData(HybridProgress.Waiting)]
    [InlineData(HybridProgress.Connected)]
    public async Task Giving_up_at_any_moment_leaves_no_advert_and_no_tunnel(HybridProgress moment)
    {
        using var phoneCancels = CancellationTokenSource.CreateLinkedTokenSource(Meeting.Token);
        var phone = Task.FromResult(new HybridOutcome());
        if (moment == HybridProgress.Waiting) _meeting.Air.Weather = _ => [];
        var cancelling = _meeting.PhoneStory.ReachedAsync(moment).ContinueWith(_ => phoneCancels.Cancel(), TaskScheduler.Default);
        using var computerCancels = CancellationTokenSource.CreateLinkedTokenSource(Meeting.Token);

        var computer = _meeting.ComputerAsksAsync(
            HybridOperation.MakeCredential,
            async device =>
            {
                await cancelling;
                return await device.MakeCredentialAsync(Create, Meeting.Token);
            },
            code => phone = _meeting.PhoneAnswersAsync(code, phoneCancels.Token),
            computerCancels.Token);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => phone);
        Assert.Equal(0, _meeting.Air.OnAir);
        await computerCancels.CancelAsync();

        Assert.NotNull(await Record.ExceptionAsync(() => computer));
        Assert.Empty(_meeting.Keys);
        _meeting.NothingIsLeft();
    }

    [Fact]
    public async Task A_passkey_whose_answer_could_not_be_handed_over_is_dropped()
    {
        _meeting.Relay.Middle = (sender, n, message) => (sender, n) == (FromComputerOrPhone.Phone, 2)
            ? throw new HybridException(HybridProblem.PeerClosed, "The tunnel is closed.")
            : [message];
        var states = new List<CredentialState>();
        var written = new List<bool>();
        using var initiator = HybridInitiator.Begin(HybridOperation.MakeCredential, _meeting.Time);
        var answering = _meeting.Responder.AnswerAsync(
            initiator.Code,
            null,
            (response, yes) =>
            {
                states.AddRange(_meeting.Keys);
                written.Add(yes);
                return _meeting.Phone.DeliverOrDropAsync(response, yes);
            },
            Meeting.Token);

        await using (var phone = await initiator.ConnectAsync(_meeting.Air, _meeting.Relay, null, Meeting.Token))
        {
            Assert.Equal(HybridProblem.PeerClosed, (await Assert.ThrowsAsync<HybridException>(() => phone.MakeCredentialAsync(Create, Meeting.Token))).Problem);
        }

        Assert.Equal(HybridProblem.PeerClosed, (await answering).Problem);
        Assert.Equal([CredentialState.Staged], states);
        Assert.Equal([false], written);
        Assert.Empty(_meeting.Keys);
        _meeting.NothingIsLeft();
    }

    [Fact]
    public async Task A_computer_that_goes_while_the_key_is_being_written_gets_no_answer_and_the_key_is_dropped()
    {
        var phone = Task.FromResult(new HybridOutcome());
        using var computerCancels = CancellationTokenSource.CreateLinkedTokenSource(Meeting.Token);
        _meeting.Phone.Store.BeforeStage = async () =>
        {
            await computerCancels.CancelAsync();
            await _meeting.Relay.ComputerGone.Task.WaitAsync(Meeting.Token);
        };

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => _meeting.ComputerAsksAsync(
            HybridOperation.MakeCredential, device => device.MakeCredentialAsync(Create, computerCancels.Token), code => phone = _meeting.PhoneAnswersAsync(code)));

        Assert.Equal(HybridProblem.PeerClosed, (await phone).Problem);
        Assert.Empty(_meeting.Keys);
        _meeting.NothingIsLeft();
    }

    [Fact]
    public async Task A_computer_that_goes_without_a_word_after_the_answer_changes_nothing()
    {
        _meeting.Relay.Middle = (sender, n, message) => (sender, n) == (FromComputerOrPhone.Computer, 2) ? null : [message];

        var (_, failure, outcome) = await _meeting.CreateAsync();

        Assert.Null(failure);
        Assert.True(outcome.Succeeded);
        Assert.Equal([CredentialState.Delivered], _meeting.Keys);
    }

    [Fact]
    public async Task A_computer_that_never_says_goodbye_is_left_after_a_while()
    {
        var goodbye = new TaskCompletionSource();
        _meeting.Relay.Middle = (sender, n, message) => (sender, n) == (FromComputerOrPhone.Computer, 2) ? [] : [message];
        var phone = Task.FromResult(new HybridOutcome());
        var computer = _meeting.ComputerAsksAsync(
            HybridOperation.MakeCredential,
            async device =>
            {
                await device.MakeCredentialAsync(Create, Meeting.Token);
                await _meeting.PhoneStory.ReachedAsync(HybridProgress.Done);
                await goodbye.Task;
                return true;
            },
            code => phone = _meeting.PhoneAnswersAsync(code));
        await _meeting.PhoneStory.ReachedAsync(HybridProgress.Done);

        while (!phone.IsCompleted)
        {
            _meeting.Time.Advance(TimeSpan.FromSeconds(30));
            await Task.Yield();
        }

        Assert.True((await phone).Succeeded);
        goodbye.SetResult();
        await computer;
        Assert.Equal([CredentialState.Delivered], _meeting.Keys);
        _meeting.NothingIsLeft();
    }

    private static MakeCredentialRequest Create { get; } =
        new(ClientDataHash.Of("x"u8), new(Meeting.RpId, "Example"), new(new("ada"u8.ToArray())), [-7]) { Rk = true, Uv = true };
}
