return await Latchkey.Server.Hosting.ServerProgram.MainAsync(args, Console.Error);
