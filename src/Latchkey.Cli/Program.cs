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
    AttestationCommand.Create(),
    KeysCommand.Create(),
    OrganisationCommand.Create(),
    CodeCommand.Create(),
};

const int WrongUse = 2;
var parsed = root.Parse(args);
var exitCode = await parsed.InvokeAsync();
return parsed.Errors.Count > 0 ? WrongUse : exitCode;
