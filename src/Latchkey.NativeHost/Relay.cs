using System.Text.Json;

namespace Latchkey.NativeHost;

/// <summary>Copies frames both ways between a browser and the Authenticator, until one of them closes.</summary>
/// <param name="fromBrowser">Standard input.</param>
/// <param name="toBrowser">Standard output.</param>
/// <param name="browserIsLittleEndian">The order of the browser's lengths: this machine's.</param>
internal sealed class Relay(Stream fromBrowser, Stream toBrowser, bool browserIsLittleEndian)
{
    /// <summary>Runs to the end.</summary>
    /// <returns>The exit code: 0 when a side closed, 1 when there is no Authenticator or a frame was broken.</returns>
    public async Task<int> RunAsync(RunningAuthenticator authenticator, string extension, CancellationToken cancellationToken)
    {
        Stream stream;
        try
        {
            stream = await authenticator.ConnectAsync(cancellationToken);
        }
        catch (UnavailableException e)
        {
            await Frames.WriteAsync(toBrowser, Json(("type", "unavailable"), ("code", e.Code), ("message", e.Message)), browserIsLittleEndian, cancellationToken);
            return 1;
        }

        await using (stream)
        {
            using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            try
            {
                await Frames.WriteAsync(stream, Json(("type", "host"), ("extension", extension)), littleEndian: true, end.Token);
                var first = await Task.WhenAny(
                    CopyAsync(fromBrowser, browserIsLittleEndian, stream, toLittleEndian: true, end.Token),
                    CopyAsync(stream, fromLittleEndian: true, toBrowser, browserIsLittleEndian, end.Token));
                await first;
                return 0;
            }
            catch (Exception e) when (e is IOException or InvalidDataException)
            {
                return 1;
            }
            finally
            {
                await end.CancelAsync();
            }
        }
    }

    private static async Task CopyAsync(Stream from, bool fromLittleEndian, Stream to, bool toLittleEndian, CancellationToken cancellationToken)
    {
        while (await Frames.ReadAsync(from, fromLittleEndian, cancellationToken) is { } message)
        {
            await Frames.WriteAsync(to, message, toLittleEndian, cancellationToken);
        }
    }

    private static byte[] Json(params (string Name, string Value)[] members)
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream))
        {
            json.WriteStartObject();
            foreach (var (name, value) in members) json.WriteString(name, value);
            json.WriteEndObject();
        }

        return stream.ToArray();
    }
}
