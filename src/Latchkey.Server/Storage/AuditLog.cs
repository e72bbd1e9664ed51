namespace Latchkey.Server.Storage;

/// <summary>Adds audit rows to the unit of work at hand: the row is written with the change it tells of, or not at all.</summary>
public sealed class AuditLog(LatchkeyDb db, TimeProvider time, IHttpContextAccessor http)
{
    public const string Local = "local";

    public void Add(string action, Guid? userId, string outcome = "success", MethodKind? method = null, Guid? methodId = null, string? actor = null) =>
        db.AuditEntries.Add(new AuditEntry
        {
            At = time.GetUtcNow(),
            UserId = userId,
            Actor = actor ?? userId?.ToString() ?? "nobody",
            Action = action,
            Method = method is { } kind ? NameOf(kind) : null,
            MethodId = methodId,
            Outcome = outcome,
            Address = http.HttpContext?.Connection.RemoteIpAddress?.ToString(),
        });

    public static string NameOf(MethodKind kind) => kind switch
    {
        MethodKind.Password => "password",
        MethodKind.Code => "authenticator_code",
        MethodKind.TemporaryAccessPass => "temporary_access_pass",
        MethodKind.RecoveryCode => "recovery_codes",
        MethodKind.Passkey => "passkey",
        MethodKind.Authenticator => "authenticator",
        _ => throw new ArgumentOutOfRangeException(nameof(kind)),
    };
}
