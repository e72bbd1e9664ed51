namespace Latchkey.Server.Storage;

/// <summary>
/// What becomes of answers that were judged and refused: counted, and written down as long as there are not too many. They are judged before anything
/// is locked or written, so that wrong ones keep nobody waiting; and a right one is taken however many wrong ones came before it.
/// </summary>
public sealed class Refusals(AttemptStore attempts, LatchkeyDb db, AuditLog audit, IHttpContextAccessor http)
{
    public const string TooMany = "too_many_attempts";

    /// <summary>Counts one and writes it down, in a transaction of its own.</summary>
    /// <returns>The problem to answer with: the refusal's own, or that there have been too many.</returns>
    public async Task<string> NoteAsync(
        string action, Guid? person, string problem, MethodKind method, string? actor, CancellationToken cancellation)
    {
        if (await attempts.RefusedAsync(person, http.HttpContext?.Connection.RemoteIpAddress?.ToString(), cancellation) is not null)
        {
            return TooMany;
        }

        audit.Add(action, person, problem, method, actor: actor);
        await db.SaveChangesAsync(cancellation);
        return problem;
    }

    /// <summary>Counts one that nobody is the matter of and that leaves no row. False when there have been too many.</summary>
    public async Task<bool> NoteAsync(CancellationToken cancellation) =>
        await attempts.RefusedAsync(person: null, http.HttpContext?.Connection.RemoteIpAddress?.ToString(), cancellation) is null;
}
