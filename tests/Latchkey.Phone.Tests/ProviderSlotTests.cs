using System.Net.Sockets;
using System.Text.Json.Nodes;
using Latchkey.Phone.Settings;
using Latchkey.Phone.Sheet;

namespace Latchkey.Phone.Tests;

/// <summary>What the phone's own place for passkeys answers a browser; the Authenticator's part is seen in the walks.</summary>
public sealed class ProviderSlotTests : IAsyncLifetime
{
    private const string CreationOptions = """
        {"rp":{"id":"example.org","name":"Example"},"user":{"id":"AQID","name":"ada","displayName":"Ada"},"challenge":"AAAAAAAAAAAAAAAAAAAAAA",
         "pubKeyCredParams":[{"type":"public-key","alg":-7}],"authenticatorSelection":{"residentKey":"required","userVerification":"required"}}
        """;

    private const string RequestOptions = """{"challenge":"AAAAAAAAAAAAAAAAAAAAAA","rpId":"example.org","userVerification":"required"}""";

    private readonly DirectoryInfo _home = Directory.CreateTempSubdirectory("latchkey-slot");
    private readonly PhoneSettings _settings = new(PhoneSystem.Ios);
    private readonly SystemSheet _sheet = new();
    private readonly List<SheetQuestion> _asked = [];
    private Func<SheetQuestion, SheetAnswer?> _person = _ => null;
    private ProviderSlot _slot = null!;
    private Frames _browser = null!;
    private int _last;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _sheet.Changed += () =>
        {
            if (_sheet.Question is not { } question) return;
            _asked.Add(question);
            _sheet.Answer(_person(question));
        };
        var surroundings = new PhoneSurroundings(new Uri("http://localhost:1/"), "no browser", null!, "", "");
        var profile = new PhoneProfile(PhoneProfile.Personal, Path.Combine(_home.FullName, "vault"), _home, _settings, surroundings, CancellationToken.None);
        _slot = new(profile, _settings, new(_settings, _sheet, [PhoneProfile.Personal]), _sheet);
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await socket.ConnectAsync(new UnixDomainSocketEndPoint(profile.SlotSocket), Token);
        _browser = new(socket);
    }

    public async ValueTask DisposeAsync()
    {
        await _browser.DisposeAsync();
        await _slot.DisposeAsync();
        _sheet.Dispose();
        _home.Delete(recursive: true);
    }

    [Fact]
    public async Task The_browser_is_told_that_the_phone_asks_by_itself()
    {
        var hello = await AskAsync(new() { ["type"] = "hello", ["protocol"] = 1, ["browser"] = "Chromium", ["extension"] = "1" });

        Assert.True((bool?)hello["ok"]?["asksItself"]);
    }

    [Fact]
    public async Task With_nothing_turned_on_a_page_is_refused_at_once_and_nobody_is_asked()
    {
        _settings.TurnOn(PhoneProfile.Personal, Provider.BuiltIn, on: false);

        var answer = await CreateAsync();

        Assert.Equal("NotAllowedError", (string?)answer["error"]?["name"]);
        Assert.Empty(_asked);
    }

    [Fact]
    public async Task The_Authenticator_is_offered_only_while_it_is_turned_on()
    {
        await CreateAsync();
        _settings.TurnOn(PhoneProfile.Personal, Provider.Authenticator, on: true);
        await CreateAsync();

        Assert.Equal([["BuiltIn"], ["BuiltIn", "Authenticator"]], _asked.Select(question => question.Choices.Select(choice => choice.Key)));
    }

    [Fact]
    public async Task Who_cancels_the_sheet_makes_no_passkey()
    {
        _person = _ => null;

        Assert.Equal("NotAllowedError", (string?)(await CreateAsync())["error"]?["name"]);
    }

    [Fact]
    public async Task A_passkey_of_the_phones_own_is_made_and_used_behind_the_passcode()
    {
        _person = _ => new("BuiltIn", PhoneSettings.Passcode);

        var created = await CreateAsync();
        await SayAsync("delivered");
        var used = await AskAsync(new() { ["type"] = "get", ["caller"] = Caller(), ["options"] = JsonNode.Parse(RequestOptions) });

        Assert.NotNull((string?)created["ok"]?["credential"]?["id"]);
        Assert.Equal((string?)created["ok"]?["credential"]?["id"], (string?)used["ok"]?["credential"]?["id"]);
    }

    [Fact]
    public async Task The_page_is_let_go_on_once_the_passkey_is_kept()
    {
        _person = _ => new("BuiltIn", PhoneSettings.Passcode);

        await CreateAsync();
        await SayAsync("delivered");

        Assert.Equal("kept", (string?)(await _browser.ReadAsync(Token))?["type"]);
    }

    [Fact]
    public async Task A_passkey_whose_answer_never_arrived_is_not_there()
    {
        _person = _ => new("BuiltIn", PhoneSettings.Passcode);

        await CreateAsync();
        await SayAsync("undelivered");
        var used = await AskAsync(new() { ["type"] = "get", ["caller"] = Caller(), ["options"] = JsonNode.Parse(RequestOptions) });

        Assert.Equal("NotAllowedError", (string?)used["error"]?["name"]);
    }

    [Fact]
    public async Task A_wrong_passcode_is_asked_for_again()
    {
        _person = question => new("BuiltIn", question.WasWrong ? PhoneSettings.Passcode : "1");

        var created = await CreateAsync();

        Assert.NotNull(created["ok"]);
        Assert.Equal([false, true], _asked.Select(question => question.WasWrong));
    }

    [Fact]
    public async Task A_page_of_another_site_gets_no_passkey_for_this_one()
    {
        _person = _ => new("BuiltIn", PhoneSettings.Passcode);

        var answer = await AskAsync(new() { ["type"] = "create", ["caller"] = Caller("https://evil.example"), ["options"] = JsonNode.Parse(CreationOptions) });

        Assert.Equal("SecurityError", (string?)answer["error"]?["name"]);
    }

    private Task<JsonObject> CreateAsync() => AskAsync(new() { ["type"] = "create", ["caller"] = Caller(), ["options"] = JsonNode.Parse(CreationOptions) });

    private async Task<JsonObject> AskAsync(JsonObject message)
    {
        message["id"] = ++_last;
        await _browser.WriteAsync(message, Token);
        while (true)
        {
            var answer = await _browser.ReadAsync(Token) ?? throw new EndOfStreamException();
            if ((int?)answer["id"] == _last) return answer;
        }
    }

    /// <summary>Says something about the last request.</summary>
    private Task SayAsync(string what) => _browser.WriteAsync(new() { ["type"] = what, ["id"] = _last }, Token);

    private static JsonObject Caller(string origin = "https://example.org") => new() { ["origin"] = origin, ["crossOrigin"] = false };
}
