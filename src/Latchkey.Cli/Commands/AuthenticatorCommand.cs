using System.CommandLine;

namespace Latchkey.Cli.Commands;

/// <summary><c>latchkey authenticator</c>: an Authenticator without a window, in a vault of its own.</summary>
internal static class AuthenticatorCommand
{
    public static Command Create() => new("authenticator", "Holds passkeys without a window, in a vault of its own.")
    {
        AuthenticatorAdd.Create(),
        AuthenticatorList.Create(),
        AuthenticatorTest.Create(),
        AuthenticatorCodes.Create(),
        AuthenticatorDelete.Create(),
        AuthenticatorRemove.Create(),
        AuthenticatorAnswer.Create(),
        AuthenticatorBackup.CreateBackup(),
        AuthenticatorBackup.CreateRestore(),
        AuthenticatorApprovals.Create(),
    };
}
