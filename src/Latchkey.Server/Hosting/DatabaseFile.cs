using Latchkey.Server.Storage;
using Latchkey.TunnelService;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;

namespace Latchkey.Server.Hosting;

/// <summary>Looks at the database before anything is written to it: one that is damaged, another program's, or a newer version's is left as it is.</summary>
internal static class DatabaseFile
{
    // https://www.sqlite.org/rescode.html
    private const int Busy = 5, Locked = 6, ReadOnly = 8, InputOutput = 10, Corrupt = 11, Full = 13, CannotOpen = 14, NotADatabase = 26;

    private const string History = "__EFMigrationsHistory", MigrationLock = "__EFMigrationsLock";

    /// <exception cref="StartException">It can't be used; the message says why and what to do.</exception>
    public static async Task DemandUsableAsync(LatchkeyDb db, string file, CancellationToken cancellation)
    {
        if (!File.Exists(file) || new FileInfo(file).Length == 0)
        {
            return; // a first start
        }

        await using var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = file, Pooling = false, DefaultTimeout = 5 }.ToString());
        await connection.OpenAsync(cancellation);
        var tables = await ReadAsync(connection, "SELECT name FROM sqlite_master WHERE type = 'table'", cancellation);
        if (tables.Count == 0)
        {
            return;
        }

        var applied = tables.Contains(History) ? await ReadAsync(connection, $"SELECT MigrationId FROM {History}", cancellation) : [];
        var known = db.Database.GetMigrations().ToHashSet(StringComparer.Ordinal);
        if (!applied.Any(known.Contains))
        {
            throw new StartException($"The database {file} is another program's: nothing was changed in it. Choose another directory with --data.");
        }

        if (applied.FirstOrDefault(one => !known.Contains(one)) is { } newer)
        {
            throw new StartException($"The database {file} was used by a newer version of Latchkey ({newer}). Start that version, or put back a backup made before it.");
        }

        if (await ReadAsync(connection, "PRAGMA quick_check(1)", cancellation) is not ["ok"])
        {
            throw Damaged(file);
        }

        if (tables.Contains(MigrationLock))
        {
            // Left by a server that was killed while it brought the database up to date; the lock on the directory says that none is running.
            await ReadAsync(connection, $"DELETE FROM {MigrationLock}", cancellation);
        }
    }

    /// <summary>What SQLite's refusal means for whoever runs the server; the exception itself where it is none of SQLite's.</summary>
    public static Exception Explain(Exception problem, string file) => problem.GetBaseException() is not SqliteException sqlite ? problem : sqlite.SqliteErrorCode switch
    {
        NotADatabase or Corrupt => Damaged(file, problem),
        Full => new StartException($"The disk is full: the database {file} can't be written to. Make room, and start again.", problem),
        ReadOnly or CannotOpen => new StartException($"The database {file} can't be opened for writing: give this account the right to write to it and to its directory.", problem),
        InputOutput => new StartException($"The disk fails, or is full: the database {file} can't be read or written. ({sqlite.Message})", problem),
        Busy or Locked => new StartException($"The database {file} is held by another program: end that one, and start again.", problem),
        _ => new StartException($"The database {file} can't be used: {sqlite.Message}", problem),
    };

    private static StartException Damaged(string file, Exception? cause = null) => new(
        $"The database {file} is damaged, or no database at all: nothing was changed in it. Put back a backup, with the keys that belong to it.", cause);

    private static async Task<List<string>> ReadAsync(SqliteConnection connection, string sql, CancellationToken cancellation)
    {
        await using var command = connection.CreateCommand();
#pragma warning disable CA2100 // the sentences above
        command.CommandText = sql;
#pragma warning restore CA2100
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        var rows = new List<string>();
        while (await reader.ReadAsync(cancellation))
        {
            rows.Add(reader.GetString(0));
        }

        return rows;
    }
}
