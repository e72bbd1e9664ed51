using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using Latchkey.Scenarios.Capabilities;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Latchkey.Scenarios;

/// <summary>One page's fault, loop or odd request is that page's own: the other tabs' requests go on, and what is not ours is the browser's.</summary>
[Covers(Way.ThisDeviceByExtension, Browser.Chromium, Platform.Linux)]
public sealed class ExtensionFaultScenarios(ExtensionProduct product) : ScenarioOn<ExtensionProduct>(product)
{
    private ExtensionStage Stage => Product.Stage;

    [Fact]
    public async Task A_page_that_asks_for_too_much_ends_nothing_but_its_own_request()
    {
        var page = await Stage.OpenAsync(Product.Page.At("patient.localhost"));
        var saving = page.EvaluateAsync<JsonElement>("() => tell(create())");
        await ExtensionStage.SeeAsync(page, "button", "Save", focused: true);
        var window = await Stage.GoOnAsync(page);
        await Expect(window.GetByRole(AriaRole.Dialog)).ToBeVisibleAsync();

        var evil = await Stage.OpenAsync(Product.Page.At("evil.localhost"));
        await VirtualAuthenticator.AddAsync(evil);
        await evil.EvaluateAsync("""
            async () => {
              const half = '\ud83d', deep = levels => { let value = {}; for (let i = 0; i < levels; i++) value = { inner: value }; return value; };
              const user = { id: random(16), name: 'eve', displayName: 'Eve' };
              const signal = AbortSignal.timeout(1);
              const briefly = promise => promise.then(() => 'made', error => error.name);
              // to the Authenticator and back
              const round = () => PublicKeyCredential.isUserVerifyingPlatformAuthenticatorAvailable();
              // what is too much
              await briefly(create({ user: { ...user, id: new Uint8Array(300_000) } }));
              await briefly(create({ user: { ...user, name: '\u0001'.repeat(200_000) } }));
              await briefly(create({ excludeCredentials: Array.from({ length: 10_000 }, () => ({ type: 'public-key', id: random(64) })) }));
              await briefly(get({ allowCredentials: Array.from({ length: 10_000 }, () => ({ type: 'public-key', id: random(64) })), timeout: 1 }, { signal: AbortSignal.timeout(500) }));
              await briefly(create({ extensions: { credProps: deep(5_000) } }));
              await briefly(PublicKeyCredential.signalUnknownCredential({ rpId: 'evil.localhost', credentialId: 'A'.repeat(400_000) }));
              await briefly(PublicKeyCredential.signalCurrentUserDetails({ rpId: 'evil.localhost', userId: 'AAAA', name: half + 'x', displayName: half, more: deep(200), [half]: half }));
              await briefly(PublicKeyCredential.signalAllAcceptedCredentials({ rpId: 'evil.localhost', userId: 'AAAA', allAcceptedCredentialIds: Array(20_000).fill('AAAA') }));
              await round();
              // half a character, and what a page hangs on the prototypes; each is asked about, and aborted
              for (const spoil of [() => {}, () => { Object.prototype.toJSON = () => 7; }, () => { Array.prototype.toJSON = () => deep(200); }, () => { Object.prototype.type = 'host'; Object.prototype.id = 0; }]) {
                spoil();
                const asked = [create({ user: { ...user, name: half, displayName: half } }, { signal: AbortSignal.timeout(300) }), get({}, { signal: AbortSignal.timeout(300) })];
                for (const one of asked) await briefly(one);
                await briefly(PublicKeyCredential.signalCurrentUserDetails({ rpId: 'evil.localhost', userId: 'AAAA', name: half, displayName: half }));
                await round();
                for (const name of ['toJSON', 'type', 'id']) { delete Object.prototype[name]; delete Array.prototype[name]; }
              }
            }
            """);

        await page.BringToFrontAsync();
        await AuthenticatorWindow.GiveGestureAsync(window, "Save");
        Assert.True((await saving).GetProperty("own").GetBoolean());
    }

    [Fact]
    public async Task Half_a_character_and_anothers_prototypes_are_asked_about_and_another_realms_buffers_too()
    {
        var page = await Stage.OpenAsync(Product.Page.At("realm.localhost"));
        await page.EvaluateAsync("() => { const other = document.createElement('iframe'); document.body.append(other); window.realm = other.contentWindow; Array.prototype.toJSON = Object.prototype.toJSON = () => 7; }");
        foreach (var options in (string[])[
            "challenge: new realm.Uint8Array(32)", "challenge: new realm.Uint8Array(32).buffer", "challenge: new realm.DataView(new ArrayBuffer(40), 4, 32)",
            "user: { id: new realm.Uint8Array([1, 2, 3]).subarray(1), name: 'Ada \\ud83d', displayName: '\\udc00' }", "excludeCredentials: [{ type: 'public-key', id: new realm.Uint16Array(8) }]",
        ])
        {
            await page.EvaluateAsync($"() => {{ window.controller = new realm.AbortController(); window.ended = create({{ {options} }}, {{ signal: controller.signal }}).catch(reason => reason); }}");
            await ExtensionStage.SeeAsync(page, "button", "Save", focused: true);
            await page.EvaluateAsync("() => controller.abort('enough')");
            Assert.Equal("enough", await page.EvaluateAsync<string>("() => ended"));
        }

        // and what is made is the browser's own kind of object, for the methods of its classes and for nobody else's
        var saving = page.EvaluateAsync<string>("""
            () => create({ excludeCredentials: known('AAAA') }).then(made => {
              delete Array.prototype.toJSON; delete Object.prototype.toJSON;
              const wrong = act => { try { act(); return 'no error'; } catch (error) { return error.name; } };
              const { toJSON, getClientExtensionResults } = PublicKeyCredential.prototype, { getTransports, getPublicKey } = AuthenticatorAttestationResponse.prototype;
              return [
                toJSON.call(made).id === made.id, Array.isArray(toJSON.call(made).response.transports), JSON.stringify(getClientExtensionResults.call(made)),
                getTransports.call(made.response).join(), getPublicKey.call(made.response).byteLength > 60, made.toJSON === toJSON, Object.hasOwn(made, 'toJSON'),
                wrong(() => made.toJSON.call({})), wrong(() => toJSON.call(Object.create(PublicKeyCredential.prototype))), wrong(() => getTransports.call(made)), wrong(() => toJSON.call(null)), wrong(() => new made.toJSON()),
                toJSON.name, toJSON.length,
              ].join();
            })
            """);
        await ExtensionStage.SeeAsync(page, "button", "Save", focused: true);
        await AuthenticatorWindow.GiveGestureAsync(await Stage.GoOnAsync(page), "Save");
        Assert.Equal("true,true,{},hybrid,internal,true,true,false,TypeError,TypeError,TypeError,TypeError,TypeError,toJSON,0", await saving);
    }

    [Fact]
    public async Task Ways_of_asking_that_are_not_known_here_are_the_browsers()
    {
        var page = await Stage.OpenAsync(Product.Page.At("ways.localhost"));
        await Stage.SaveAsync(page);
        await VirtualAuthenticator.AddAsync(page, "usb");
        foreach (var call in (string[])["get", "create"])
        {
            foreach (var way in (string[])["uiMode: 'immediate'", "uiMode: 'of tomorrow'", "mediation: 'immediate'", "mediation: 'of tomorrow'", "mediation: 'silent'", "mediation: 7"])
            {
                Assert.Equal("nobody", await page.EvaluateAsync<string>($$"""
                    async () => {
                      const controller = new AbortController();
                      const asked = {{call}}({}, { {{way}}, signal: controller.signal }).catch(() => {});
                      // to the Authenticator and back, as often as a question takes
                      for (let i = 0; i < 3; i++) await PublicKeyCredential.isUserVerifyingPlatformAuthenticatorAvailable();
                      const asks = document.documentElement.lastElementChild === document.body ? 'nobody' : 'the extension';
                      controller.abort();
                      await asked;
                      return asks;
                    }
                    """));
            }
        }
    }

    [Fact]
    public async Task A_page_has_nobody_called_before_a_person_acts_and_another_tab_gets_its_question()
    {
        // whatever the Authenticator calls is called by way of a proxy that never answers
        using var proxy = new TcpListener(IPAddress.Loopback, 0);
        proxy.Start();
        await Product.RestartAuthenticatorAsync(new(StringComparer.Ordinal) { ["HTTPS_PROXY"] = $"http://127.0.0.1:{((IPEndPoint)proxy.LocalEndpoint).Port}" });

        var evil = await Stage.OpenAsync(Product.Page.At("caller.localhost"));
        await evil.EvaluateAsync("""
            async () => {
              for (let i = 0; i < 300; i++) get({ rpId: `slow${i}.example.org` }, { signal: AbortSignal.timeout(2_000) }).catch(() => {});
              get({ rpId: 'slow.example.org' }, { mediation: 'conditional', signal: AbortSignal.timeout(2_000) }).catch(() => {});
              await PublicKeyCredential.isUserVerifyingPlatformAuthenticatorAvailable();
            }
            """);
        var page = await Stage.OpenAsync(Product.Page.At("other.localhost"));
        await Stage.SaveAsync(page);
        Assert.False(proxy.Pending());
    }

    [Fact]
    public async Task A_question_stands_as_long_as_the_page_waits_and_the_answer_goes_through()
    {
        await using var browser = await QuietChromium.StartAsync(Product, Product.AuthenticatorData, Product.Page.At("quiet.localhost"));
        await browser.EvaluateAsync("(window.ended = '', create().then(() => { ended = 'made'; }, error => { ended = error.name; }), true)");
        await Eventually.TrueAsync("the extension asks", async () => (bool?)await browser.EvaluateAsync("document.activeElement === document.documentElement.lastElementChild") is true);

        // the worker would have been put to sleep after 30 seconds, and the connection closed before
        await Eventually.TrueAsync("more than a minute has passed", async () => (bool?)await browser.EvaluateAsync("(window.since ??= performance.now()) + 62_000 < performance.now()") is true);
        Assert.Equal((true, ""), ((bool)(await browser.EvaluateAsync("document.activeElement === document.documentElement.lastElementChild"))!, (string?)await browser.EvaluateAsync("ended")));
        await Eventually.TrueAsync("the Authenticator's window opened", async () =>
        {
            foreach (var type in (string[])["keyDown", "keyUp"]) await browser.CallAsync("Input.dispatchKeyEvent", new() { ["type"] = type, ["key"] = "Enter", ["code"] = "Enter", ["windowsVirtualKeyCode"] = 13, ["text"] = type == "keyDown" ? "\r" : "" });
            return (await browser.AddressesAsync()).Any(address => address.Contains(".latchkey.localhost", StringComparison.Ordinal));
        });
        Assert.Equal("", (string?)await browser.EvaluateAsync("ended"));
    }
}
