using CsCheck;
using Latchkey.Protocol;
using Latchkey.Protocol.WebAuthn;
using Microsoft.Extensions.Time.Testing;

namespace Latchkey.Client.Tests;

/// <summary>Addresses a page, a list or a person gives: each has an origin or has none, and nothing is thrown that nobody documented.</summary>
public sealed class ForeignAddressTests
{
    private static readonly Origin Caller = Origin.Of(new("https://www.example.org"));

    // Taken by Uri.TryCreate, and thrown over by its members, or read by them as nobody means it.
    private static readonly string[] Odd =
    [
        "https://\ufffd.example", "https://a\ufffdb.example/", "https://\ud83d.example/", "https://xn--\u00e9.com", "https://\u200d.com", "https://[fe80::1%25eth0]/", "https://[fe80::1%eth0]",
        "https://" + new string('\u00e9', 70) + ".com", "https://a..b/", "https://%zz.com/", "https://ex%C3%A9.com", "https:///", "https:", "//example.org", "", "\0", "https://example.org:99999/",
        "https://exa\u00admple.org/", "https://\u0130stanbul.com", "file:///etc/passwd", "javascript:alert(1)", "https://example.org.", "https://user:pw@example.org", "https://" + new string('a', 70_000),
    ];

    private static readonly Gen<string> Addresses = Gen.Select(
        Gen.OneOf(Gen.Const("https://"), Gen.Const("http://"), Gen.Const("https:"), Gen.Const("")),
        Gen.String[Gen.Char["ab.-:/[]%@?#\ufffd\ud83d\udc00\u200d\u00ad\u3002\u00e9\u0130xn0 \t\\"], 0, 30],
        (scheme, rest) => scheme + rest);

    [Fact]
    public void An_odd_address_has_an_origin_in_ASCII_or_none()
    {
        foreach (var text in Odd) Look(text);
    }

    [Fact]
    public void Any_address_has_an_origin_in_ASCII_or_none() => Addresses.Sample(Look);

    [Fact]
    public async Task An_odd_AppID_is_refused_as_one_the_page_may_not_use()
    {
        foreach (var text in Odd.Where(text => text.Length > 0 && text.StartsWith("https", StringComparison.Ordinal)))
        {
            var client = new WebAuthnClient(new FakeAuthenticator(), new FakeTimeProvider());
            var problem = await Record.ExceptionAsync(() => client.GetAsync(
                new() { Challenge = Challenge.Random(), RpId = "example.org", Extensions = new() { AppId = text } }, new(Caller), null, TestContext.Current.CancellationToken));
            Assert.True(problem is null or WebAuthnClientException, text);
        }
    }

    [Fact]
    public void An_address_without_a_host_of_its_own_has_none()
    {
        Assert.Equal("", new Uri("/relative", UriKind.Relative).AsciiHost());
        Assert.Equal("", new Uri("https://\ufffd.example").AsciiHost());
        Assert.Equal("", new Uri("https://[fe80::1%25eth0]/").AsciiHost());
        Assert.Equal("xn--mnchen-3ya.example", new Uri("https://M\u00fcnchen.example").AsciiHost());
    }

    private static void Look(string text)
    {
        if (Origin.TryParse(text, out var parsed)) Assert.True(parsed.Serialized.All(char.IsAscii));
        if (Uri.TryCreate(text, UriKind.RelativeOrAbsolute, out var address))
        {
            Assert.True(address.AsciiHost().All(char.IsAscii));
            if (Origin.TryOf(address, out var origin)) Assert.True(origin.Serialized.All(char.IsAscii));
        }

        RpIdValidation.IsRegistrableDomainSuffixOfOrEqualTo(text, Caller.Host);
        try
        {
            RpIdValidation.Resolve(text, Caller);
        }
        catch (WebAuthnClientException)
        {
        }
    }
}
