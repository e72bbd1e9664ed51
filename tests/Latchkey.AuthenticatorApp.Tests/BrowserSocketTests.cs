using System.Buffers.Binary;
using System.Text;
using System.Text.Json.Nodes;
using CsCheck;
using Latchkey.AuthenticatorApp.Device.Browsers;
using Latchkey.Protocol;

namespace Latchkey.AuthenticatorApp.Tests;

public sealed class BrowserSocketTests
{
    [Fact]
    public async Task A_hello_is_answered_with_how_things_stand_and_noted()
    {
        await using var authenticator = await Browsing.StartAsync(withVault: false);
        await using var browser = await authenticator.ConnectAsync();
        await SayHelloAsync(browser);
        Assert.Equal("new", (string?)(await browser.AnswerAsync(7))["state"]);

        await authenticator.Session.CreateAsync(Browsing.Pin, Browsing.Token);
        await SayHelloAsync(browser);
        Assert.Equal("ready", (string?)(await browser.AnswerAsync(7))["state"]);

        authenticator.Session.Lock();
        await SayHelloAsync(browser);
        Assert.Equal("locked", (string?)(await browser.AnswerAsync(7))["state"]);
        Assert.Equal(authenticator.Time.GetUtcNow(), authenticator.Heard.LastOf("Chromium"));
        Assert.Equal(authenticator.Time.GetUtcNow(), new HeardBrowsers(new(authenticator.DataDirectory), authenticator.Time).LastOf("Chromium"));
    }

    [Fact]
    public async Task Without_a_vault_every_request_is_passed_back()
    {
        await using var authenticator = await Browsing.StartAsync(withVault: false);
        await using var browser = await authenticator.ConnectAsync();

        await browser.SayAsync(Browsing.Create(1));

        Assert.Equal("not_set_up", (string?)(await browser.AnswerAsync(1))["reason"]);
    }

    [Fact]
    public async Task The_socket_is_its_owners_alone()
    {
        if (OperatingSystem.IsWindows()) return; // the pipe has an access list

        await using var authenticator = await Browsing.StartAsync(withVault: false);
        await using var browser = await authenticator.ConnectAsync();

        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(BrowserSocket.AddressOf(authenticator.DataDirectory)!));
    }

    [Fact]
    public async Task More_browsers_than_are_served_at_once_wait_until_another_goes()
    {
        await using var authenticator = await Browsing.StartAsync();
        List<PaperBrowser> browsers = [];
        for (var i = 0; i < BrowserSocket.MaxBrowsers; i++)
        {
            browsers.Add(await authenticator.ConnectAsync());
            await SayHelloAsync(browsers[^1]);
            await browsers[^1].AnswerAsync(7);
        }

        await browsers[0].DisposeAsync();
        await AssertServesAsync(authenticator);

        foreach (var browser in browsers) await browser.DisposeAsync();
    }

    [Theory]
    [InlineData(0u)]
    [InlineData((uint)BrowserFrames.MaxLength + 1)]
    [InlineData(uint.MaxValue)]
    public async Task A_frame_of_no_or_too_many_bytes_ends_the_connection(uint length)
    {
        await using var authenticator = await Browsing.StartAsync();
        await using var browser = await authenticator.ConnectAsync();
        var header = new byte[4];
        BinaryPrimitives.WriteUInt32LittleEndian(header, length);

        await browser.WriteAsync(header);

        Assert.Null(await browser.HearAsync());
        await AssertServesAsync(authenticator);
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("[]")]
    [InlineData("not JSON")]
    [InlineData("""{"id":0,"type":"delivered"}""")]
    [InlineData("""{"type":"create"}""")]
    [InlineData("""{"id":"\ud83d","type":"create"}""")]
    public async Task A_message_that_names_no_request_is_passed_over_and_ends_nobody_elses(string message)
    {
        await using var authenticator = await Browsing.StartAsync();
        await using var browser = await authenticator.ConnectAsync();
        await browser.BeginAsync(Browsing.Create(1));

        await browser.WriteAsync(FrameOf(message));

        await authenticator.AnswerAsync();
        Assert.NotNull((await browser.AnswerAsync(1))["credential"]);
    }

    public static TheoryData<string> Faulty => new(
        """{"id":2}""",
        """{"id":2,"type":7}""",
        """{"id":2,"type":"\ud83d"}""",
        """{"id":2,"type":"create","caller":{"origin":"https://shop.example"}}""",
        """{"id":2,"type":"get","options":{},"caller":{"origin":7}}""",
        """{"id":2,"type":"get","options":[],"caller":{"origin":"https://shop.example"}}""",
        """{"id":2,"type":"get","options":{},"caller":{"origin":"https://shop.example","allowed":"yes"}}""",
        """{"id":2,"type":"hello","browser":"Chromium"}""",
        """{"id":2,"type":"offers","kind":"\udc00","caller":{"origin":"https://shop.example"},"options":{}}""",
        """{"id":2,"type":"signal","method":"of tomorrow","caller":{"origin":"https://shop.example"},"options":{}}""",
        """{"id":2,"type":"signal","method":{},"caller":{"origin":"https://shop.example"},"options":{"rpId":"shop.example"}}""",
        """{"id":2,"type":"signal","method":"unknownCredential","caller":{"origin":"https://shop.example"},"options":{"rpId":"shop.example","credentialId":"\ud83d"}}""",
        $$$"""{"id":2,"type":"signal","method":"unknownCredential","caller":{"origin":"https://shop.example"},"options":{"rpId":{{{Deep(100)}}}}}""",
        $$$"""{"id":2,"type":"create","caller":{"origin":"https://shop.example"},"options":{"extensions":{{{Deep(10_000)}}}}}""",
        """{"id":2,"type":"get","options":{} and nothing more""");

    [Theory]
    [MemberData(nameof(Faulty))]
    public async Task A_fault_of_one_request_is_answered_to_that_request_and_the_others_go_on(string message)
    {
        await using var authenticator = await Browsing.StartAsync();
        await using var browser = await authenticator.ConnectAsync();
        await browser.BeginAsync(Browsing.Create(1));

        await browser.WriteAsync(FrameOf(message));
        Assert.Equal("malformed", (string?)(await browser.AnswerAsync(2))["reason"]);

        await authenticator.AnswerAsync();
        Assert.NotNull((await browser.AnswerAsync(1))["credential"]);
    }

    [Fact]
    public async Task One_site_takes_no_more_than_its_part_of_the_requests_and_another_one_is_asked_about()
    {
        await using var authenticator = await Browsing.StartAsync();
        await using var browser = await authenticator.ConnectAsync();
        await browser.BeginAsync(Browsing.Create(1, "a.evil.test").From("https://a.evil.test"));
        for (var id = 2; id <= BrowserConnection.MaxRequestsOfOneSite; id++)
        {
            await browser.SayAsync(Browsing.Create(id, $"n{id}.evil.test").From($"https://n{id}.evil.test"));
            await browser.HearAsync("waiting", id);
        }

        await browser.SayAsync(Browsing.Create(1000, "b.evil.test").From("https://b.evil.test"));
        Assert.Equal("too_many", (string?)(await browser.AnswerAsync(1000))["reason"]);
        await browser.SayAsync(Browsing.Create(1001));
        await browser.HearAsync("waiting", 1001);
    }

    [Fact]
    public async Task A_number_that_is_under_way_cannot_be_used_twice()
    {
        await using var authenticator = await Browsing.StartAsync();
        await using var browser = await authenticator.ConnectAsync();
        await browser.BeginAsync(Browsing.Create(1));

        await browser.SayAsync(Browsing.Create(1));

        // What the first one ends with may still come.
        while (await browser.HearAsync() is { } heard) Assert.NotNull(heard["error"]);
    }

    [Fact]
    public async Task Words_about_requests_nobody_made_do_nothing()
    {
        await using var authenticator = await Browsing.StartAsync();
        await using var browser = await authenticator.ConnectAsync();
        foreach (var type in (string[])["delivered", "undelivered", "cancel"]) await browser.SayAsync(9, type);

        await SayHelloAsync(browser);
        await browser.AnswerAsync(7);
    }

    [Fact]
    public async Task A_type_of_another_version_is_said_not_to_be_supported()
    {
        await using var authenticator = await Browsing.StartAsync();
        await using var browser = await authenticator.ConnectAsync();

        await browser.SayAsync(1, "of tomorrow");

        Assert.Equal("NotSupportedError", (string?)(await browser.ErrorAsync(1))["name"]);
    }

    [Fact]
    public async Task The_native_hosts_own_word_is_heard_and_needs_no_answer()
    {
        await using var authenticator = await Browsing.StartAsync();
        await using var browser = await authenticator.ConnectAsync();

        await browser.SayAsync(new() { ["type"] = "host", ["extension"] = "chrome-extension://abc/" });

        await SayHelloAsync(browser);
        await browser.AnswerAsync(7);
    }

    [Fact]
    public void A_mangled_message_is_read_or_refused_and_never_anything_else()
    {
        byte[][] messages = [Encode(Browsing.Create(1)), Encode(Browsing.Get(2)), Encode(Browsing.Offers(Browsing.Get(3))), Encode(Hello)];
        Gen.Select(Gen.Int[0, messages.Length - 1], Gen.Int[0, 600], Gen.Byte).Sample((which, at, value) =>
        {
            var mangled = messages[which].ToArray();
            mangled[at % mangled.Length] = value;
            try
            {
                Assert.NotNull(BrowserRequest.Parse(mangled));
            }
            catch (WireFormatException)
            {
                // refused
            }
        });
    }

    private static string Deep(int levels) => string.Concat(Enumerable.Repeat("[", levels)) + string.Concat(Enumerable.Repeat("]", levels));

    private static JsonObject Hello => new() { ["id"] = 7, ["type"] = "hello", ["browser"] = "Chromium", ["extension"] = "0.1.0" };

    private static Task SayHelloAsync(PaperBrowser browser) => browser.SayAsync(Hello);

    private static byte[] Encode(JsonObject message) => Encoding.UTF8.GetBytes(message.ToJsonString());

    private static byte[] FrameOf(string message)
    {
        var bytes = Encoding.UTF8.GetBytes(message);
        return [.. BitConverter.GetBytes(bytes.Length), .. bytes];
    }

    private static async Task AssertServesAsync(Browsing authenticator)
    {
        await using var another = await authenticator.ConnectAsync();
        await SayHelloAsync(another);
        await another.AnswerAsync(7);
    }
}
