namespace Latchkey.AuthenticatorApp.Device;

/// <summary>The folder everything of this Authenticator lies in.</summary>
internal static class DataDirectory
{
    /// <summary>Why nothing can be kept in a folder, and what to do, in one line; null when something can. Makes the folder, for its owner alone.</summary>
    public static string? WhyNotIn(string directory)
    {
        try
        {
            if (OperatingSystem.IsWindows()) Directory.CreateDirectory(directory);
            else Directory.CreateDirectory(directory, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
            var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, Options = FileOptions.DeleteOnClose };
            using var probe = new FileStream(Path.Combine(directory, $".probe-{Guid.NewGuid():N}"), options);
            return null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return $"The Authenticator can't keep anything in {directory}. Make that folder yours and writable, or name another with --data. {e.Message}";
        }
    }
}
