using Latchkey.NativeHost;

// The browser starts this program for the extension: messages from standard input go to the Authenticator, its answers to standard output. It
// understands none of them. Whichever side closes ends it.
if (!HostOptions.TryParse(args, out var options))
{
    await Console.Error.WriteLineAsync("A browser starts this program, by the manifest that the Authenticator's settings install.");
    return 2;
}

await using var fromBrowser = Console.OpenStandardInput();
await using var toBrowser = Console.OpenStandardOutput();
return await new Relay(fromBrowser, toBrowser, BitConverter.IsLittleEndian).RunAsync(new RunningAuthenticator(options, TimeProvider.System), options.Extension, CancellationToken.None);
