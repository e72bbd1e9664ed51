using Microsoft.Data.Sqlite;
using Microsoft.Playwright;

namespace Latchkey.Scenarios;

/// <summary>
/// The product as <c>./run</c> starts it: the server with the demo organisation in a fresh directory, and a browser beside it. The Authenticator is
/// started by the scenarios that need it. One product for each class of scenarios.
/// </summary>
public class Product : IAsyncLifetime
{
    /// <summary>How long a page may take to show what it should, in milliseconds. Every page is a round trip or two to a server that may share one slow processor with its browser.</summary>
    internal const int Patience = 90_000;

    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("latchkey-scenario");
    private Running? _server;
    private IPlaywright? _playwright;
    private IBrowser? _browser;
    private readonly List<IPage> _pages = [];
    private readonly List<Running> _programs = [];
    private int _devices;

    /// <summary>Where <c>./run</c> would keep its data; holds demo.txt.</summary>
    internal string DataDirectory => _directory.FullName;

    /// <summary>What stands in the server's environment besides ours.</summary>
    protected virtual IReadOnlyDictionary<string, string> ServerEnvironment { get; } = new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>What starts browsers.</summary>
    internal IPlaywright Driver => _playwright!;

    /// <summary>The portal's address.</summary>
    public Uri Portal { get; private set; } = new("http://localhost/");

    internal IReadOnlyDictionary<string, DemoPerson> People { get; private set; } = new Dictionary<string, DemoPerson>(StringComparer.Ordinal);

    internal DemoPerson Newcomer => People["newcomer"];

    internal DemoPerson Regular => People["regular"];

    internal DemoPerson Admin => People["admin"];

    public virtual async ValueTask InitializeAsync()
    {
        await StartServerAsync(port: 0);
        People = DemoPerson.Read(Path.Combine(_directory.FullName, "demo.txt"));
        Assertions.SetDefaultExpectTimeout(Patience);
        _playwright = await Playwright.CreateAsync();
        _browser = await _playwright.Chromium.LaunchAsync(new()
        {
            ExecutablePath = Environment.GetEnvironmentVariable("CHROMIUM") ?? "/usr/bin/chromium",
            Timeout = Patience,
            // Chromium's own sandbox does not start for root, which is who runs tests in a container.
            Args = Environment.UserName == "root" ? ["--no-sandbox"] : [],
        });
    }

    /// <summary>A window of its own: no cookies, no virtual authenticator. A page that fails leaves its errors in the test's output.</summary>
    public async Task<IPage> NewPageAsync(BrowserNewContextOptions? options = null)
    {
        var context = await _browser!.NewContextAsync(options ?? new());
        context.SetDefaultTimeout(Patience);
        var page = await context.NewPageAsync();
        _pages.Add(page);
        page.PageError += (_, error) => TestContext.Current.TestOutputHelper?.WriteLine($"page error: {error}");
        page.Console += (_, message) =>
        {
            if (message.Type == "error") TestContext.Current.TestOutputHelper?.WriteLine($"console: {message.Text}");
        };
        return page;
    }

    /// <summary>The first page of a browser that was started elsewhere; what a person does on the page, done by the words they see.</summary>
    internal async Task<IPage> ConnectAsync(Uri devTools)
    {
        var browser = await ConnectAsync(devTools, attempts: 3);
        var context = browser.Contexts[0];
        context.SetDefaultTimeout(Patience);
        return context.Pages.Count > 0 ? context.Pages[0] : await context.NewPageAsync();
    }

    /// <summary>A browser that is just opening its first page was seen to leave a connection without an answer, once in hundreds: it gets another.</summary>
    private async Task<IBrowser> ConnectAsync(Uri devTools, int attempts)
    {
        try
        {
            return await _playwright!.Chromium.ConnectOverCDPAsync(devTools.AbsoluteUri, new() { Timeout = Patience });
        }
        catch (TimeoutException) when (attempts > 1)
        {
            return await ConnectAsync(devTools, attempts - 1);
        }
    }

    /// <summary>A fresh directory for a vault.</summary>
    public string NewDirectory(string name) => Path.Combine(_directory.FullName, $"{name}-{Interlocked.Increment(ref _devices)}");

    /// <summary>Ends the server as a power cut would, and starts it again on the same data and port.</summary>
    public async Task KillAndRestartServerAsync()
    {
        await _server!.KillAsync();
        await _server.DisposeAsync();
        await StartServerAsync(Portal.Port);
    }

    /// <summary>Ends the server as a power cut would.</summary>
    public Task KillServerAsync() => _server!.KillAsync();

    /// <summary>Starts the server again on the same data and port.</summary>
    public async Task RestartServerAsync()
    {
        await _server!.DisposeAsync();
        await StartServerAsync(Portal.Port);
    }

    /// <summary>Runs the command line.</summary>
    internal static Running Cli(string? input, params IEnumerable<string> arguments) => CliWith([], input, arguments);

    /// <summary>Gives the organisation a place where devices meet: without one the portal offers no other device.</summary>
    internal async Task SetMeetingPointAsync()
    {
        await using var set = Cli(null, "organisation", "set", "--tunnel-domain", "4242", "--data", DataDirectory);
        Assert.True(await set.ExitAsync() == 0, set.Log);
    }

    /// <summary>Runs the command line with something in its environment.</summary>
    internal static Running CliWith(Dictionary<string, string> environment, string? input, params IEnumerable<string> arguments) => Running.Start("Latchkey.Cli", input, environment, arguments);

    /// <summary>Closes what a scenario opened; one that failed leaves in the test's output what each page showed.</summary>
    public virtual async ValueTask EndScenarioAsync()
    {
        foreach (var page in _pages.SelectMany(page => page.Context.Pages).Distinct().Where(page => !page.IsClosed).ToList())
        {
            if (TestContext.Current.TestState?.Result == TestResult.Failed) TestContext.Current.TestOutputHelper?.WriteLine($"== {page.Url}\n{await page.Locator("body").InnerTextAsync()}");
            await page.CloseAsync();
        }

        _pages.Clear();
        foreach (var program in _programs) await program.DisposeAsync();
        _programs.Clear();
        await ForgetMethodsAsync();
    }

    /// <summary>The next scenario, whichever it is, finds the demo people as they were: what one left would be offered, excluded and named in another.</summary>
    private async Task ForgetMethodsAsync()
    {
        await using var database = new SqliteConnection($"Data Source={Path.Combine(_directory.FullName, "server", "latchkey.db")};Pooling=False");
        await database.OpenAsync();
        await using var delete = database.CreateCommand();
        delete.CommandText = "DELETE FROM Passkeys; DELETE FROM Authenticators; DELETE FROM Approvals; DELETE FROM ApprovalGuards; DELETE FROM CodeMethods WHERE DisplayName LIKE 'Codes %'";
        await delete.ExecuteNonQueryAsync();
    }

    /// <summary>A program that ends with the scenario.</summary>
    internal Running Start(string project, params IEnumerable<string> arguments) => StartWith([], project, arguments);

    /// <summary>The same, with something in its environment.</summary>
    internal Running StartWith(Dictionary<string, string> environment, string project, params IEnumerable<string> arguments)
    {
        var program = Running.Start(project, input: null, environment, arguments);
        _programs.Add(program);
        return program;
    }

    public virtual async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        if (_browser is not null) await _browser.DisposeAsync();
        _playwright?.Dispose();
        if (_server is not null) await _server.DisposeAsync();
        _directory.Delete(recursive: true);
    }

    private async Task StartServerAsync(int port)
    {
        _server = Running.Start("Latchkey.Server", input: null, ServerEnvironment, "--data", Path.Combine(_directory.FullName, "server"), "--port", $"{port}", "--demo", "--demo-file", Path.Combine(_directory.FullName, "demo.txt"));
        Portal = new(await _server.LineAsync("Listening on "));
    }
}
