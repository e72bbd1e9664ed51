using System.Data.Common;
using Latchkey.Accounts.Tests.Killing;
using Latchkey.Server.Storage;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.Extensions.DependencyInjection;

namespace Latchkey.Server.Tests.Loop;

/// <summary>A server that may die right before and right after each commit of its database, one that a single command makes on its own included.</summary>
internal sealed class MortalDatabase
{
    public Life Life { get; set; } = new();

    public void AddTo(IServiceCollection services) => services.ConfigureDbContext<LatchkeyDb>(options => options.AddInterceptors(new Transactions(this), new Commands(this)));

    private sealed class Transactions(MortalDatabase database) : DbTransactionInterceptor
    {
        public override ValueTask<InterceptionResult> TransactionCommittingAsync(
            DbTransaction transaction, TransactionEventData eventData, InterceptionResult result, CancellationToken cancellationToken = default)
        {
            database.Life.Step("commit");
            return ValueTask.FromResult(result);
        }

        public override Task TransactionCommittedAsync(DbTransaction transaction, TransactionEndEventData eventData, CancellationToken cancellationToken = default)
        {
            database.Life.Step("committed");
            return Task.CompletedTask;
        }
    }

    private sealed class Commands(MortalDatabase database) : DbCommandInterceptor
    {
        public override ValueTask<InterceptionResult<DbDataReader>> ReaderExecutingAsync(
            DbCommand command, CommandEventData eventData, InterceptionResult<DbDataReader> result, CancellationToken cancellationToken = default)
        {
            StepIfAlone(command, "commit");
            return ValueTask.FromResult(result);
        }

        public override ValueTask<DbDataReader> ReaderExecutedAsync(
            DbCommand command, CommandExecutedEventData eventData, DbDataReader result, CancellationToken cancellationToken = default)
        {
            StepIfAlone(command, "committed");
            return ValueTask.FromResult(result);
        }

        public override ValueTask<InterceptionResult<int>> NonQueryExecutingAsync(
            DbCommand command, CommandEventData eventData, InterceptionResult<int> result, CancellationToken cancellationToken = default)
        {
            StepIfAlone(command, "commit");
            return ValueTask.FromResult(result);
        }

        public override ValueTask<int> NonQueryExecutedAsync(DbCommand command, CommandExecutedEventData eventData, int result, CancellationToken cancellationToken = default)
        {
            StepIfAlone(command, "committed");
            return ValueTask.FromResult(result);
        }

        private void StepIfAlone(DbCommand command, string name)
        {
            if (command.Transaction is null && (command.CommandText.Contains("INSERT INTO", StringComparison.Ordinal)
                || command.CommandText.StartsWith("UPDATE", StringComparison.Ordinal) || command.CommandText.StartsWith("DELETE", StringComparison.Ordinal)))
            {
                database.Life.Step(name);
            }
        }
    }
}
