using System.Data.Common;
using Latchkey.Server.Storage;
using Microsoft.EntityFrameworkCore;

namespace Latchkey.Server.Hosting;

/// <summary>Healthy is a server that could sign somebody in: its database can be read and written to. Asked by many at once, it is tried once.</summary>
internal sealed partial class Health(IServiceScopeFactory scopes, ServerOptions options, ILogger<Health> logger) : IDisposable
{
    private readonly SemaphoreSlim _one = new(1);
    private Task<bool>? _running;
    private bool _wasHealthy = true;

    public static void Map(IEndpointRouteBuilder app) => app.MapGet("/health", async (Health health, CancellationToken cancellation) =>
        await health.IsWellAsync(cancellation) ? Results.Text("healthy") : Results.Text("the database can't be used", statusCode: StatusCodes.Status503ServiceUnavailable));

    public async Task<bool> IsWellAsync(CancellationToken cancellation)
    {
        Task<bool> running;
        await _one.WaitAsync(cancellation);
        try
        {
            running = _running is { IsCompleted: false } ? _running : _running = Task.Run(TryAsync, CancellationToken.None);
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
