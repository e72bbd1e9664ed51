using Latchkey.Authenticator;
using Latchkey.AuthenticatorApp.Device;
using Microsoft.Extensions.Time.Testing;

namespace Latchkey.AuthenticatorApp.Tests;

public sealed class PinWindowTests
{
    private readonly FakeTimeProvider _time = new();

    [Fact]
    public async Task The_persons_answer_is_the_answer_and_the_window_goes_away()
    {
        using var window = new PinWindow(_time);
        var asking = window.AskAsync(new AuthorizationRequest.ChooseAuthenticator(), TestContext.Current.CancellationToken);

        window.Question!.Answer.SetResult(new AuthorizationAnswer.Declined());

        Assert.IsType<AuthorizationAnswer.Declined>(await asking);
        Assert.Null(window.Question);
    }

    [Fact]
    public async Task Two_minutes_of_silence_are_an_answer()
    {
        using var window = new PinWindow(_time);
        var asking = window.AskAsync(new AuthorizationRequest.ChooseAuthenticator(), TestContext.Current.CancellationToken);

        _time.Advance(PinWindow.Patience);

        Assert.IsType<AuthorizationAnswer.TimedOut>(await asking);
        Assert.Null(window.Question);
    }

    [Fact]
    public async Task A_second_question_waits_until_the_first_is_answered()
    {
        using var window = new PinWindow(_time);
        var first = window.AskAsync(new AuthorizationRequest.ChooseAuthenticator(), TestContext.Current.CancellationToken);
        var shown = window.Question;
        var second = window.AskAsync(new AuthorizationRequest.UsePasskey("example.org", []), TestContext.Current.CancellationToken);
        Assert.Same(shown, window.Question);
        var turned = new TaskCompletionSource();
        window.Changed += () =>
        {
            if (window.Question?.Request is AuthorizationRequest.UsePasskey) turned.TrySetResult();
        };

        shown!.Answer.SetResult(new AuthorizationAnswer.Declined());
        await first;
        await turned.Task.WaitAsync(TestContext.Current.CancellationToken);
        window.Question!.Answer.SetResult(new AuthorizationAnswer.TimedOut());

        Assert.IsType<AuthorizationAnswer.TimedOut>(await second);
    }

    [Fact]
    public async Task A_client_that_aborts_takes_the_question_away()
    {
        using var window = new PinWindow(_time);
        using var abort = new CancellationTokenSource();
        var asking = window.AskAsync(new AuthorizationRequest.ChooseAuthenticator(), abort.Token);

        await abort.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => asking);
        Assert.Null(window.Question);
    }
}
