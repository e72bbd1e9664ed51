namespace Latchkey.AuthenticatorApp.Device;

/// <summary>
/// A key for codes that one page read and another adds: it is taken once. It goes this way and not in an address, because it is secret.
/// </summary>
internal sealed class FoundKey
{
    private string? _uri;

    /// <summary>Leaves a key, in the place of one nobody took.</summary>
    public void Put(string uri) => Interlocked.Exchange(ref _uri, uri);

    /// <summary>Takes it; null when there is none.</summary>
    public string? Take() => Interlocked.Exchange(ref _uri, null);
}
