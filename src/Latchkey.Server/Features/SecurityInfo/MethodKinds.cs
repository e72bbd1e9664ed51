using Latchkey.Server.Storage;

namespace Latchkey.Server.Features.SecurityInfo;

/// <summary>How kinds of method are called in addresses.</summary>
internal static class MethodKinds
{
    public static string InAddress(MethodKind kind) => kind switch
    {
        MethodKind.Passkey => "passkeys",
        MethodKind.Code => "codes",
        MethodKind.RecoveryCode => "recovery-codes",
        MethodKind.TemporaryAccessPass => "pass",
        MethodKind.Password => "password",
        MethodKind.Authenticator => "authenticators",
        _ => throw new ArgumentOutOfRangeException(nameof(kind)),
    };

    public static MethodKind? Parse(string text) => Enum.GetValues<MethodKind>().Cast<MethodKind?>().FirstOrDefault(kind => InAddress(kind!.Value) == text);
}
