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
    [InlineData("""{"id":1}""")]
    [InlineData("""{"id":0,"type":"delivered"}""")]
    [InlineData("""{"type":"create"}""")]
    [InlineData("""{"id":1,"type":"create","caller":{"origin":"https://shop.example"}}""")]
    [InlineData("""{"id":1,"type":"get","options":{},"caller":{"origin":7}}""")]
    [InlineData("""{"id":1,"type":"hello","browser":"Chromium"}""")]
    public async Task A_message_no_extension_of_ours_would_send_ends_the_connection(string message)
    {
        await using var authenticator = await Browsing.StartAsync();
        await using var browser = await authenticator.ConnectAsync();

        await browser.WriteAsync(FrameOf(message));

        Assert.Null(await browser.HearAsync());
        await AssertServesAsync(authenticator);
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
