using System.CommandLine;
using Latchkey.Cli;
using Latchkey.Cli.Commands;

TerminalWriter.Guard();

// Latchkey on the command line: one file per command under Commands, one line per command here.
var root = new RootCommand("Latchkey on the command line.")
{
    new Command("webauthn", "Diagnoses WebAuthn.") { WebAuthnVerify.Create() },
    AuthenticatorCommand.Create(),
    PasskeyCommand.Create(),
    SignInCommand.Create(),
    TunnelCommand.Create(),
    UserCommand.Create(),
    GroupCommand.Create(),
    TapCommand.Create(),
    PolicyCommand.Create(),
    AuditCommand.Create(),
    AttestationCommand.Create(),
    KeysCommand.Create(),
    OrganisationCommand.Create(),
    CodeCommand.Create(),
};

var parsed = root.Parse(args);
if (parsed.Errors.Count > 0 && !WrongUse.IsHelp(parsed)) return await WrongUse.TellAsync(parsed);
try
{
    return await parsed.InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false });
}
catch (OperationCanceledException)
{
    return await CommandOutput.FailAsync("Stopped.");
}
catch (Exception problem)
{
    return await CommandOutput.FailAsync($"latchkey met something it did not expect, and stopped: {problem.Message}");
}
