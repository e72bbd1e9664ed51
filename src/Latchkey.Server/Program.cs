using Latchkey.Server.Hosting;

try
{
    return await ServerProgram.RunAsync(ServerOptions.Parse(args));
}
catch (Exception problem) when (problem is CommandLineException or IOException or UnauthorizedAccessException)
{
    await Console.Error.WriteLineAsync(problem.Message);
    return 2;
}
