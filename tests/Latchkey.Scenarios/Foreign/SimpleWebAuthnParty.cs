using System.Diagnostics;

namespace Latchkey.Scenarios.Foreign;

/// <summary>The npm package @simplewebauthn/server, on the Node.js that Playwright brings.</summary>
internal sealed class SimpleWebAuthnParty : ForeignParty
{
    private readonly Process _node;

    private SimpleWebAuthnParty(Process node, Uri address) => (_node, Address) = (node, address);

    public override Uri Address { get; }

    public static async Task<ForeignParty> StartAsync()
    {
        var folder = Path.Combine(Folder, "simplewebauthn");
        Assert.True(Directory.Exists(Path.Combine(folder, "node_modules")), "Its packages are missing: ./test installs them, or `npm ci` in tests/Latchkey.Scenarios/Foreign/simplewebauthn.");
        var program = Directory.EnumerateFiles(Path.Combine(AppContext.BaseDirectory, ".playwright", "node"), "node", SearchOption.AllDirectories).First();
        var start = new ProcessStartInfo(program, ["--no-warnings", Path.Combine(folder, "server.mjs"), RpId, PageFile]) { UseShellExecute = false, RedirectStandardOutput = true, WorkingDirectory = folder };
        var node = Process.Start(start)!;
        var line = await node.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken);
        return new SimpleWebAuthnParty(node, new(line!["Listening on ".Length..]));
    }

    public override async ValueTask DisposeAsync()
    {
        _node.Kill();
        await _node.WaitForExitAsync(CancellationToken.None);
        _node.Dispose();
    }
}
