using Latchkey.TunnelService;

if (args.Any(arg => arg is "--help" or "-h"))
{
    Console.WriteLine(RelayOptions.Usage);
    return 0;
}

var port = 0;
try
{
    var options = RelayOptions.Parse(args);
    port = options.Port;
    await using var app = RelayProgram.Build(options);
    await app.StartAsync();
    Console.WriteLine($"Listening on {app.Urls.First()}");
    await app.WaitForShutdownAsync();
    return 0;
}
catch (FormatException wrongUse)
{
    await Console.Error.WriteLineAsync(wrongUse.Message);
    return 2;
}
catch (Exception problem)
{
    await Console.Error.WriteLineAsync(StartException.LineFor(problem, port));
    return 1;
}
