namespace Latchkey.Phone.Sheet;

/// <summary>What the system asks over whatever is shown.</summary>
/// <param name="Title">The heading.</param>
/// <param name="Text">For whom and where.</param>
/// <param name="Choices">Where, or with what; the first is proposed.</param>
/// <param name="ProposesOne">Whether the others come only behind <em>Save another way</em>.</param>
internal sealed record SheetQuestion(string Title, string Text, IReadOnlyList<SheetChoice> Choices, bool ProposesOne)
{
    /// <summary>The passcode given just now was wrong.</summary>
    public bool WasWrong { get; init; }
}

/// <summary>One of the choices.</summary>
/// <param name="Key">How it is named in the answer.</param>
/// <param name="Text">What the person reads.</param>
/// <param name="Detail">Below it.</param>
/// <param name="NeedsPasscode">Whether the system itself makes sure that it is its owner.</param>
internal sealed record SheetChoice(string Key, string Text, string Detail, bool NeedsPasscode);

/// <summary>What the person said.</summary>
/// <param name="Choice">The choice's key.</param>
/// <param name="Passcode">The passcode, where it was asked for.</param>
internal sealed record SheetAnswer(string Choice, string? Passcode);

/// <summary>The system's sheet: one question at a time, whoever asks.</summary>
internal sealed class SystemSheet : IDisposable
{
    private readonly SemaphoreSlim _oneQuestion = new(1);
    private TaskCompletionSource<SheetAnswer?>? _answer;

    /// <summary>A question came or went.</summary>
    public event Action? Changed;

    /// <summary>What is asked; null when nothing is.</summary>
    public SheetQuestion? Question { get; private set; }

    /// <summary>Asks; null when the person cancels.</summary>
    public async Task<SheetAnswer?> AskAsync(SheetQuestion question, CancellationToken cancellationToken)
    {
        await _oneQuestion.WaitAsync(cancellationToken);
        try
        {
            _answer = new(TaskCreationOptions.RunContinuationsAsynchronously);
            Show(question);
            return await _answer.Task.WaitAsync(cancellationToken);
        }
        finally
        {
            Show(null);
            _oneQuestion.Release();
        }
    }

    /// <summary>The person answers what is asked now; null cancels.</summary>
    public void Answer(SheetAnswer? answer) => _answer?.TrySetResult(answer);

    public void Dispose() => _oneQuestion.Dispose();

    private void Show(SheetQuestion? question)
    {
        Question = question;
        Changed?.Invoke();
    }
}
