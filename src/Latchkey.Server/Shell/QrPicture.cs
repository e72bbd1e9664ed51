using System.Text;
using Microsoft.AspNetCore.Components;
using QRCoder;

namespace Latchkey.Server.Shell;

/// <summary>A QR code as one inline SVG path: no picture file, no inline style, crisp at any size.</summary>
internal static class QrPicture
{
    public static MarkupString Svg(string content)
    {
        using var generator = new QRCodeGenerator();
        using var code = generator.CreateQrCode(content, QRCodeGenerator.ECCLevel.M);
        var rows = code.ModuleMatrix;
        var path = new StringBuilder();
        for (var y = 0; y < rows.Count; y++)
        {
            for (var x = 0; x < rows[y].Length; x++)
            {
                if (rows[y][x])
                {
                    path.Append('M').Append(x).Append(' ').Append(y).Append("h1v1h-1z");
                }
            }
        }

        return new MarkupString(
            $"""<svg viewBox="0 0 {rows.Count} {rows.Count}" shape-rendering="crispEdges" aria-hidden="true"><path d="{path}" /></svg>""");
    }
}
