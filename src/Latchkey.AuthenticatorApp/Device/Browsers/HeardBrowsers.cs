using System.Text.Json;
using System.Text.Json.Serialization;

namespace Latchkey.AuthenticatorApp.Device.Browsers;

/// <summary>When the extension of each browser was last heard of: the proof that the whole way works. Kept across starts; holds no secret.</summary>
internal sealed class HeardBrowsers
{
    /// <summary>The file in the data directory.</summary>
    public const string FileName = "browsers.json";

    private const int MaxBrowsers = 32;

    private readonly Lock _gate = new();
    private readonly string _path;
    private readonly TimeProvider _time;
    private readonly Dictionary<string, DateTimeOffset> _heard;

    public HeardBrowsers(AppOptions options, TimeProvider time)
    {
        _path = Path.Combine(options.DataDirectory, FileName);
        _time = time;
        _heard = Read(_path);
    }

    /// <summary>Another browser was heard, or again.</summary>
    public event Action? Changed;

    /// <summary>When a browser was last heard; null when never.</summary>
    /// <param name="browser">Its name; the extension says its version too.</param>
    public DateTimeOffset? LastOf(string browser)
    {
        lock (_gate)
        {
            return _heard.Where(heard => heard.Key == browser || heard.Key.StartsWith(browser + " ", StringComparison.Ordinal)).Select(heard => (DateTimeOffset?)heard.Value).Max();
        }
    }

    /// <summary>A browser's extension said hello.</summary>
    public void Note(string browser)
    {
        lock (_gate)
        {
            // An old version makes room.
            if (_heard.Count >= MaxBrowsers && !_heard.ContainsKey(browser)) _heard.Remove(_heard.MinBy(heard => heard.Value).Key);
            _heard[browser] = _time.GetUtcNow();
            try
            {
                File.WriteAllBytes(_path, JsonSerializer.SerializeToUtf8Bytes(_heard, HeardJson.Default.DictionaryStringDateTimeOffset));
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // Then the next start does not know it.
            }
        }

        Changed?.Invoke();
    }

    private static Dictionary<string, DateTimeOffset> Read(string path)
    {
        try
        {
            return JsonSerializer.Deserialize(File.ReadAllBytes(path), HeardJson.Default.DictionaryStringDateTimeOffset) ?? [];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException)
        {
            return [];
        }
    }
}

[JsonSerializable(typeof(Dictionary<string, DateTimeOffset>))]
internal sealed partial class HeardJson : JsonSerializerContext;
