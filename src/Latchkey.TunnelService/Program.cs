using System.Security.Cryptography;
using Latchkey.TunnelService;

try
{
    await using var app = RelayProgram.Build(RelayOptions.Parse(args));
    await app.StartAsync();
    Console.WriteLine($"Listening on {app.Urls.First()}");
    await app.WaitForShutdownAsync();
    return 0;
}
catch (Exception problem) when (problem is FormatException or IOException or UnauthorizedAccessException or CryptographicException)
{
    await Console.Error.WriteLineAsync(problem.Message);
    return 2;
}
