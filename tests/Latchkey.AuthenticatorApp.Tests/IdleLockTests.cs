using Latchkey.Authenticator;
using Latchkey.Authenticator.Vault;
using Latchkey.AuthenticatorApp.Device;

namespace Latchkey.AuthenticatorApp.Tests;

public sealed class IdleLockTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(LockAfter.OneMinute, 1)]
    [InlineData(LockAfter.FiveMinutes, 5)]
    [InlineData(LockAfter.FifteenMinutes, 15)]
    public async Task The_vault_is_locked_when_nobody_was_there_for_as_long_as_was_set(LockAfter setting, int minutes)
    {
        using var scanning = await Scanning.StartAsync(Token);
        await scanning.Store.UpdateAsync(contents => contents with { LockAfter = setting }, Token);
        using var idle = new IdleLock(scanning.Session, scanning.Window, scanning.Time);

        scanning.Time.Advance(TimeSpan.FromMinutes(minutes) - TimeSpan.FromSeconds(1));
        Assert.NotNull(scanning.Session.Open);
        scanning.Time.Advance(TimeSpan.FromSeconds(6));

        Assert.Null(scanning.Session.Open);
    }

    [Fact]
    public async Task A_new_vault_is_locked_after_five_minutes()
    {
        using var scanning = await Scanning.StartAsync(Token);

        Assert.Equal(TimeSpan.FromMinutes(5), IdleLock.LengthOf(scanning.Store.Contents.LockAfter));
    }

    [Fact]
    public async Task Whoever_is_there_now_and_then_stays_in()
    {
        using var scanning = await Scanning.StartAsync(Token);
        using var idle = new IdleLock(scanning.Session, scanning.Window, scanning.Time);

        for (var i = 0; i < 5; i++)
        {
            scanning.Time.Advance(TimeSpan.FromMinutes(4));
            idle.Touch();
        }

        Assert.NotNull(scanning.Session.Open);
    }

    [Fact]
    public async Task A_vault_that_is_never_to_be_locked_is_not()
    {
        using var scanning = await Scanning.StartAsync(Token);
        await scanning.Store.UpdateAsync(contents => contents with { LockAfter = LockAfter.Never }, Token);
        using var idle = new IdleLock(scanning.Session, scanning.Window, scanning.Time);

        scanning.Time.Advance(TimeSpan.FromDays(1));

        Assert.NotNull(scanning.Session.Open);
    }

    [Fact]
    public async Task A_question_that_waits_holds_the_lock_off()
    {
        using var scanning = await Scanning.StartAsync(Token);
        await scanning.Store.UpdateAsync(contents => contents with { LockAfter = LockAfter.OneMinute }, Token);
        using var idle = new IdleLock(scanning.Session, scanning.Window, scanning.Time);
        var asked = scanning.Window.AskAsync(new AuthorizationRequest.ChooseAuthenticator(), Token);

        scanning.Time.Advance(PinWindow.Patience - TimeSpan.FromSeconds(1));
        Assert.NotNull(scanning.Session.Open);
        scanning.Window.Question!.Answer.SetResult(new AuthorizationAnswer.Declined());
        await asked;
        scanning.Time.Advance(TimeSpan.FromSeconds(6));

        Assert.Null(scanning.Session.Open);
    }

    [Fact]
    public async Task Work_under_way_holds_the_lock_off_and_not_without_end()
    {
        using var scanning = await Scanning.StartAsync(Token);
        using var idle = new IdleLock(scanning.Session, scanning.Window, scanning.Time);
        idle.HoldWhile(() => true);

        scanning.Time.Advance(IdleLock.LongestHold - TimeSpan.FromSeconds(1));
        Assert.NotNull(scanning.Session.Open);
        scanning.Time.Advance(TimeSpan.FromSeconds(6));

        Assert.Null(scanning.Session.Open);
    }

    [Fact]
    public async Task Whoever_has_just_opened_the_vault_has_all_the_time_that_was_set()
    {
        using var scanning = await Scanning.StartAsync(Token);
        using var idle = new IdleLock(scanning.Session, scanning.Window, scanning.Time);
        scanning.Time.Advance(TimeSpan.FromMinutes(4));
        scanning.Session.Lock();
        await scanning.Session.UnlockAsync(Scanning.Pin, Token);

        scanning.Time.Advance(TimeSpan.FromMinutes(4));

        Assert.NotNull(scanning.Session.Open);
    }
}
