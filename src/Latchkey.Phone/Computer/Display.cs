using System.Buffers.Binary;
using System.Globalization;

namespace Latchkey.Phone.Computer;

/// <summary>A picture of a screen: four bytes a pixel, red first, top left first.</summary>
internal sealed record Picture(int Width, int Height, byte[] Rgba);

/// <summary>A screen without glass: Xvfb on a display number of its own choosing, its pixels in a file this program reads.</summary>
internal sealed class Display : IAsyncDisposable
{
    // A browser at its usual size, and the phone beside it.
    public const int Width = 1720;
    public const int Height = 960;
    public const int ComputerWidth = 1280;

    private readonly ChildProgram _xvfb;
    private readonly DirectoryInfo _directory;

    private Display(ChildProgram xvfb, DirectoryInfo directory, string name) => (_xvfb, _directory, Name) = (xvfb, directory, name);

    /// <summary>What <c>DISPLAY</c> is set to.</summary>
    public string Name { get; }

    /// <summary>Starts one.</summary>
    public static async Task<Display> StartAsync(CancellationToken cancellationToken)
    {
        var directory = Directory.CreateTempSubdirectory("latchkey-display");
        var xvfb = ChildProgram.Start("Xvfb", ["-displayfd", "1", "-screen", "0", $"{Width}x{Height}x24", "-fbdir", directory.FullName, "-nolisten", "tcp", "-noreset"]);
        try
        {
            // It names the display it took as a line of its own.
            var number = await xvfb.LineAsync(line => int.TryParse(line, NumberStyles.None, CultureInfo.InvariantCulture, out _) ? line : null, cancellationToken);
            return new(xvfb, directory, ":" + number);
        }
        catch
        {
            await xvfb.DisposeAsync();
            throw;
        }
    }

    /// <summary>What is on the screen now. The file is an X window dump (XWD version 7): header, colours, pixels as blue, green, red, nothing.</summary>
    public async Task<Picture> LookAsync(CancellationToken cancellationToken)
    {
        var dump = await File.ReadAllBytesAsync(Path.Combine(_directory.FullName, "Xvfb_screen0"), cancellationToken);
        int Field(int index) => (int)BinaryPrimitives.ReadUInt32BigEndian(dump.AsSpan(index * 4));
        const int HeaderSize = 0, PixmapWidth = 4, PixmapHeight = 5, BytesPerLine = 12, Colours = 19;
        const int ColourSize = 12;
        var (width, height, stride) = (Field(PixmapWidth), Field(PixmapHeight), Field(BytesPerLine));
        var pixels = dump.AsSpan(Field(HeaderSize) + (Field(Colours) * ColourSize));
        var rgba = new byte[width * height * 4];
        for (var y = 0; y < height; y++)
        {
            for (var x = 0; x < width; x++)
            {
                var from = (y * stride) + (x * 4);
                var to = ((y * width) + x) * 4;
                rgba[to] = pixels[from + 2];
                rgba[to + 1] = pixels[from + 1];
                rgba[to + 2] = pixels[from];
                rgba[to + 3] = 0xFF;
            }
        }

        return new(width, height, rgba);
    }

    public async ValueTask DisposeAsync()
    {
        await _xvfb.DisposeAsync();
        _directory.Delete(recursive: true);
    }
}
