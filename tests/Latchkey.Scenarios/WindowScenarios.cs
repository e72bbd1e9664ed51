using System.Collections.Concurrent;
using System.Diagnostics;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Latchkey.Scenarios;

/// <summary>Who gets into the Authenticator's window: the one its address was made for, and nobody by what a page on another port or a list of processes tells.</summary>
public sealed class WindowScenarios(Product product) : Scenario(product)
{
    private const string WayIn = "Open the Authenticator again";

    [Fact]
    public async Task In_Chromium_a_page_on_another_port_learns_nothing_and_another_browser_sees_nothing_by_it()
    {
        await using var hostile = await HostilePage.StartAsync();
        var program = Start();
        var printed = await program.LineAsync("Listening on ");
        var owner = await Product.NewPageAsync();
        await owner.GotoAsync(printed);
        await AuthenticatorWindow.SetPinAsync(owner);
        var window = new Uri(owner.Url);
        Assert.Equal("", window.Fragment);

        // The same browser, by the address and by the window's own host, which is no secret: cookies go to every port of it.
        foreach (var host in (string[])["127.0.0.1", "localhost", window.Host])
        {
            var page = await owner.Context.NewPageAsync();
            await page.GotoAsync(hostile.At(host));
            Assert.Equal("TypeError error", await page.EvaluateAsync<string>(HostilePage.Attack(window)));
        }

        Assert.Equal(["", "", ""], hostile.Cookies);
        Assert.Empty(await owner.Context.CookiesAsync());

        var stranger = await Product.NewPageAsync();
        foreach (var address in (string[])[printed, new Uri(window, "/codes").AbsoluteUri, new Uri(window, "/settings").AbsoluteUri, $"http://127.0.0.1:{window.Port}/"])
        {
            await stranger.GotoAsync(address);
            await Expect(stranger.GetByRole(AriaRole.Heading, new() { Name = WayIn })).ToBeVisibleAsync();
        }

        // The owner's tab goes on: loaded again, at another page of the app, and back.
        await owner.ReloadAsync();
        await Expect(owner.GetByRole(AriaRole.Heading, new() { Name = "Add your first account" })).ToBeVisibleAsync();
        await owner.GotoAsync(new Uri(window, "/settings").AbsoluteUri);
        await Expect(owner.GetByRole(AriaRole.Heading, new() { Name = "Settings" })).ToBeVisibleAsync();
        await owner.GoBackAsync();
        await Expect(owner.GetByRole(AriaRole.Heading, new() { Name = "Add your first account" })).ToBeVisibleAsync();
    }

    [Fact]
    public async Task In_Firefox_a_page_on_another_port_learns_nothing_and_a_used_address_opens_nothing()
    {
        await using var hostile = await HostilePage.StartAsync();
        var printed = await Start().LineAsync("Listening on ");
        await using var firefox = await FirefoxBrowser.StartAsync(Directory.CreateDirectory(Product.NewDirectory("home")));
        var owner = await firefox.OpenAsync(printed);
        await owner.SeeAsync("Sign in without passwords");
        var window = new Uri((string)(await owner.EvaluateAsync("location.href"))!);

        foreach (var host in (string[])["127.0.0.1", "localhost", window.Host])
        {
            var page = await firefox.OpenAsync(hostile.At(host));
            Assert.Equal("TypeError error", (string?)await page.EvaluateAsync($"({HostilePage.Attack(window)})()"));
        }

        Assert.Equal(["", "", ""], hostile.Cookies);
        foreach (var address in (string[])[printed, new Uri(window, "/codes").AbsoluteUri])
        {
            var stranger = await firefox.OpenAsync(address, apart: true);
            await stranger.SeeAsync(WayIn);
        }

        await owner.ReloadAsync();
        await owner.SeeAsync("Sign in without passwords");
    }

    [Fact]
    public async Task What_stands_in_the_list_of_processes_opens_nothing_once_the_window_is_there()
    {
        if (!OperatingSystem.IsLinux()) return;
        var directory = Directory.CreateDirectory(Product.NewDirectory("desktop"));
        var profile = Path.Combine(directory.FullName, "profile");
        var opener = Path.Combine(directory.FullName, "xdg-open");
        await File.WriteAllTextAsync(opener, $"""
            #!/bin/sh
            exec {Environment.GetEnvironmentVariable("CHROMIUM") ?? "/usr/bin/chromium"} --headless=new --remote-debugging-port=0 --user-data-dir='{profile}' {(Environment.UserName == "root" ? "--no-sandbox" : "")} "--app=$1"

            """, TestContext.Current.CancellationToken);
        File.SetUnixFileMode(opener, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        var environment = new Dictionary<string, string>(StringComparer.Ordinal) { ["PATH"] = directory.FullName + ":" + Environment.GetEnvironmentVariable("PATH") };
        var data = Product.NewDirectory("authenticator");
        var program = Product.StartWith(environment, "Latchkey.AuthenticatorApp", "--data", data, "--port", "0");
        await program.LineAsync("Listening on ");

        var port = Path.Combine(profile, "DevToolsActivePort");
        await Eventually.TrueAsync("a browser opened", async () => File.Exists(port) && (await File.ReadAllLinesAsync(port, TestContext.Current.CancellationToken)).Length > 0);
        var opened = await Product.ConnectAsync(new Uri($"http://127.0.0.1:{(await File.ReadAllLinesAsync(port, TestContext.Current.CancellationToken))[0]}"));
        await Expect(opened.GetByRole(AriaRole.Heading, new() { Name = "Sign in without passwords" })).ToBeVisibleAsync();

        var listed = AddressesIn(profile);
        Assert.NotEmpty(listed);
        var stranger = await Product.NewPageAsync();
        foreach (var address in listed)
        {
            await stranger.GotoAsync(address);
            await Expect(stranger.GetByRole(AriaRole.Heading, new() { Name = WayIn })).ToBeVisibleAsync();
        }

        // A second start opens another window, with another address.
        await using var second = Running.Start("Latchkey.AuthenticatorApp", null, environment, "--data", data, "--port", "0");
        Assert.Equal(0, await second.ExitAsync());
    }

    private Running Start() => Product.Start("Latchkey.AuthenticatorApp", "--data", Product.NewDirectory("authenticator"), "--port", "0", "--no-browser");

    /// <summary>What every account of this machine can read of a browser.</summary>
    private static List<string> AddressesIn(string profile)
    {
        List<string> addresses = [];
        foreach (var process in Process.GetProcesses())
        {
            using (process)
            {
                try
                {
                    var arguments = File.ReadAllText($"/proc/{process.Id}/cmdline").Split('\0');
                    if (!arguments.Contains("--user-data-dir=" + profile)) continue;
                    addresses.AddRange(from argument in arguments let at = argument.IndexOf("http://", StringComparison.Ordinal) where at >= 0 select argument[at..]);
                }
                catch (IOException)
                {
                    // It ended meanwhile.
                }
            }
        }

        return addresses;
    }

    /// <summary>A page of somebody else's on another port of this machine: it keeps what cookies it is sent.</summary>
    private sealed class HostilePage : IAsyncDisposable
    {
        private readonly ConcurrentQueue<string> _cookies = new();
        private readonly WebApplication _server;

        private HostilePage(WebApplication server) => _server = server;

        public IEnumerable<string> Cookies => _cookies;

        public static async Task<HostilePage> StartAsync()
        {
            var builder = WebApplication.CreateSlimBuilder();
            builder.Logging.ClearProviders();
            builder.WebHost.UseUrls("http://127.0.0.1:0");
            var page = new HostilePage(builder.Build());
            page._server.MapGet("/", (HttpContext context) =>
            {
                page._cookies.Enqueue(context.Request.Headers.Cookie.ToString());
                return Results.Content("<!DOCTYPE html><link rel=icon href='data:,'><h1>Hostile</h1>", "text/html");
            });
            await page._server.StartAsync();
            return page;
        }

        /// <summary>What a page can try: ask for the secret, and open the circuit as if it had it.</summary>
        public static string Attack(Uri window) => $$"""
            async () => {
              const entered = await fetch('http://{{window.Authority}}/enter', { method: 'POST', body: 'guessed' }).then(answer => answer.text(), error => error.name);
              const opened = await new Promise(resolve => {
                const socket = new WebSocket('ws://{{window.Authority}}/_blazor', ['latchkey-window', 'guessed']);
                socket.onopen = () => resolve('open');
                socket.onerror = () => resolve('error');
              });
              return entered + ' ' + opened;
            }
            """;

        public string At(string host) =>
            $"http://{host}:{new Uri(_server.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First()).Port}/";

        public ValueTask DisposeAsync() => _server.DisposeAsync();
    }
}
