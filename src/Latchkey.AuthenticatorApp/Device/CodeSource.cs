namespace Latchkey.AuthenticatorApp.Device;

/// <summary>How a code came here.</summary>
public enum CodeSource
{
    /// <summary>A camera saw it.</summary>
    Camera,

    /// <summary>This machine's own screen showed it.</summary>
    Screen,

    /// <summary>It was in a picture file.</summary>
    Picture,

    /// <summary>The person pasted its text.</summary>
    Text,

    /// <summary>A link on this machine opened it.</summary>
    Link,
}
