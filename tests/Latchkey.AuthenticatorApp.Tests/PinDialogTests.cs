using System.Net;
using System.Text.RegularExpressions;
using Latchkey.Authenticator;
using Latchkey.AuthenticatorApp.Device;
using Latchkey.AuthenticatorApp.Shell;
using Latchkey.Protocol.Cose;
using Latchkey.Protocol.Ctap;
using Latchkey.Protocol.WebAuthn;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Web;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.JSInterop;

namespace Latchkey.AuthenticatorApp.Tests;

/// <summary>What the PIN window makes of what a page calls itself and its people: our words stay in order, and nothing is empty or endless.</summary>
public sealed partial class PinDialogTests
{
    private static readonly CtapUser Nobody = new(UserHandle.Random(), null, null);

    [Fact]
    public async Task Names_that_turn_text_around_are_spelled_out_and_the_RP_ID_stands_as_it_is()
    {
        var shown = await ShowAsync(new AuthorizationRequest.CreatePasskey(
            new("rlo.localhost", "\u202Egro.knab"), Nobody with { Name = "\u202Emoc.live@ada", DisplayName = "Ada \u202E(nimda)" }));

        Assert.Contains(@"Save a passkey for Ada \u202e(nimda) at \u202egro.knab?", shown, StringComparison.Ordinal);
        Assert.Contains(@"\u202emoc.live@ada · rlo.localhost", shown, StringComparison.Ordinal);
        Assert.DoesNotContain('\u202e', shown);
    }

    [Fact]
    public async Task Names_with_escape_sequences_and_line_breaks_are_spelled_out()
    {
        var shown = await ShowAsync(new AuthorizationRequest.UsePasskey(
            "shop.example", [Passkey("ada\u001b]0;pwned\u0007", "Ada\n\nEnter your PIN"), Passkey("a\0b", null)]));

        Assert.Contains(@"Ada\x0a\x0aEnter your PIN", shown, StringComparison.Ordinal);
        Assert.Contains(@"ada\x1b]0;pwned\x07", shown, StringComparison.Ordinal);
        Assert.DoesNotContain(shown, c => c is '\u001b' or '\0' or '\u0007');
    }

    [Theory]
    [InlineData("", "ada@example.org", "Shop", "Save a passkey for ada@example.org at Shop?", "ada@example.org · shop.example")]
    [InlineData(null, "ada@example.org", "Shop", "Save a passkey for ada@example.org at Shop?", "ada@example.org · shop.example")]
    [InlineData("", "", "Shop", "Save a passkey for shop.example at Shop?", ">shop.example<")]
    [InlineData(null, null, null, "Save a passkey for shop.example at shop.example?", ">shop.example<")]
    [InlineData("\u200b", " ", "\u3164", "Save a passkey for shop.example at shop.example?", ">shop.example<")]
    public async Task Where_there_is_no_display_name_the_name_stands_in_and_where_there_is_no_name_the_RP_ID(string? displayName, string? name, string? rp, string question, string who)
    {
        var shown = await ShowAsync(new AuthorizationRequest.CreatePasskey(new("shop.example", rp), Nobody with { Name = name, DisplayName = displayName }));

        Assert.Contains(question, shown, StringComparison.Ordinal);
        Assert.Contains(who, shown, StringComparison.Ordinal);
        Assert.DoesNotContain("> ·", shown, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Each_of_two_accounts_has_a_line_that_is_not_empty()
    {
        var shown = await ShowAsync(new AuthorizationRequest.UsePasskey("shop.example", [Passkey("ada@example.org", ""), Passkey("", "")]));

        Assert.Equal(["ada@example.org", "shop.example"], BoldLines().Matches(shown).Select(match => match.Groups["text"].Value));
    }

    [Fact]
    public async Task Endless_names_take_a_line_or_two_each()
    {
        var shown = await ShowAsync(new AuthorizationRequest.CreatePasskey(
            new("shop.example", new string('R', 3000)), Nobody with { Name = new string('n', 2000), DisplayName = string.Concat(Enumerable.Repeat("😀", 900)) }));

        Assert.Contains(new string('R', 63) + "…", shown, StringComparison.Ordinal);
        Assert.Contains(new string('n', 63) + "… · shop.example", shown, StringComparison.Ordinal);
        Assert.Contains("😀…", shown, StringComparison.Ordinal);
        Assert.DoesNotContain(new string('R', 65), shown, StringComparison.Ordinal);
        Assert.InRange(shown.Length, 1, 4000);
    }

    private static PublicKeyCredentialSource Passkey(string? name, string? displayName) => new()
    {
        Id = CredentialId.Random(), RpId = "shop.example", RpName = "Shop", UserHandle = UserHandle.Random(), UserName = name, UserDisplayName = displayName,
        Algorithm = CoseAlgorithm.ES256, Discoverable = true, CreatedAt = DateTimeOffset.UnixEpoch, State = CredentialState.Confirmed,
    };

    private static async Task<string> ShowAsync(AuthorizationRequest request)
    {
        await using var services = new ServiceCollection().AddLogging().AddSingleton<IJSRuntime, NoScript>().BuildServiceProvider();
        await using var renderer = new HtmlRenderer(services, NullLoggerFactory.Instance);
        var parameters = ParameterView.FromDictionary(new Dictionary<string, object?>(StringComparer.Ordinal) { ["Question"] = new PinQuestion(request) });
        return await renderer.Dispatcher.InvokeAsync(async () => WebUtility.HtmlDecode((await renderer.RenderComponentAsync<PinDialog>(parameters)).ToHtmlString()));
    }

    [GeneratedRegex("<strong>(?<text>.*?)</strong>", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex BoldLines();

    private sealed class NoScript : IJSRuntime
    {
        public ValueTask<TValue> InvokeAsync<TValue>(string identifier, object?[]? args) => throw new NotSupportedException();

        public ValueTask<TValue> InvokeAsync<TValue>(string identifier, CancellationToken cancellationToken, object?[]? args) => throw new NotSupportedException();
    }
}
