using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Latchkey.Scenarios;

/// <summary>
/// A page that asks for passkeys as its scenario says, at any name under localhost: <c>http://shop.localhost:PORT/</c>. <c>?frame=</c> and
/// <c>&amp;allow=</c> show another page inside.
/// </summary>
internal sealed class ExtensionPage : IAsyncDisposable
{
    private readonly WebApplication _server;

    private ExtensionPage(WebApplication server, int port) => (_server, Port) = (server, port);

    public int Port { get; }

    public static async Task<ExtensionPage> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var server = builder.Build();
        server.MapGet("/", () => Results.Content(Html, "text/html"));
        // a page that keeps to itself as much as a page can
        server.MapGet("/strict", (HttpContext context) =>
        {
            context.Response.Headers.ContentSecurityPolicy = "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; require-trusted-types-for 'script'";
            context.Response.Headers["Cross-Origin-Embedder-Policy"] = "require-corp";
            context.Response.Headers["Cross-Origin-Opener-Policy"] = "same-origin";
            return Results.Content(Html, "text/html");
        });
        await server.StartAsync();
        return new(server, new Uri(server.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First()).Port);
    }

    public string At(string host, string query = "") => $"http://{host}:{Port}/{query}";

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    private const string Html = """
        <!DOCTYPE html>
        <html lang="en">
        <title>A page that asks</title>
        <body>
        <h1>A page that asks</h1>
        <div style="margin: 14rem 2rem"><label>Name <input id="name" size="40" autocomplete="username webauthn"></label></div>
        <script>
          const frame = new URLSearchParams(location.search).get('frame');
          if (frame) {
            const inner = document.createElement('iframe');
            inner.name = 'inner';
            inner.allow = new URLSearchParams(location.search).get('allow') ?? '';
            inner.style.cssText = 'width: 560px; height: 480px';
            inner.src = frame;
            document.body.prepend(inner);
          }
          const random = length => crypto.getRandomValues(new Uint8Array(length));
          const bytes = text => Uint8Array.from(atob(text.replace(/-/g, '+').replace(/_/g, '/')), c => c.charCodeAt(0));
          const create = (publicKey = {}, more = {}) => navigator.credentials.create({
            publicKey: {
              rp: { name: 'A page that asks' }, user: { id: random(16), name: 'ada@example.org', displayName: 'Ada' }, challenge: random(32),
              pubKeyCredParams: [{ type: 'public-key', alg: -7 }, { type: 'public-key', alg: -257 }],
              authenticatorSelection: { residentKey: 'required' }, ...publicKey,
            }, ...more,
          });
          const get = (publicKey = {}, more = {}) => navigator.credentials.get({ publicKey: { challenge: random(32), ...publicKey }, ...more });
          const known = id => [{ type: 'public-key', id: bytes(id) }];
          // what a scenario wants to know of an answer
          const tell = promise => promise.then(
            credential => ({ id: credential.id, json: credential.toJSON(), own: Object.getOwnPropertyNames(credential).length > 0 }),
            error => ({ error: error instanceof DOMException ? error.name : String(error), message: error?.message }));
        </script>
        """;
}
