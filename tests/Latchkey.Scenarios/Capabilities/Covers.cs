using Xunit.v3;

namespace Latchkey.Scenarios.Capabilities;

/// <summary>How a passkey gets into the Authenticator, and is used from there.</summary>
public enum Way
{
    InTheAuthenticator,
    ThisDeviceBySystem,
    ThisDeviceByExtension,
    AnotherDevice,
    CommandLine,
}

/// <summary>The browser that shows the relying party's page.</summary>
public enum Browser
{
    Chromium,
    Chrome,
    Edge,
    Brave,
    Firefox,
    Safari,
    None,
}

/// <summary>The system that browser runs on.</summary>
public enum Platform
{
    Linux,
    Windows,
    MacOS,
    Android,
    Ios,
}

/// <summary>Says which cell of the capability matrix a scenario stands for. It is a trait too: <c>--filter-trait way=AnotherDevice</c>.</summary>
[AttributeUsage(AttributeTargets.Class | AttributeTargets.Method, AllowMultiple = true)]
public sealed class CoversAttribute(Way way, Browser browser, Platform system) : Attribute, ITraitAttribute
{
    public Way Way => way;

    public Browser Browser => browser;

    public Platform System => system;

    /// <summary>Something stands in for the real browser or device: the words it says of itself, or the virtual phone.</summary>
    public bool Rehearsed { get; init; }

    public IReadOnlyCollection<KeyValuePair<string, string>> GetTraits() => [new("way", $"{way}"), new("browser", $"{browser}"), new("system", $"{system}")];
}
