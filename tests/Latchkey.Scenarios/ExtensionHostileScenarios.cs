using System.Text.Json;
using Latchkey.Scenarios.Capabilities;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Latchkey.Scenarios;

/// <summary>Pages that want more than is theirs, and an extension that goes in the middle.</summary>
[Covers(Way.ThisDeviceByExtension, Browser.Chromium, Platform.Linux)]
public sealed class ExtensionHostileScenarios(ExtensionProduct product) : ScenarioOn<ExtensionProduct>(product)
{
    private ExtensionStage Stage => Product.Stage;

    [Fact]
    public async Task A_frame_of_another_origin_asks_only_where_the_page_allows_it_and_the_client_data_says_whose_page_it_was()
    {
        var inner = Uri.EscapeDataString(Product.Page.At("inner.localhost"));
        var page = await Stage.OpenAsync(Product.Page.At("outer.localhost", $"?frame={inner}&allow=publickey-credentials-create%20*%3B%20publickey-credentials-get%20*"));
        var frame = page.Frame("inner")!;
        // a frame of another origin makes no passkey without being touched
        await frame.GetByLabel("Name").ClickAsync();
        var saving = frame.EvaluateAsync<JsonElement>("() => tell(create())");
        await ExtensionStage.SeeAsync(page, "button", "Save", focused: true);
        var window = await Stage.GoOnAsync(page);
        await Expect(window.GetByText("inner.localhost").First).ToBeVisibleAsync();
        await AuthenticatorWindow.GiveGestureAsync(window, "Save");
        var saved = await saving;
        using var clientData = JsonDocument.Parse(Protocol.Base64Url.Decode(saved.GetProperty("json").GetProperty("response").GetProperty("clientDataJSON").GetString()!));
        Assert.Equal((Product.Page.At("inner.localhost").TrimEnd('/'), true, Product.Page.At("outer.localhost").TrimEnd('/')), (
            clientData.RootElement.GetProperty("origin").GetString(), clientData.RootElement.GetProperty("crossOrigin").GetBoolean(), clientData.RootElement.GetProperty("topOrigin").GetString()));

        page = await Stage.OpenAsync(Product.Page.At("outer.localhost", $"?frame={inner}"));
        frame = page.Frame("inner")!;
        await frame.GetByLabel("Name").ClickAsync();
        foreach (var call in (string[])["create()", $"get({{ allowCredentials: known('{saved.GetProperty("id").GetString()}') }})"])
        {
            Assert.Equal("NotAllowedError", (await frame.EvaluateAsync<JsonElement>($"() => tell({call})")).GetProperty("error").GetString());
        }
    }

    [Theory]
    [InlineData("localhost.evil.localhost", "good.localhost")]
    [InlineData("evilgood.localhost", "good.localhost")]
    [InlineData("good.localhost", "localhost")]
    [InlineData("good.localhost", "deep.good.localhost")]
    public async Task A_page_that_asks_for_an_RP_ID_that_is_not_its_own_hears_no_from_the_browser(string host, string rpId)
    {
        var page = await Stage.OpenAsync(Product.Page.At(host));
        foreach (var call in (string[])[$"create({{ rp: {{ id: '{rpId}', name: 'Good' }} }})", $"get({{ rpId: '{rpId}' }})"])
        {
            Assert.Equal("SecurityError", (await page.EvaluateAsync<JsonElement>($"() => tell({call})")).GetProperty("error").GetString());
        }
    }

    [Fact]
    public async Task A_page_that_tampers_with_everything_and_forges_messages_gets_its_own_passkey_and_nothing_else()
    {
        var page = await Stage.OpenAsync(Product.Page.At("tamper.localhost"));
        var saving = page.EvaluateAsync<JsonElement>("""
            () => {
              window.heard = [];
              const note = what => heard.push(String(what));
              for (const type of ['latchkey-port', 'latchkey-relay', 'message', 'mousedown']) addEventListener(type, event => note(type), true);
              // what the extension's parts could be thought to use; put back before the answer is read
              const before = [[JSON, 'stringify'], [JSON, 'parse'], [Map.prototype, 'get'], [Array, 'isArray'], [Reflect, 'apply'], [String, 'fromCharCode'], [window, 'atob'], [window, 'btoa']]
                .map(([owner, name]) => [owner, name, owner[name]]);
              MessagePort.prototype.postMessage = () => note('postMessage');
              Object.defineProperty(MessageEvent.prototype, 'data', { get: () => note('data') });
              JSON.stringify = () => { note('stringify'); return '{}'; };
              JSON.parse = () => { note('parse'); return {}; };
              Map.prototype.get = () => note('get');
              Array.isArray = () => false;
              Reflect.apply = () => note('apply');
              String.fromCharCode = () => 'x';
              window.atob = window.btoa = () => note('base64');
              Element.prototype.attachShadow = () => note('attachShadow');
              HTMLDialogElement.prototype.showModal = () => note('showModal');
              // forged: a port of the page's own, a request in another's name, and the relay's call
              const channel = new MessageChannel();
              document.dispatchEvent(new MessageEvent('latchkey-port', { ports: [channel.port2] }));
              document.dispatchEvent(new Event('latchkey-relay'));
              window.postMessage({ type: 'create', id: 1, caller: { origin: 'https://bank.example' } }, '*');
              return create().then(credential => {
                for (const [owner, name, value] of before) owner[name] = value;
                return tell(Promise.resolve(credential));
              });
            }
            """);
        await ExtensionStage.SeeAsync(page, "button", "Save", focused: true);
        // clicks that no person made
        await page.EvaluateAsync("() => { for (const element of document.querySelectorAll('*')) element.dispatchEvent(new MouseEvent('click', { bubbles: true, composed: true })); }");
        await ExtensionStage.SeeAsync(page, "button", "Save", focused: true);
        Assert.Null(await page.EvaluateAsync<string?>("() => [...document.documentElement.children].map(child => child.shadowRoot).find(root => root) ?? null"));
        var window = await Stage.GoOnAsync(page);
        await Expect(window.GetByText("tamper.localhost").First).ToBeVisibleAsync();
        await AuthenticatorWindow.GiveGestureAsync(window, "Save");

        var saved = await saving;
        Assert.True(saved.GetProperty("own").GetBoolean());
        var heard = await page.EvaluateAsync<string[]>("() => heard");
        // its own forged events, and nothing of the extension's
        Assert.Equal(["message"], heard.Distinct().Where(one => one is not ("latchkey-port" or "latchkey-relay")));
    }

    [Fact]
    public async Task A_page_that_takes_the_question_away_has_said_no()
    {
        var page = await Stage.OpenAsync(Product.Page.At("remove.localhost"));
        var saving = page.EvaluateAsync<JsonElement>("() => tell(create())");
        await ExtensionStage.SeeAsync(page, "button", "Save", focused: true);
        await page.EvaluateAsync("() => document.documentElement.lastElementChild.remove()");
        Assert.Equal("NotAllowedError", (await saving).GetProperty("error").GetString());
    }

    [Fact]
    public async Task An_extension_that_is_turned_off_in_the_middle_ends_the_request_and_leaves_the_page_to_the_browser()
    {
        await using var own = await ExtensionStage.StartAsync(Product, Product.AuthenticatorData);
        var page = await own.OpenAsync(Product.Page.At("off.localhost"));
        var settings = await own.OpenAsync("chrome://extensions/");
        await page.BringToFrontAsync();
        var saving = page.EvaluateAsync<JsonElement>("() => tell(create())");
        await ExtensionStage.SeeAsync(page, "button", "Save", focused: true);
        var window = await own.GoOnAsync(page);
        await Expect(window.GetByRole(AriaRole.Dialog)).ToBeVisibleAsync();

        await settings.EvaluateAsync($"() => chrome.management.setEnabled('{ExtensionStage.ExtensionId}', false)");
        Assert.Equal("NotAllowedError", (await saving).GetProperty("error").GetString());
        // the Authenticator asks no more, and the browser answers the next request
        await Expect(window.GetByRole(AriaRole.Dialog)).ToHaveCountAsync(0);
        await VirtualAuthenticator.AddAsync(page);
        Assert.False((await page.EvaluateAsync<JsonElement>("() => tell(create())")).GetProperty("own").GetBoolean());
    }
}
