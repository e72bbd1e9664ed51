using Latchkey.Phone;
using Latchkey.Phone.Computer;
using Latchkey.Phone.Walk;

if (args.Any(arg => arg is "--help" or "-h"))
{
    Console.WriteLine(PhoneOptions.Usage);
    return 0;
}

if (!PhoneOptions.TryParse(args, out var options, out var problem))
{
    await Console.Error.WriteLineAsync(problem);
    return 2;
}

using var stop = new CancellationTokenSource();
using var interrupt = System.Runtime.InteropServices.PosixSignalRegistration.Create(System.Runtime.InteropServices.PosixSignal.SIGINT, Stop);
using var terminate = System.Runtime.InteropServices.PosixSignalRegistration.Create(System.Runtime.InteropServices.PosixSignal.SIGTERM, Stop);
try
{
    await using var rehearsal = await Rehearsal.StartAsync(options, stop.Token);
    if (options.Walks) return await ArticleWalk.RunAsync(options, rehearsal, stop.Token) ? 0 : 1;

    Console.WriteLine($"""

        A computer and a phone are on your screen. This is a rehearsal: the phone and all Bluetooth are virtual, and the phone plays
        {(options.System is Latchkey.Phone.Settings.PhoneSystem.Ios ? "iOS" : "Android")} in words only. Browser, Authenticator and everything between them are the real programs.

        1. On the computer, sign in as regular and choose + Add sign-in method, Passkey in Authenticator, another device.
        2. When the browser shows its QR code, open the phone's camera, then press Use a passkey.
        3. On the phone: Get started, Continue, and set a PIN. Then It is on another device: continue, and the PIN once more.

        Close one of the two windows, or press Ctrl-C, to end.
        """);
    await Task.WhenAny(rehearsal.Computer.Browser.EndAsync(stop.Token), rehearsal.Phone.Browser.EndAsync(stop.Token));
    return 0;
}
catch (RehearsalException e)
{
    await Console.Error.WriteLineAsync(e.Message);
    return 1;
}
catch (OperationCanceledException)
{
    return 0;
}

void Stop(System.Runtime.InteropServices.PosixSignalContext signal)
{
    signal.Cancel = true;
    stop.Cancel();
}
