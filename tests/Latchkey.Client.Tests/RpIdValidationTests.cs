namespace Latchkey.Client.Tests;

public sealed class RpIdValidationTests
{
    [Theory]
    [InlineData("example.com", "example.com")]
    [InlineData("example.com", "login.example.com")]
    [InlineData("example.com", "a.b.c.example.com")]
    [InlineData("example.co.uk", "login.example.co.uk")]
    [InlineData("localhost", "localhost")]
    [InlineData("github.io", "github.io")] // "or is equal to": the registry's own page
    [InlineData("xn--bcher-kva.example", "shop.xn--bcher-kva.example")]
    [InlineData("www.ck", "a.www.ck")] // an exception rule: !www.ck
    [InlineData("city.kawasaki.jp", "x.city.kawasaki.jp")]
    [InlineData("under_score.example.com", "under_score.example.com")]
    public void An_origins_domain_and_its_registrable_suffixes_may_be_used(string rpId, string host) =>
        Assert.True(RpIdValidation.IsRegistrableDomainSuffixOfOrEqualTo(rpId, host));

    [Theory]
    [InlineData("example.com", "evilexample.com")]
    [InlineData("example.com", "example.com.evil.org")]
    [InlineData("login.example.com", "example.com")]
    [InlineData("other.example.com", "login.example.com")]
    [InlineData("com", "example.com")]
    [InlineData("co.uk", "example.co.uk")]
    [InlineData("uk", "example.co.uk")]
    [InlineData("github.io", "someone.github.io")]
    [InlineData("ck", "www.ck")]
    [InlineData("anything.ck", "host.anything.ck")] // a wildcard rule: *.ck
    [InlineData("unlisted-registry", "host.unlisted-registry")] // the last label is a registry when no rule matches
    [InlineData("", "example.com")]
    [InlineData(".", "example.com")]
    [InlineData(".example.com", "login.example.com")]
    [InlineData("example.com.", "example.com")]
    [InlineData("example.com.", "login.example.com.")]
    [InlineData("example.com", "example.com.")]
    [InlineData("EXAMPLE.com", "example.com")]
    [InlineData("bücher.example", "xn--bcher-kva.example")]
    [InlineData("example..com", "a.example..com")]
    [InlineData("0.0.1", "127.0.0.1")]
    [InlineData("127.0.0.1", "127.0.0.1")]
    [InlineData("https://example.com", "example.com")]
    [InlineData("example.com:443", "example.com")]
    [InlineData("exam ple.com", "exam ple.com")]
    public void Anything_else_may_not(string rpId, string host) =>
        Assert.False(RpIdValidation.IsRegistrableDomainSuffixOfOrEqualTo(rpId, host));

    [Theory]
    [InlineData("https://example.com", "example.com")]
    [InlineData("https://example.com:8443", "example.com")]
    [InlineData("http://localhost:7080", "localhost")]
    [InlineData("http://portal.localhost", "portal.localhost")]
    public void Without_an_RP_ID_the_effective_domain_counts(string origin, string expected) =>
        Assert.Equal(expected, RpIdValidation.Resolve(null, Origin.Of(new Uri(origin))));

    [Theory]
    [InlineData("http://example.com")]
    [InlineData("https://127.0.0.1")]
    [InlineData("http://127.0.0.1:7081")]
    [InlineData("https://[::1]:7081")]
    [InlineData("http://evillocalhost")]
    public void An_insecure_origin_or_an_IP_address_has_no_passkeys(string origin) =>
        Assert.Equal(
            DomExceptionName.SecurityError,
            Assert.Throws<WebAuthnClientException>(() => RpIdValidation.Resolve(null, Origin.Of(new Uri(origin)))).Name);

    [Theory]
    [InlineData("https://example.com", true)]
    [InlineData("https://example.com/", true)]
    [InlineData("https://example.com:443", false)]
    [InlineData("https://EXAMPLE.com", false)]
    [InlineData("https://example.com/path", false)]
    [InlineData("https://user@example.com", false)]
    [InlineData("ftp://example.com", false)]
    [InlineData("example.com", false)]
    public void An_origin_has_one_serialized_form(string text, bool valid) => Assert.Equal(valid, Origin.TryParse(text, out _));
}
