using Latchkey.Server.Storage;

namespace Latchkey.Server.Shell;

/// <summary>How the typed factors are called in addresses and on the page.</summary>
internal static class FactorNames
{
    public static MethodKind? Parse(string? text) => text switch
    {
        "code" => MethodKind.Code,
        "pass" => MethodKind.TemporaryAccessPass,
        "recovery" => MethodKind.RecoveryCode,
        _ => null,
    };

    public static string InAddress(MethodKind kind) => kind switch
    {
        MethodKind.Code => "code",
        MethodKind.TemporaryAccessPass => "pass",
        MethodKind.RecoveryCode => "recovery",
        _ => throw new ArgumentOutOfRangeException(nameof(kind)),
    };

    public static string Label(MethodKind kind) => kind switch
    {
        MethodKind.Code => ShellTexts.Code,
        MethodKind.TemporaryAccessPass => ShellTexts.Pass,
        _ => ShellTexts.RecoveryCode,
    };

    public static string Use(MethodKind kind) => kind switch
    {
        MethodKind.Code => ShellTexts.UseCode,
        MethodKind.TemporaryAccessPass => ShellTexts.UsePass,
        _ => ShellTexts.UseRecoveryCode,
    };

    public static string Explain(MethodKind kind) => kind switch
    {
        MethodKind.Code => ShellTexts.CodeText,
        MethodKind.TemporaryAccessPass => ShellTexts.PassText,
        _ => ShellTexts.RecoveryCodeText,
    };

    public static string Wrong(MethodKind kind) => kind switch
    {
        MethodKind.Code => ShellTexts.WrongCode,
        MethodKind.TemporaryAccessPass => ShellTexts.WrongPass,
        _ => ShellTexts.WrongRecoveryCode,
    };

    public static string Icon(MethodKind kind) => kind switch
    {
        MethodKind.Code => "code",
        MethodKind.TemporaryAccessPass => "pass",
        _ => "recovery",
    };
}
