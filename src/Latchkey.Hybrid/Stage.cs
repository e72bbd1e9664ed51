namespace Latchkey.Hybrid;

/// <summary>Runs one stage of a meeting inside its time, and gives running out of it the stage's own name.</summary>
internal sealed class Stage(TimeProvider time)
{
    /// <summary>Runs a stage.</summary>
    /// <param name="limit">How long it may take.</param>
    /// <param name="problem">What it is called when it takes longer.</param>
    /// <param name="run">The stage; it must stop when its token says so.</param>
    /// <param name="cancellationToken">The person gave up.</param>
    /// <exception cref="HybridException">It took too long.</exception>
    /// <exception cref="OperationCanceledException">The person gave up.</exception>
    public async Task<T> RunAsync<T>(TimeSpan limit, HybridProblem problem, Func<CancellationToken, Task<T>> run, CancellationToken cancellationToken)
    {
        using var timer = new CancellationTokenSource(limit, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timer.Token, cancellationToken);
        try
        {
            return await run(either.Token);
        }
        catch (OperationCanceledException e) when (cancellationToken.IsCancellationRequested)
        {
            throw new OperationCanceledException(e.Message, e, cancellationToken);
        }
        catch (OperationCanceledException e) when (timer.IsCancellationRequested)
        {
            throw new HybridException(problem, $"It took longer than {limit.TotalSeconds} seconds.", e);
        }
    }

    /// <inheritdoc cref="RunAsync{T}(TimeSpan, HybridProblem, Func{CancellationToken, Task{T}}, CancellationToken)"/>
    public Task RunAsync(TimeSpan limit, HybridProblem problem, Func<CancellationToken, Task> run, CancellationToken cancellationToken) =>
        RunAsync(
            limit,
            problem,
            async token =>
            {
                await run(token);
                return true;
            },
            cancellationToken);
}
