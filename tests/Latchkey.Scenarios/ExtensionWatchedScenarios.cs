using System.Text.Json;
using Latchkey.Scenarios.Capabilities;
using Microsoft.Playwright;

namespace Latchkey.Scenarios;

/// <summary>Pages that look: what they can see of the extension says nothing of what the Authenticator holds, or whether it is locked.</summary>
[Covers(Way.ThisDeviceByExtension, Browser.Chromium, Platform.Linux)]
public sealed class ExtensionWatchedScenarios(ExtensionProduct product) : ScenarioOn<ExtensionProduct>(product)
{
    /// <summary>What a page can look with: what comes into the document, where the focus is, which points are covered, and whether a text is found.</summary>
    private const string Watch = """
        () => {
          window.trace = [];
          const note = what => { if (trace.at(-1) !== what) trace.push(what); };
          new MutationObserver(changes => {
            for (const change of changes) for (const node of [...change.addedNodes, ...change.removedNodes]) note(`${change.addedNodes.length ? '+' : '-'}${node.nodeName} in ${change.target.nodeName}`);
          }).observe(document, { childList: true, subtree: true, attributes: true });
          for (const type of ['focusin', 'focusout', 'focus', 'blur', 'resize', 'scroll', 'message', 'securitypolicyviolation']) addEventListener(type, event => { if (event.target?.nodeName || !/focus|blur/.test(type)) note(`${type} ${event.target?.nodeName}`); }, true);
          window.look = () => {
            const covered = [];
            for (let y = 4; y < innerHeight; y += 8) for (let x = 4; x < innerWidth; x += 8) if (document.elementFromPoint(x, y)?.parentNode === document.documentElement && document.elementFromPoint(x, y) !== document.body) covered.push([x, y]);
            const find = text => window.find(text, false, false, true, false, true, true);
            note(JSON.stringify({
              covered: [covered.length, covered.at(0), covered.at(-1)], size: [document.documentElement.scrollWidth, document.documentElement.scrollHeight, frames.length],
              active: document.activeElement?.nodeName, text: document.documentElement.innerText.length, selected: String(getSelection()),
              found: ['ada@', 'Ada', 'Latchkey', 'passkeys', 'Continue', 'locked'].filter(find).join(),
              host: document.documentElement.lastElementChild.getAttribute('style'), inside: String(document.documentElement.lastElementChild.shadowRoot),
            }));
          };
        }
        """;

    private ExtensionStage Stage => Product.Stage;

    [Fact]
    public async Task What_a_page_sees_is_the_same_with_a_passkey_and_with_none_known_or_not_unlocked_or_locked()
    {
        var has = await Stage.OpenAsync(Product.Page.At("has.localhost"));
        var id = await Stage.SaveAsync(has);
        var not = await Stage.OpenAsync(Product.Page.At("not.localhost"));

        var traces = new List<string> { await FieldTraceAsync(has, "", "ada@example.org"), await FieldTraceAsync(not, "", "No passkey for this site") };
        traces.Add(await FieldTraceAsync(has, $"allowCredentials: known('{id}')", "ada@example.org"));
        traces.Add(await FieldTraceAsync(has, "allowCredentials: known('AAAAAAAAAAAAAAAAAAAAAA')", "No passkey for this site"));
        Assert.Single(traces.Distinct());

        List<string> asked =
        [
            await QuestionTraceAsync(has, "", "Sign in with your passkey"), await QuestionTraceAsync(not, "", "No passkey in Latchkey Authenticator"),
            await QuestionTraceAsync(has, $"allowCredentials: known('{id}')", "Sign in with your passkey"),
            await QuestionTraceAsync(has, "allowCredentials: known('AAAAAAAAAAAAAAAAAAAAAA')", "No passkey in Latchkey Authenticator"),
        ];
        Assert.Single(asked.Distinct());

        // gone, started again by the native host, and locked: the pages stay as they are, and so does what they see
        await Product.KillAuthenticatorAsync();
        Assert.Equal(traces[0], await FieldTraceAsync(has, "", "Sign in with your passkey"));
        Assert.Equal(traces[0], await FieldTraceAsync(not, "", "Sign in with your passkey"));
        Assert.Equal(asked[0], await QuestionTraceAsync(has, "", "Sign in with your passkey"));
        Assert.Equal(asked[0], await QuestionTraceAsync(not, "allowCredentials: known('AAAA')", "Sign in with your passkey"));
        await Product.RestartAuthenticatorAsync();
    }

    [Fact]
    public async Task Nothing_a_script_does_opens_the_list_and_no_text_of_it_is_found()
    {
        var page = await Stage.OpenAsync(Product.Page.At("script.localhost"));
        await Stage.SaveAsync(page);
        await page.EvaluateAsync(Watch);
        await page.EvaluateAsync("""
            async () => {
              window.waiting = get({}, { mediation: 'conditional' }).catch(() => {});
              const field = document.getElementById('name');
              field.style.cssText = 'position: absolute; left: -9999px';
              for (let i = 0; i < 3; i++) {
                field.blur(); field.focus(); field.click();
                for (const type of ['mousedown', 'pointerdown', 'click']) field.dispatchEvent(new MouseEvent(type, { bubbles: true, composed: true }));
                for (const type of ['keydown', 'keyup']) for (const key of ['Tab', 'ArrowDown', 'Enter']) field.dispatchEvent(new KeyboardEvent(type, { key, bubbles: true, composed: true }));
                field.dispatchEvent(new FocusEvent('focusin', { bubbles: true }));
                // to the Authenticator and back
                await PublicKeyCredential.isUserVerifyingPlatformAuthenticatorAvailable();
                await new Promise(done => requestAnimationFrame(() => setTimeout(done)));
              }
            }
            """);
        Assert.DoesNotContain(await page.EvaluateAsync<string[]>("() => trace"), seen => seen.StartsWith('+'));
        Assert.False(ExtensionStage.Asks(page));

        // a person's click does, and what stands there then is found by nobody
        await page.EvaluateAsync("() => { document.getElementById('name').style.cssText = ''; }");
        await page.GetByLabel("Name").ClickAsync();
        await ExtensionStage.SeeAsync(page, "button", "ada@example.org");
        await page.EvaluateAsync("() => look()");
        Assert.Contains("\"found\":\"\"", await page.EvaluateAsync<string>("() => trace.at(-1)"), StringComparison.Ordinal);

        // a page that shows the frame itself, by the used token or another one, is shown nothing in it
        var used = ExtensionStage.FramesOf(page).Single().Url;
        foreach (var address in (string[])[used, $"chrome-extension://{ExtensionStage.ExtensionId}/frame.html#{Guid.NewGuid()}"])
        {
            await page.EvaluateAsync("address => new Promise(done => { const frame = document.createElement('iframe'); frame.name = 'forged'; frame.onload = done; frame.src = address; document.body.append(frame); })", address);
        }

        await page.EvaluateAsync("() => PublicKeyCredential.isUserVerifyingPlatformAuthenticatorAvailable()");
        await ExtensionStage.SeeAsync(page, "button", "ada@example.org");
        var forged = ExtensionStage.FramesOf(page).Where(frame => frame.Name == "forged").ToList();
        Assert.Equal(2, forged.Count);
        foreach (var frame in forged) Assert.Equal("", (await frame.InnerTextAsync("body")).Trim());
    }

    [Fact]
    public async Task A_page_that_covers_the_question_or_makes_it_invisible_has_it_answered_by_no_press()
    {
        var page = await Stage.OpenAsync(Product.Page.At("cover.localhost"));
        foreach (var (cover, uncover) in ((string, string)[])[
            ("() => { const over = document.createElement('div'); over.popover = 'manual'; over.id = 'over'; over.textContent = 'Press Enter to win'; over.style.cssText = 'inset: 0; width: 100vw; height: 100vh; pointer-events: none; background: white'; document.body.append(over); over.showPopover(); }", "() => over.remove()"),
            ("() => { document.documentElement.lastElementChild.style.cssText = 'display: block !important; opacity: .01 !important; position: fixed; inset: 0; filter: opacity(.01)'; document.documentElement.style.filter = 'opacity(.5)'; const over = document.createElement('div'); over.popover = 'manual'; over.id = 'over'; over.style.cssText = 'inset: 0; width: 100vw; height: 100vh; pointer-events: none; opacity: .9; background: white'; document.body.append(over); over.showPopover(); }", "() => { document.documentElement.style.filter = ''; document.documentElement.lastElementChild.style.cssText = 'display: contents'; over.remove(); }"),
        ])
        {
            await page.EvaluateAsync("() => { window.answer = 'none'; window.controller = new AbortController(); create({}, { signal: controller.signal }).catch(error => { answer = error.name; }); }");
            await ExtensionStage.SeeAsync(page, "button", "Save", focused: true);
            await page.EvaluateAsync(cover);
            await ExtensionStage.SeeAsync(page, "button", "Save", focused: true, enabled: false);
            var pages = Stage.Context.Pages.Count;
            for (var i = 0; i < 3; i++) await ExtensionStage.PressAsync(page, "Enter");
            await ExtensionStage.SeeAsync(page, "dialog", "Save a passkey");
            await page.EvaluateAsync("() => PublicKeyCredential.isUserVerifyingPlatformAuthenticatorAvailable()");
            Assert.Equal(("none", pages), (await page.EvaluateAsync<string>("() => answer"), Stage.Context.Pages.Count));

            await page.EvaluateAsync(uncover.Replace("over.remove()", "document.getElementById('over').remove()", StringComparison.Ordinal));
            await ExtensionStage.SeeAsync(page, "button", "Save", focused: true);
            await page.EvaluateAsync("() => controller.abort()");
            await ExtensionStage.GoneAsync(page);
        }
    }

    private static async Task<string> FieldTraceAsync(IPage page, string options, string words)
    {
        await page.BringToFrontAsync();
        await page.GetByRole(AriaRole.Heading).ClickAsync();
        await page.EvaluateAsync($"() => {{ window.controller = new AbortController(); window.ended = get({{ {options} }}, {{ mediation: 'conditional', signal: controller.signal }}).catch(error => error.name); }}");
        await page.EvaluateAsync(Watch);
        await page.GetByLabel("Name").ClickAsync();
        await ExtensionStage.SeeAsync(page, "", words);
        await page.EvaluateAsync("() => look()");
        await ExtensionStage.PressAsync(page, "ArrowDown");
        await Eventually.TrueAsync("the list has the focus", () => page.EvaluateAsync<bool>("() => document.activeElement === document.documentElement.lastElementChild"));
        await page.EvaluateAsync("() => look()");
        await ExtensionStage.PressAsync(page, "Escape");
        await Eventually.TrueAsync("the list is gone", () => page.EvaluateAsync<bool>("() => document.documentElement.lastElementChild === document.body && document.activeElement.id === 'name'"));
        await page.EvaluateAsync("() => look()");
        await page.EvaluateAsync("() => { controller.abort(); return ended; }");
        return string.Join('\n', await page.EvaluateAsync<string[]>("() => trace"));
    }

    private static async Task<string> QuestionTraceAsync(IPage page, string options, string words)
    {
        await page.BringToFrontAsync();
        await page.GetByRole(AriaRole.Heading).ClickAsync();
        await page.EvaluateAsync(Watch);
        var asked = page.EvaluateAsync<JsonElement>($"() => tell(get({{ {options} }}))");
        await ExtensionStage.SeeAsync(page, "heading", words);
        await Eventually.TrueAsync("the question has the focus", () => page.EvaluateAsync<bool>("() => document.activeElement === document.documentElement.lastElementChild"));
        await page.EvaluateAsync("() => look()");
        await ExtensionStage.PressAsync(page, "Escape");
        Assert.Equal("NotAllowedError", (await asked).GetProperty("error").GetString());
        await page.EvaluateAsync("() => look()");
        return string.Join('\n', await page.EvaluateAsync<string[]>("() => trace"));
    }
}
