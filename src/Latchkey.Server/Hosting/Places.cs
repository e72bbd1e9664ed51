using System.Globalization;
using System.Net;
using Latchkey.TunnelService;
using MaxMind.Db;

namespace Latchkey.Server.Hosting;

/// <summary>
/// The places of addresses, from a file of the operator's own in the MaxMind DB format (a city or country database of any maker). No address leaves
/// this machine. The file is read again when it was replaced; a replacement that can't be read leaves the one before in use.
/// </summary>
public sealed class Places : IDisposable
{
    private readonly string? _file;
    private readonly Lock _gate = new();
    private Reader? _reader;
    private DateTime _readAt;

    private Places(string? file) => _file = file;

    /// <summary>Reads the file, or nothing when there is none.</summary>
    /// <exception cref="StartException">The file can't be read, or is none of the format.</exception>
    public static Places Open(string? file)
    {
        var places = new Places(file);
        try
        {
            places.Read();
            return places;
        }
        catch (Exception problem) when (IsUnreadable(problem))
        {
            throw new StartException($"The places in {file} can't be read: give --places a database in the MaxMind DB format (.mmdb), or leave it out. ({problem.Message})", problem);
        }
    }

    /// <summary>The city and country of an address, in the language of the page or in English; null where the file has none.</summary>
    public string? Find(string? address)
    {
        if (_file is null || !IPAddress.TryParse(address, out var parsed))
        {
            return null;
        }

        lock (_gate)
        {
            try
            {
                Read();
            }
            catch (Exception problem) when (IsUnreadable(problem))
            {
                // the one before is still good
            }

            try
            {
                return _reader?.Find<Dictionary<string, object>>(parsed.IsIPv4MappedToIPv6 ? parsed.MapToIPv4() : parsed) is { } found ? Describe(found) : null;
            }
            catch (Exception problem) when (IsUnreadable(problem))
            {
                return null; // damaged at this address
            }
        }
    }

    public void Dispose() => _reader?.Dispose();

    private void Read()
    {
        if (_file is null || (File.GetLastWriteTimeUtc(_file) is var written && written == _readAt && _reader is not null))
        {
            return;
        }

        // In memory: a file that is cut short while it is mapped would end the server.
        var reader = new Reader(_file, FileAccessMode.Memory);
        (_reader, var before) = (reader, _reader);
        _readAt = written;
        before?.Dispose();
    }

    private static string? Describe(Dictionary<string, object> found)
    {
        var parts = new[] { Name(found, "city"), Name(found, "country") }.OfType<string>().ToList();
        return parts.Count == 0 ? null : string.Join(", ", parts);
    }

    private static string? Name(Dictionary<string, object> found, string of) =>
        found.GetValueOrDefault(of) is Dictionary<string, object> part && part.GetValueOrDefault("names") is Dictionary<string, object> names
            ? (names.GetValueOrDefault(CultureInfo.CurrentUICulture.TwoLetterISOLanguageName) ?? names.GetValueOrDefault("en")) as string
            : null;

    private static bool IsUnreadable(Exception problem) => problem is IOException or UnauthorizedAccessException or InvalidDatabaseException or DeserializationException or ArgumentException or InvalidOperationException or OverflowException;
}
