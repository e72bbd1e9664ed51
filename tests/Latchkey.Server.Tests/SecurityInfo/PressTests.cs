using System.Net;
using System.Text.RegularExpressions;
using Latchkey.Server.Tests.Approvals;
using Latchkey.Server.Tests.Hosts;

namespace Latchkey.Server.Tests.SecurityInfo;

/// <summary>A press that comes to nothing says why; what only a script can do is not there without one.</summary>
public sealed partial class PressTests : IAsyncLifetime
{
    private RunningServer _server = null!;
    private Browser _browser = null!;

    public async ValueTask InitializeAsync()
    {
        _server = await RunningServer.StartAsync();
        _browser = await _server.NewBrowser().SignInAsync("newcomer");
    }

    public async ValueTask DisposeAsync()
    {
        _browser.Dispose();
        await _server.DisposeAsync();
    }

    [Theory]
    [InlineData(null)]
    [InlineData("something else")]
    public async Task Add_without_a_choice_asks_for_one(string? method)
    {
        await _browser.OpenAsync("/security-info/add");
        await (method is null ? _browser.SubmitAsync("/security-info/add") : _browser.SubmitAsync("/security-info/add", ("method", method)));

        Assert.Contains("Choose what you want to add first.", _browser.Page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_code_for_a_page_that_was_open_for_too_long_gets_a_new_page_and_why()
    {
        await _browser.OpenAsync("/security-info/add/code");
        await _browser.SubmitAsync("/security-info/add/code", ("sealed", "of another day"), ("code", "123456"));

        Assert.Equal(HttpStatusCode.BadRequest, _browser.Status);
        Assert.Contains("This page was open for too long", _browser.Page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Buttons_that_need_a_script_are_not_there_before_it_works()
    {
        using var device = new Device(_server);
        await device.RegisterAsync(_browser);
        await _browser.OpenAsync("/security-info/add/passkey");

        var buttons = ScriptButtons().Matches(_browser.Page).Select(button => button.Value).ToList();
        Assert.Equal(3, buttons.Count); // make, test, replace
        Assert.All(buttons, button => Assert.Contains(" hidden", button, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Proving_by_a_request_that_is_not_there_says_that_it_is_over()
    {
        using var app = await AppDevice.SignInAsync(_server, "newcomer");
        await app.RegisterAsync();
        await _browser.OpenAsync("/step-up");
        await _browser.SubmitAsync("/step-up/approval", to: $"/step-up/approval/{Guid.NewGuid()}");

        Assert.StartsWith("/step-up?", _browser.Path, StringComparison.Ordinal);
        Assert.Contains("This request waits no longer", _browser.Page, StringComparison.Ordinal);
    }

    [GeneratedRegex("<button[^>]*type=\"button\"[^>]*>", RegexOptions.None, 1000)]
    private static partial Regex ScriptButtons();
}
