using Latchkey.Authenticator;
using Latchkey.Client;

namespace Latchkey.AuthenticatorApp.Device;

/// <summary>A question that waits for the person.</summary>
/// <param name="Request">What is asked.</param>
/// <param name="Page">The page of a browser on this computer that asks; null when it is this app itself, or another device.</param>
public sealed record PinQuestion(AuthorizationRequest Request, Caller? Page = null)
{
    internal TaskCompletionSource<AuthorizationAnswer> Answer { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
}

/// <summary>
/// The gesture of this app: a window that says what is asked and takes the PIN. One question at a time, over whatever page is shown;
/// it goes away when the client aborts, and answers for itself after two minutes of silence.
/// </summary>
/// <param name="time">What the silence is measured by.</param>
internal sealed class PinWindow(TimeProvider time) : IAuthorizationGesture, IDisposable
{
    // This device and another one may ask at the same time: the second waits for its turn.
    private readonly SemaphoreSlim _oneQuestion = new(1);

    public static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    /// <summary>Something to show, or to take away.</summary>
    public event Action? Changed;

    /// <summary>The question that waits; null when none does.</summary>
    public PinQuestion? Question { get; private set; }

    public bool CanChoose => true;

    public Task<AuthorizationAnswer> AskAsync(AuthorizationRequest request, CancellationToken cancellationToken) => AskAsync(request, page: null, cancellationToken);

    /// <summary>The same window, for a page of a browser on this computer: it says which one asks.</summary>
    public IAuthorizationGesture For(Caller page) => new PageGesture(this, page);

    /// <summary>The vault is locked: nobody has to answer any more.</summary>
    public void TakeAway() => Question?.Answer.TrySetResult(new AuthorizationAnswer.TimedOut());

    public void Dispose() => _oneQuestion.Dispose();

    private async Task<AuthorizationAnswer> AskAsync(AuthorizationRequest request, Caller? page, CancellationToken cancellationToken)
    {
        await _oneQuestion.WaitAsync(cancellationToken);
        var question = new PinQuestion(request, page);
        try
        {
            Show(question);
            return await question.Answer.Task.WaitAsync(Patience, time, cancellationToken);
        }
        catch (TimeoutException)
        {
            return new AuthorizationAnswer.TimedOut();
        }
        finally
        {
            Show(null);
            _oneQuestion.Release();
        }
    }

    private void Show(PinQuestion? question)
    {
        Question = question;
        Changed?.Invoke();
    }

    private sealed class PageGesture(PinWindow window, Caller page) : IAuthorizationGesture
    {
        public bool CanChoose => window.CanChoose;

        public Task<AuthorizationAnswer> AskAsync(AuthorizationRequest request, CancellationToken cancellationToken) => window.AskAsync(request, page, cancellationToken);
    }
}
