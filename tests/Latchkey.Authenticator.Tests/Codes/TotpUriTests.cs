using System.Text;
using CsCheck;
using Latchkey.Authenticator.Codes;
using Latchkey.Protocol;

namespace Latchkey.Authenticator.Tests.Codes;

public sealed class TotpUriTests
{
    private const string Good = "otpauth://totp/Example:ada@example.org?secret=MZXW6YTBOI&issuer=Example";

    private static readonly ByteString Foobar = Encoding.ASCII.GetBytes("foobar");

    [Fact]
    public void A_plain_key_has_the_defaults() => Assert.Equal(new("Example", "ada@example.org", Foobar) { Algorithm = TotpAlgorithm.Sha1, Digits = 6, Period = 30 }, Parse(Good));

    [Fact]
    public void Every_parameter_is_heeded() => Assert.Equal(
        new("Example", "ada@example.org", Foobar) { Algorithm = TotpAlgorithm.Sha512, Digits = 8, Period = 60 },
        Parse(Good + "&algorithm=SHA512&digits=8&period=60&image=https%3A%2F%2Fexample.org%2Flogo.png"));

    [Theory]
    [InlineData("otpauth://totp/ada?secret=MZXW6YTBOI", "", "ada")]
    [InlineData("otpauth://totp/Example:ada?secret=MZXW6YTBOI", "Example", "ada")]
    [InlineData("otpauth://totp/Example%3Aada?secret=MZXW6YTBOI", "Example", "ada")]
    [InlineData("otpauth://totp/Example:%20%20ada?secret=MZXW6YTBOI", "Example", "ada")]
    [InlineData("otpauth://totp/Big%20Example:ada?secret=MZXW6YTBOI&issuer=Big%20Example", "Big Example", "ada")]
    [InlineData("otpauth://totp/Old:ada?secret=MZXW6YTBOI&issuer=New", "New", "ada")]
    [InlineData("otpauth://totp/Example:ada?secret=MZXW6YTBOI&issuer=", "Example", "ada")]
    [InlineData("otpauth://totp/ada+work@example.org?secret=MZXW6YTBOI&issuer=A+B", "A+B", "ada+work@example.org")]
    [InlineData("otpauth://totp/Example:a:b?secret=MZXW6YTBOI", "Example", "a:b")]
    [InlineData("otpauth://totp/B%C3%BCro:Z%C3%BCrich?secret=MZXW6YTBOI", "Büro", "Zürich")]
    [InlineData("otpauth://totp/Büro:Zürich?secret=MZXW6YTBOI", "Büro", "Zürich")]
    [InlineData("otpauth://totp/Example:?secret=MZXW6YTBOI&issuer=Example", "Example", "Example")]
    [InlineData("otpauth://totp/Example:?secret=MZXW6YTBOI", "Example", "Example")]
    [InlineData("otpauth://totp/?secret=MZXW6YTBOI&issuer=Example", "Example", "Example")]
    [InlineData("otpauth://totp?secret=MZXW6YTBOI&issuer=Example", "Example", "Example")]
    [InlineData("otpauth://totp/Some%3A%20Lab:ada?secret=MZXW6YTBOI&issuer=Some%3A%20Lab", "Some: Lab", "ada")]
    [InlineData("otpauth://totp/host.example%3A9443%3A%20ada?secret=MZXW6YTBOI&issuer=host.example%3A9443", "host.example:9443", "ada")]
    [InlineData("otpauth://totp/:a%3Ab?secret=MZXW6YTBOI", "", "a:b")]
    [InlineData("OTPAUTH://TOTP/Example:ada?SECRET=mzxw%206ytb%20oi#top", "Example", "ada")]
    public void Issuer_and_account_are_found_where_they_are(string uri, string issuer, string account)
    {
        var key = Parse(uri);

        Assert.Equal((issuer, account), (key.Issuer, key.AccountName));
        Assert.Equal(Foobar, key.Secret);
    }

    [Theory]
    [InlineData("https://example.org", TotpUriProblem.NotOtpAuth)]
    [InlineData("", TotpUriProblem.NotOtpAuth)]
    [InlineData("otpauth:totp/a?secret=MZXW6YTBOI", TotpUriProblem.NotOtpAuth)]
    [InlineData("otpauth-migration://offline?data=CjE", TotpUriProblem.Export)]
    [InlineData("otpauth://hotp/a?secret=MZXW6YTBOI&counter=1", TotpUriProblem.CounterBased)]
    [InlineData("otpauth://steam/a?secret=MZXW6YTBOI", TotpUriProblem.UnknownType)]
    [InlineData("otpauth://totp/a?secret=MZXW6YTBOI&secret=MZXW6YTBOI", TotpUriProblem.Malformed)]
    [InlineData("otpauth://totp/a%2?secret=MZXW6YTBOI", TotpUriProblem.Malformed)]
    [InlineData("otpauth://totp/%ff?secret=MZXW6YTBOI", TotpUriProblem.Malformed)]
    [InlineData("otpauth://totp/?secret=MZXW6YTBOI", TotpUriProblem.BadName)]
    [InlineData("otpauth://totp?secret=MZXW6YTBOI", TotpUriProblem.BadName)]
    [InlineData("otpauth://totp/:?secret=MZXW6YTBOI&issuer=%20", TotpUriProblem.BadName)]
    [InlineData("otpauth://totp/Game:ada?secret=MZXW6YTBOI&encoder=steam", TotpUriProblem.UnknownType)]
    [InlineData("otpauth://totp/Game:ada?secret=MZXW6YTBOI&t0=1000000000", TotpUriProblem.UnknownType)]
    [InlineData("otpauth://totp/Game:ada?secret=MZXW6YTBOI&interval=60", TotpUriProblem.UnknownType)]
    [InlineData("otpauth://totp/C#:ada?secret=MZXW6YTBOI&algorithm=SHA256", TotpUriProblem.Malformed)]
    [InlineData("otpauth://totp/ada?secret=MZXW6YTBOI&issuer=C#&algorithm=SHA256", TotpUriProblem.Malformed)]
    [InlineData("otpauth://totp/a%0Ab?secret=MZXW6YTBOI", TotpUriProblem.BadName)]
    [InlineData("otpauth://totp/a", TotpUriProblem.BadSecret)]
    [InlineData("otpauth://totp/a?secret=", TotpUriProblem.BadSecret)]
    [InlineData("otpauth://totp/a?secret=NOT0BASE32", TotpUriProblem.BadSecret)]
    [InlineData("otpauth://totp/a?secret=MZXW6YTBOI&algorithm=MD5", TotpUriProblem.UnknownAlgorithm)]
    [InlineData("otpauth://totp/a?secret=MZXW6YTBOI&digits=5", TotpUriProblem.BadDigits)]
    [InlineData("otpauth://totp/a?secret=MZXW6YTBOI&digits=9", TotpUriProblem.BadDigits)]
    [InlineData("otpauth://totp/a?secret=MZXW6YTBOI&digits=-6", TotpUriProblem.BadDigits)]
    [InlineData("otpauth://totp/a?secret=MZXW6YTBOI&period=99999999999", TotpUriProblem.BadPeriod)]
    public void What_is_no_key_says_why(string uri, TotpUriProblem expected)
    {
        Assert.False(TotpUri.TryParse(uri, out _, out var problem));
        Assert.Equal(expected, problem);
    }

    [Theory]
    [InlineData("&amp;")]
    [InlineData("&AMP;")]
    [InlineData("&amp;amp;")]
    [InlineData("&#38;")]
    [InlineData("&#x26;")]
    public void A_text_that_was_escaped_as_HTML_once_too_often_means_what_it_meant_before(string ampersand) => Assert.Equal(
        new("Example", "ada", Foobar) { Algorithm = TotpAlgorithm.Sha256, Digits = 8, Period = 60 },
        Parse("otpauth://totp/Example:ada?secret=MZXW6YTBOI&algorithm=SHA256&digits=8&period=60&issuer=Example".Replace("&", ampersand, StringComparison.Ordinal)));

    [Theory]
    [InlineData("period=0&digits=0")]
    [InlineData("period=&digits=&algorithm=")]
    [InlineData("period=30%20&digits=%206&algorithm=sha_1")]
    [InlineData("encoder=&t0=0&offset=0")]
    public void What_says_nothing_counts_as_not_said(string parameters) => Assert.Equal(new("Example", "ada@example.org", Foobar), Parse($"{Good}&{parameters}"));

    [Fact]
    public void No_colon_of_an_issuer_stands_in_the_label() => Assert.Equal(
        "otpauth://totp/ada?secret=MZXW6YTBOI&issuer=Example%3A%20Corp", TotpUri.Encode(new("Example: Corp", "ada", Foobar)));

    [Fact]
    public void What_was_written_is_read_again()
    {
        var name = Gen.String[Gen.Int[0, 12].Select(at => "aä: %?#&=+/語b"[at]), 0, 30].Where(name => name.Trim() == name);
        Gen.Select(name, name.Where(account => account.Length > 0), Gen.Byte.Array[1, 128], Gen.Enum<TotpAlgorithm>(), Gen.Int[6, 8], Gen.Int[10, 600]).Sample(
            (issuer, account, secret, algorithm, digits, period) =>
            {
                var key = new TotpKey(issuer, account, secret) { Algorithm = algorithm, Digits = digits, Period = period };
                return TotpUri.TryParse(TotpUri.Encode(key), out var read, out _) && read == key;
            });
    }

    [Fact]
    public void No_text_at_all_breaks_the_reader() => Gen.String[0, 60].Sample(text =>
    {
        foreach (var before in (string[])["", "otpauth://totp/", "otpauth://totp/a?secret=MZXW6YTBOI&"])
        {
            Assert.Equal(TotpUri.TryParse(before + text, out _, out var problem), problem == TotpUriProblem.None);
        }
    });

    private static TotpKey Parse(string uri)
    {
        Assert.True(TotpUri.TryParse(uri, out var key, out var problem), problem.ToString());
        return key;
    }
}
