using System.Text;
using CsCheck;
using Latchkey.Authenticator.Codes;
using Latchkey.Authenticator.Vault;
using Latchkey.AuthenticatorApp.Device;
using Latchkey.AuthenticatorApp.Device.Browsers;
using Latchkey.AuthenticatorApp.Features.Codes;
using Latchkey.AuthenticatorApp.Features.ScanQrCode;
using Latchkey.AuthenticatorApp.Features.Welcome;
using Latchkey.Protocol;

namespace Latchkey.AuthenticatorApp.Tests;

/// <summary>Links, scanned and pasted texts, and what a browser says: whatever it is, no window and no connection ends by it.</summary>
public sealed class ForeignTextTests
{
    private static readonly Gen<string> Odd = Gen.String[Gen.Char["ab.-:/[]%@?#&=\ufffd\ud83d\udc00\u200d\u3002\u00e9\u0130xn01 \t\\+"], 0, 40];

    private static readonly Gen<string> Texts = Gen.Select(
        Gen.OneOf(Gen.Const(""), Gen.Const("latchkey:add?server="), Gen.Const("latchkey:add?server=https://"), Gen.Const("latchkey:"), Gen.Const("https://"), Gen.Const("FIDO:/"), Gen.Const("FIDO:/0123456789"),
            Gen.Const("otpauth://totp/"), Gen.Const("otpauth-migration:"), Gen.Const("localhost:")),
        Odd,
        (start, rest) => start + rest);

    private static readonly string[] Links =
    [
        "latchkey:add?server=https://\ufffd.example", "latchkey:add?server=https%3A%2F%2F%EF%BF%BD.example&code=AB12-CD34", "latchkey:add?server=https://\ud83d", "latchkey:add?server=%", "latchkey:?%u12",
        "https://\ufffd.example", "\ufffd", "\ud83d", "FIDO:/\ufffd", "FIDO:/" + new string('9', 5000), "https://[fe80::1%25eth0]", "otpauth://totp/\ud83d?secret=MZXW6YTBOI", "latchkey:add?server=https://" + new string('a', 70_000),
    ];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public void A_server_is_meant_or_none_and_it_has_one_address()
    {
        foreach (var text in Links) Read(text);
        Texts.Sample(Read);

        static void Read(string text)
        {
            OpenedLinks.IsLink(text);
            if (ServerEntry.TryParse(text, out var entry) && entry.Server is { } server) Assert.True(server.AbsoluteUri.All(char.IsAscii) && server.AsciiHost().Length > 0);
        }
    }

    [Fact]
    public async Task A_scanned_text_is_a_step_whatever_it_says()
    {
        using var scanning = await Scanning.StartAsync(Token);
        foreach (var text in Links)
        {
            await scanning.Flow.ReadAsync(text, CodeSource.Text);
            Assert.True(scanning.Flow.Step is ScanStep.ChooseWay { Problem: not null } or ScanStep.AddCode, text);
        }
    }

    [Fact]
    public void What_is_typed_for_codes_is_a_key_or_a_problem() => Gen.Select(Odd, Odd, Odd, Gen.OneOf(Gen.Const("7"), Gen.Const("-1"), Gen.Const("Sha512"), Odd)).Sample((issuer, account, secret, number) =>
    {
        foreach (var written in (string[])[secret, "MZXW6YTBOI"])
        {
            var (key, problem) = CodeEntry.Read(new Dictionary<string, string>(StringComparer.Ordinal)
            {
                ["issuer"] = issuer, ["account"] = account, ["secret"] = written, ["algorithm"] = number, ["digits"] = number.Length == 1 ? number : "6", ["period"] = "30",
            });
            Assert.True(key is null != problem is null);
        }
    });

    [Fact]
    public void A_text_with_half_a_character_is_no_name_of_codes()
    {
        Assert.False(TotpKey.IsName("ada \ud83d"));
        Assert.False(TotpUri.TryParse("otpauth://totp/ada\ud83d?secret=MZXW6YTBOI", out _, out _));
    }

    [Fact]
    public void An_origin_no_name_service_knows_and_strings_that_are_no_Unicode_are_the_pages_fault_and_not_the_extensions()
    {
        string[] origins = ["\"https://\ufffd.example\"", "\"https://\\ud83d.example\"", "\"https://xn--\u00e9.com\"", "\"https://[fe80::1%25eth0]\""];
        Assert.All(origins, origin => Assert.IsType<BrowserRequest.Malformed>(Parse($$$"""{"type":"get","id":1,"caller":{"origin":{{{origin}}}},"options":{"challenge":"AAAA"}}""")));
        Assert.IsType<BrowserRequest.Malformed>(Parse("""{"type":"get","id":1,"caller":{"origin":"https://a.example","crossOrigin":true,"topOrigin":"https://\ud83d"},"options":{"challenge":"AAAA"}}"""));
        Assert.IsType<BrowserRequest.Malformed>(Parse(
            """{"type":"signal","id":1,"method":"currentUserDetails","caller":{"origin":"https://a.example"},"options":{"rpId":"a.example","userId":"AAAA","name":"\ud83d","displayName":"x"}}"""));
        Assert.IsType<BrowserRequest.Malformed>(Parse("""{"type":"get","id":1,"caller":{"origin":"https://a.example"},"options":{"challenge":"AAAA","rpId":"\ud83d"}}"""));
    }

    [Fact]
    public void Whatever_a_browser_says_is_a_request_or_no_message()
    {
        var good = Encoding.UTF8.GetBytes(Browsing.Create(1).ToJsonString());
        for (var at = 0; at < good.Length; at++)
        {
            foreach (var other in (byte[])[(byte)'"', (byte)'{', (byte)'\\', 0x00, 0xff, (byte)'n'])
            {
                var changed = good.ToArray();
                changed[at] = other;
                Refused(changed);
            }

            Refused(good[..at]);
        }

        static void Refused(byte[] message)
        {
            try
            {
                BrowserRequest.Parse(message);
            }
            catch (WireFormatException)
            {
            }
        }
    }

    [Fact]
    public async Task Locking_the_Authenticator_does_not_clear_the_wrong_PINs_in_a_row()
    {
        using var scanning = await Scanning.StartAsync(Token);
        for (var i = 0; i < 3; i++) await scanning.Store.CheckPinAsync("not the PIN", Token);

        scanning.Session.Lock();

        Assert.False((await Assert.ThrowsAsync<PinBlockedException>(() => scanning.Session.UnlockAsync(Scanning.Pin, Token))).ForGood);
        Assert.Equal(5, scanning.Session.PinAttemptsLeft);
    }

    [Fact]
    public async Task A_locked_Authenticator_opens_again_with_all_it_held()
    {
        using var scanning = await Scanning.StartAsync(Token);
        scanning.Session.Lock();

        await scanning.Session.UnlockAsync(Scanning.Pin, Token);

        Assert.NotNull(scanning.Session.Open);
        await scanning.Store.UpdateAsync(contents => contents with { LockAfter = LockAfter.Never }, Token);
    }

    [Theory]
    [InlineData("123456", "guessed first")]
    [InlineData("12345", "too short")]
    [InlineData("passkeys", "not your own name")]
    public void A_PIN_that_is_not_taken_is_said_to_be_that(string pin, string words) => Assert.Contains(words, PinRules.ProblemOf(pin, pin), StringComparison.Ordinal);

    [Fact]
    public void A_folder_nothing_can_be_kept_in_is_said_to_be_that_in_one_line()
    {
        var directory = Directory.CreateTempSubdirectory("latchkey-data").FullName;
        try
        {
            File.WriteAllText(Path.Combine(directory, "file"), "");

            Assert.Null(DataDirectory.WhyNotIn(Path.Combine(directory, "new")));
            var reason = DataDirectory.WhyNotIn(Path.Combine(directory, "file", "below"));

            Assert.Contains("--data", reason, StringComparison.Ordinal);
            Assert.DoesNotContain('\n', reason!);
            Assert.Empty(Directory.EnumerateFileSystemEntries(Path.Combine(directory, "new")));
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    private static BrowserRequest Parse(string json) => BrowserRequest.Parse(Encoding.UTF8.GetBytes(json));
}
