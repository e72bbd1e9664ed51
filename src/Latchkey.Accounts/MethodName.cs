namespace Latchkey.Accounts;

/// <summary>What a method of this device is called on a server.</summary>
internal static class MethodName
{
    /// <summary>What servers accept, in characters.</summary>
    public const int MaxLength = 64;

    /// <summary>The name, shortened if a server would refuse it; null stays null, and leaves it to the server.</summary>
    public static string? Fitting(string? name) => name is { Length: > MaxLength } ? name[..MaxLength] : name;
}
