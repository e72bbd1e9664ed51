namespace Latchkey.AuthenticatorApp.Device;

/// <summary>What <c>--install</c> and <c>--uninstall</c> ask for.</summary>
internal enum InstallationWish
{
    Install,
    Uninstall,
}

/// <summary>Makes this copy of the program the person's Authenticator: in the menu, for links, and at work from sign-in on. Nothing outside their own home.</summary>
internal static class Installation
{
    /// <summary>How this program is started, without options.</summary>
    public static IReadOnlyList<string> Program { get; } = Environment.ProcessPath is { } program && Path.GetFileNameWithoutExtension(program) != "dotnet"
        ? [program]
        : [Environment.ProcessPath ?? "dotnet", typeof(Installation).Assembly.Location];

    /// <summary>Does it, and says what was done.</summary>
    /// <returns>The exit code.</returns>
    public static async Task<int> RunAsync(AppOptions options, InstallationWish wish)
    {
        if (!OperatingSystem.IsLinux())
        {
            await Console.Error.WriteLineAsync("Only on Linux can this program put itself into the menu. Elsewhere make a shortcut to it; to start it at sign-in, give the shortcut --background.");
            return 1;
        }

        var (links, service) = (LinkHandler.Of(options), UserService.Of(options));
        try
        {
            if (wish is InstallationWish.Uninstall)
            {
                var stopped = await UserService.RunAsync("disable", "--now");
                service.TurnOff();
                links.TurnOff();
                Console.WriteLine($"Removed from the menu, and no longer started at sign-in.{(stopped ? "" : " If it runs, it runs on until you sign out.")}");
                Console.WriteLine($"Your passkeys, codes and accounts stay in {options.DataDirectory}.");
                return 0;
            }

            links.TurnOn();
            service.TurnOn();
            Console.WriteLine("In the menu as Latchkey Authenticator, which opens FIDO:/ and latchkey: links too.");
            Console.WriteLine(await UserService.RunAsync("enable", "--now")
                ? "Starts in the background whenever you sign in, so that sign-ins reach you and browsers find it."
                : $"systemd does not answer here, so it is not started at sign-in. Where it does: systemctl --user enable --now {UserService.FileName}");
            return 0;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            await Console.Error.WriteLineAsync($"That could not be done: {e.Message}");
            return 1;
        }
    }
}
