using Latchkey.Authenticator.Codes;

namespace Latchkey.Authenticator.Tests.Codes;

/// <summary>Keys as sites in the field write them, each once in the form it was met in.</summary>
public sealed class FieldUriTests
{
    [Fact]
    public void Text_that_was_escaped_as_HTML_once_too_often_is_read_as_it_was_meant()
    {
        Assert.True(TotpUri.TryParse("otpauth://totp/Firewall:kim?secret=JBSWY3DPEHPK3PXP&amp;algorithm=SHA256&amp;digits=8&amp;period=60&amp;issuer=Firewall", out var key, out _));

        Assert.Equal(("Firewall", "kim", TotpAlgorithm.Sha256, 8, 60), (key.Issuer, key.AccountName, key.Algorithm, key.Digits, key.Period));
    }

    [Fact]
    public void Letters_of_another_encoder_are_refused_as_another_kind()
    {
        Assert.False(TotpUri.TryParse("otpauth://totp/Steam:kim?secret=JBSWY3DPEHPK3PXP&algorithm=SHA1&encoder=steam&period=30&issuer=Steam", out _, out var problem));

        Assert.Equal(TotpUriProblem.UnknownType, problem);
    }

    [Theory]
    [InlineData("otpauth://totp/Cloudy:?issuer=Cloudy&secret=JBSWY3DPEHPK3PXP&algorithm=SHA1&digits=6&period=30", "Cloudy")]
    [InlineData("otpauth://totp/?secret=JBSWY3DPEHPK3PXP&issuer=Cloudy", "Cloudy")]
    public void An_account_without_a_name_is_taken_and_the_issuer_stands_in(string uri, string issuer)
    {
        Assert.True(TotpUri.TryParse(uri, out var key, out _));

        Assert.Equal((issuer, issuer), (key.Issuer, key.AccountName));
    }

    [Fact]
    public void A_period_of_zero_counts_as_not_said()
    {
        Assert.True(TotpUri.TryParse("otpauth://totp/Notes:kim?secret=JBSWY3DPEHPK3PXP&issuer=Notes&algorithm=SHA1&digits=6&period=0", out var key, out _));

        Assert.Equal(30, key.Period);
    }

    [Theory]
    [InlineData("otpauth://totp/Salt%3A%20Lab:kim?secret=JBSWY3DPEHPK3PXP&issuer=Salt%3A%20Lab", "Salt: Lab")]
    [InlineData("otpauth://totp/lab.example%3A9443%3A%20kim?digits=6&secret=JBSWY3DPEHPK3PXP&issuer=lab.example%3A9443", "lab.example:9443")]
    public void An_issuer_with_a_colon_is_the_prefix_and_the_account_is_what_follows(string uri, string issuer)
    {
        Assert.True(TotpUri.TryParse(uri, out var key, out _));

        Assert.Equal((issuer, "kim"), (key.Issuer, key.AccountName));
    }
}
