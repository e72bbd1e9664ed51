namespace Latchkey.Protocol;

/// <summary>
/// Bytes or JSON that are not what the standard says: names the structure and where in it reading stopped.
/// The message never carries the bytes themselves.
/// </summary>
public sealed class WireFormatException : FormatException
{
    /// <summary>Says what was wrong, where.</summary>
    /// <param name="structure">The standard's name of the structure, such as <c>authenticator data</c>.</param>
    /// <param name="offset">Offset in bytes (in characters for text) at which reading stopped.</param>
    /// <param name="problem">What is wrong, as the rest of a sentence: "is shorter than 37 bytes".</param>
    /// <param name="inner">What noticed it, if something below did.</param>
    public WireFormatException(string structure, int offset, string problem, Exception? inner = null)
        : base($"The {structure} {problem} (at offset {offset}).", inner)
    {
        Structure = structure;
        Offset = offset;
    }

    /// <summary>The standard's name of the structure.</summary>
    public string Structure { get; }

    /// <summary>Offset in bytes (in characters for text) at which reading stopped.</summary>
    public int Offset { get; }
}
