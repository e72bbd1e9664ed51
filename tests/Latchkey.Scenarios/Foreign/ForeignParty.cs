using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Latchkey.Scenarios.Foreign;

/// <summary>What a foreign relying party says it keeps.</summary>
/// <param name="Name">Of the person.</param>
/// <param name="Format">The attestation statement's format.</param>
/// <param name="SignCount">The signature counter.</param>
/// <param name="Aaguid">The authenticator's model.</param>
/// <param name="IsBackedUp">Whether the passkey is copied somewhere.</param>
internal sealed record Kept(string Name, string Format, uint SignCount, Guid Aaguid, bool IsBackedUp);

/// <summary>Who a foreign relying party says signed in.</summary>
internal sealed record Known(string Name, uint SignCount);

/// <summary>
/// A relying party that is none of ours and knows nothing of us: a library by other people behind four routes and one page, at a name of its own on
/// this machine, which browsers hold for a secure place.
/// </summary>
internal abstract class ForeignParty : IAsyncDisposable
{
    public const string RpId = "shop.localhost";

    /// <summary>Its page.</summary>
    public abstract Uri Address { get; }

    public abstract ValueTask DisposeAsync();

    /// <summary>What the page's script does, without a browser: cookies are kept, and the origin is said.</summary>
    public ForeignVisit Visit() => new(Address);

    protected static string PageFile => Path.Combine(Folder, "page.html");

    // tests/Latchkey.Scenarios/bin/<configuration>/<framework>/
    protected static string Folder => Path.GetFullPath(Path.Combine(AppContext.BaseDirectory, "..", "..", "..", "Foreign"));
}

/// <summary>One visitor at a foreign relying party.</summary>
internal sealed class ForeignVisit : IDisposable
{
    private readonly HttpClient _http;

    public ForeignVisit(Uri address)
    {
        Address = address;
        _http = new(new SocketsHttpHandler
        {
            CookieContainer = new CookieContainer(),
            // names under localhost are this machine, whatever its resolver knows
            ConnectCallback = async (_, cancellationToken) =>
            {
                var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
                await socket.ConnectAsync(IPAddress.Loopback, address.Port, cancellationToken);
                return new NetworkStream(socket, ownsSocket: true);
            },
        })
        {
            BaseAddress = address,
        };
        _http.DefaultRequestHeaders.Add("Origin", address.GetLeftPart(UriPartial.Authority));
    }

    public Uri Address { get; }

    public Task<byte[]> RegistrationOptionsAsync(string name, string attestation = "none") =>
        PostAsync("register/options", $$"""{"name":"{{name}}","attestation":"{{attestation}}"}""");

    public async Task<Kept> RegisterAsync(byte[] response) => Read<Kept>(await PostAsync("register", Encoding.UTF8.GetString(response)));

    public Task<byte[]> SignInOptionsAsync() => PostAsync("sign-in/options", "{}");

    public async Task<Known> SignInAsync(byte[] response) => Read<Known>(await PostAsync("sign-in", Encoding.UTF8.GetString(response)));

    public void Dispose() => _http.Dispose();

    private static T Read<T>(byte[] json) => System.Text.Json.JsonSerializer.Deserialize<T>(json, System.Text.Json.JsonSerializerOptions.Web)!;

    private async Task<byte[]> PostAsync(string path, string json)
    {
        using var content = new StringContent(json, Encoding.UTF8, "application/json");
        using var answer = await _http.PostAsync(new Uri(path, UriKind.Relative), content, TestContext.Current.CancellationToken);
        var bytes = await answer.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken);
        return answer.IsSuccessStatusCode ? bytes : throw new HttpRequestException($"{Address}{path} refused: {Encoding.UTF8.GetString(bytes)}", null, answer.StatusCode);
    }
}
