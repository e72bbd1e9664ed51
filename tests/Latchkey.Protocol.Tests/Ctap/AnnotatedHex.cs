namespace Latchkey.Protocol.Tests.Ctap;

/// <summary>Hexadecimal as the CTAP document prints it: what stands behind a number sign is commentary.</summary>
internal static class AnnotatedHex
{
    public static ByteString Read(string text) => ByteString.FromHex(string.Concat(
        text.Split('\n').Select(line => line.Split('#')[0]).SelectMany(line => line.Where(c => !char.IsWhiteSpace(c)))));
}
