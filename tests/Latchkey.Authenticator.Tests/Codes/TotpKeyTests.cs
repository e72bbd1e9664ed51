using System.Text;
using Latchkey.Authenticator.Codes;
using Latchkey.Protocol;

namespace Latchkey.Authenticator.Tests.Codes;

public sealed class TotpKeyTests
{
    // RFC 6238, appendix B. Its secrets are the digits 1 to 0 again and again, as long as the hash: the reference program of appendix A has them in hex.
    [Theory]
    [InlineData(59, "94287082", "46119246", "90693936")]
    [InlineData(1111111109, "07081804", "68084774", "25091201")]
    [InlineData(1111111111, "14050471", "67062674", "99943326")]
    [InlineData(1234567890, "89005924", "91819424", "93441116")]
    [InlineData(2000000000, "69279037", "90698825", "38618901")]
    [InlineData(20000000000, "65353130", "77737706", "47863826")]
    public void The_codes_are_those_of_RFC_6238(long seconds, string sha1, string sha256, string sha512)
    {
        var time = DateTimeOffset.FromUnixTimeSeconds(seconds);

        Assert.Equal(sha1, Key(20, TotpAlgorithm.Sha1).CodeAt(time));
        Assert.Equal(sha256, Key(32, TotpAlgorithm.Sha256).CodeAt(time));
        Assert.Equal(sha512, Key(64, TotpAlgorithm.Sha512).CodeAt(time));
    }

    [Theory]
    [InlineData(6, "287082")]
    [InlineData(7, "4287082")]
    public void Fewer_digits_are_the_last_ones(int digits, string code) => Assert.Equal(code, (Key(20, TotpAlgorithm.Sha1) with { Digits = digits }).CodeAt(DateTimeOffset.FromUnixTimeSeconds(59)));

    [Fact]
    public void A_longer_period_is_the_code_of_its_own_step()
    {
        // Step 1 of 60 seconds is the same as step 1 of 30.
        var code = Key(20, TotpAlgorithm.Sha1).CodeAt(DateTimeOffset.FromUnixTimeSeconds(59));

        Assert.Equal(code, (Key(20, TotpAlgorithm.Sha1) with { Period = 60 }).CodeAt(DateTimeOffset.FromUnixTimeSeconds(119)));
    }

    [Theory]
    [InlineData(0, 30_000)]
    [InlineData(29_999, 1)]
    [InlineData(30_000, 30_000)]
    [InlineData(45_500, 14_500)]
    public void What_is_left_of_a_code_is_told_to_the_millisecond(long millisecond, long left) =>
        Assert.Equal(TimeSpan.FromMilliseconds(left), Key(20, TotpAlgorithm.Sha1).LeftAt(DateTimeOffset.FromUnixTimeMilliseconds(millisecond)));

    [Fact]
    public void What_is_printed_is_never_the_secret()
    {
        var secret = Base32.Encode(Key(20, TotpAlgorithm.Sha1).Secret);

        Assert.Equal("codes of ada at Example", Key(20, TotpAlgorithm.Sha1).ToString());
        Assert.DoesNotContain(secret, Vault.CodeTests.NewCode(Key(20, TotpAlgorithm.Sha1)).ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_key_that_cannot_be_is_not_made()
    {
        var key = Key(20, TotpAlgorithm.Sha1);

        Assert.Throws<ArgumentException>(() => key with { Secret = ByteString.Empty });
        Assert.Throws<ArgumentException>(() => key with { Secret = ByteString.Random(TotpKey.MaxSecretLength + 1) });
        Assert.Throws<ArgumentException>(() => key with { AccountName = "" });
        Assert.Throws<ArgumentException>(() => key with { Issuer = "two\nlines" });
        Assert.Throws<ArgumentOutOfRangeException>(() => key with { Digits = 9 });
        Assert.Throws<ArgumentOutOfRangeException>(() => key with { Period = 0 });
        Assert.Throws<ArgumentOutOfRangeException>(() => key with { Algorithm = (TotpAlgorithm)3 });
    }

    private static TotpKey Key(int length, TotpAlgorithm algorithm) =>
        new("Example", "ada", Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat("1234567890", 7))[..length])) { Algorithm = algorithm, Digits = 8 };
}
