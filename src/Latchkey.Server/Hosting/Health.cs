using System.Data.Common;
using Latchkey.Server.Storage;
using Microsoft.EntityFrameworkCore;

namespace Latchkey.Server.Hosting;

/// <summary>Healthy is a server that could sign somebody in: its database can be read and written to. Anybody may ask, so an answer is good for some seconds.</summary>
internal sealed partial class Health(IServiceScopeFactory scopes, ServerOptions options, TimeProvider time, ILogger<Health> logger) : IDisposable
{
    /// <summary>How long an answer is given again.</summary>
    public static readonly TimeSpan Life = TimeSpan.FromSeconds(5);

    private readonly SemaphoreSlim _one = new(1);
    private Task<bool>? _running;
    private long _since;
    private bool _wasHealthy = true;

    public static void Map(IEndpointRouteBuilder app) => app.MapGet("/health", async (Health health, CancellationToken cancellation) =>
        await health.IsWellAsync(cancellation) ? Results.Text("healthy") : Results.Text("the database can't be used", statusCode: StatusCodes.Status503ServiceUnavailable));

    public async Task<bool> IsWellAsync(CancellationToken cancellation)
    {
        Task<bool> running;
        await _one.WaitAsync(cancellation);
        try
        {
            if (_running is null || (_running.IsCompleted && time.GetElapsedTime(_since) >= Life))
            {
                (_running, _since) = (Task.Run(TryAsync, CancellationToken.None), time.GetTimestamp());
            }

            running = _running;
        }
        finally
        {
            _one.Release();
        }

        return await running.WaitAsync(cancellation);
    }

    public void Dispose() => _one.Dispose();

    private async Task<bool> TryAsync()
    {
        string? problem = null;
        try
        {
            if (!File.Exists(options.DatabaseFile))
            {
                problem = "the file is gone";
            }
            else
            {
                await using var scope = scopes.CreateAsyncScope();
                var db = scope.ServiceProvider.GetRequiredService<LatchkeyDb>();
                // A row is written and taken out again: a full disk and a directory that can't be written to show only so.
                var row = db.AttemptCounters.Add(new AttemptCounter { Key = $"health:{Guid.NewGuid()}" });
                await using var transaction = await db.Database.BeginTransactionAsync();
                await db.SaveChangesAsync();
                row.State = EntityState.Deleted;
                await db.SaveChangesAsync();
                await transaction.CommitAsync();
                problem = await db.Organisations.AnyAsync() ? null : "the organisation is gone";
            }
        }
        catch (Exception failure) when (failure is DbException or DbUpdateException or InvalidOperationException or IOException)
        {
            problem = failure.GetBaseException().Message;
        }

        if (problem is null != _wasHealthy)
        {
            _wasHealthy = problem is null;
            if (problem is null) LogWell(); else LogUnwell(problem);
        }

        return problem is null;
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "The database can't be used: {Problem}")]
    private partial void LogUnwell(string problem);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The database can be used again")]
    private partial void LogWell();
}
