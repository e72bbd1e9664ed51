using Latchkey.Protocol.Ctap;
using Latchkey.Protocol.WebAuthn;
using static Latchkey.Authenticator.Tests.Scenario;

namespace Latchkey.Authenticator.Tests;

public sealed class PinProofTests : IDisposable
{
    private readonly Scenario _scenario = new();
    private readonly PinProof _proof;
    private readonly CtapAuthenticator _authenticator;

    public PinProofTests()
    {
        _proof = new(_scenario.Time);
        _authenticator = new(_scenario.Store, _scenario.Person, _scenario.Person, _scenario.Time) { Proof = _proof };
    }

    public void Dispose()
    {
        _authenticator.Dispose();
        _scenario.Dispose();
    }

    [Fact]
    public async Task A_passkey_is_made_for_a_yes_and_the_user_is_verified()
    {
        var response = await _authenticator.MakeCredentialAsync(Create(), Token);

        Assert.Null(Assert.Single(_scenario.Person.Asked).Pin);
        Assert.True(AuthenticatorData.Parse(response.AuthData).UserVerified);
    }

    [Fact]
    public async Task It_serves_one_ceremony_and_the_next_asks_for_the_PIN()
    {
        var id = IdOf(await _authenticator.MakeCredentialAsync(Create(), Token));
        await _scenario.Store.DeliverAsync(id, Token);
        await _authenticator.GetAssertionAsync(SignIn(), Token);

        Assert.Null(_scenario.Person.Asked[^2].Pin);
        Assert.NotNull(_scenario.Person.Asked[^1].Pin);
    }

    [Fact]
    public async Task A_no_uses_it_up()
    {
        _scenario.Person.Answer = _ => new AuthorizationAnswer.Declined();
        await Assert.ThrowsAsync<CtapException>(() => _authenticator.MakeCredentialAsync(Create(), Token));

        Assert.False(_proof.TryTake());
    }

    [Fact]
    public async Task A_yes_that_comes_after_thirty_seconds_is_followed_by_the_PIN()
    {
        _scenario.Person.Answer = request =>
        {
            if (request.Pin is null) _scenario.Time.Advance(PinProof.Lifetime + TimeSpan.FromSeconds(1));
            return new AuthorizationAnswer.Granted { Pin = request.Pin is null ? null : Person.Pin };
        };

        await _authenticator.MakeCredentialAsync(Create(), Token);

        Assert.Equal([false, true], _scenario.Person.Asked.Select(request => request.Pin is not null));
    }

    [Fact]
    public async Task A_yes_after_the_vault_was_locked_proves_nothing()
    {
        _scenario.Person.Answer = request =>
        {
            if (request.Pin is null) _proof.Void();
            return request.Pin is null ? new AuthorizationAnswer.Granted() : new AuthorizationAnswer.Declined();
        };

        var refused = await Assert.ThrowsAsync<CtapException>(() => _authenticator.MakeCredentialAsync(Create(), Token));

        Assert.Equal(CtapStatus.OperationDenied, refused.Status);
        Assert.Empty(_scenario.Store.Credentials);
    }

    [Theory]
    [InlineData(31, -3600)]
    [InlineData(0, 300)]
    public void Neither_a_wall_clock_that_was_set_back_nor_a_computer_that_slept_prolongs_it(int steadySeconds, int wallSeconds)
    {
        var clocks = new TwoClocks();
        var proof = new PinProof(clocks);

        (clocks.Steady, clocks.Wall) = (TimeSpan.FromSeconds(steadySeconds), TimeSpan.FromSeconds(wallSeconds));

        Assert.False(proof.Counts);
    }

    private sealed class TwoClocks : TimeProvider
    {
        public TimeSpan Steady { get; set; }

        public TimeSpan Wall { get; set; }

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => Steady.Ticks;

        public override DateTimeOffset GetUtcNow() => DateTimeOffset.UnixEpoch + TimeSpan.FromDays(1) + Wall;
    }
}
