using System.Text;
using CsCheck;
using Latchkey.Authenticator.Codes;

namespace Latchkey.Authenticator.Tests.Codes;

public sealed class Base32Tests
{
    // RFC 4648, section 10.
    [Theory]
    [InlineData("", "")]
    [InlineData("f", "MY======")]
    [InlineData("fo", "MZXQ====")]
    [InlineData("foo", "MZXW6===")]
    [InlineData("foob", "MZXW6YQ=")]
    [InlineData("fooba", "MZXW6YTB")]
    [InlineData("foobar", "MZXW6YTBOI======")]
    public void Bytes_and_texts_are_those_of_RFC_4648(string bytes, string text)
    {
        Assert.True(Base32.TryDecode(text, out var padded));
        Assert.True(Base32.TryDecode(text.TrimEnd('='), out var bare));

        Assert.Equal(bytes, Encoding.ASCII.GetString(padded.Value));
        Assert.Equal(bytes, Encoding.ASCII.GetString(bare.Value));
        Assert.Equal(text.TrimEnd('='), Base32.Encode(Encoding.ASCII.GetBytes(bytes)));
    }

    [Theory]
    [InlineData("mzxw 6ytb oi")]
    [InlineData("MZXW-6YTB-OI")]
    [InlineData("MzXw\u00a06YtB OI======")]
    public void A_secret_may_be_written_in_groups_and_in_either_case(string text)
    {
        Assert.True(Base32.TryDecode(text, out var bytes));
        Assert.Equal("foobar", Encoding.ASCII.GetString(bytes.Value));
    }

    [Theory]
    [InlineData("MZXW6YT0")] // no zero in the alphabet
    [InlineData("MZXW6YT1")]
    [InlineData("MZXW6YTÄ")]
    [InlineData("M\u0131XW6YTB")] // a small i without its dot is not an I
    [InlineData("M")] // half a byte
    [InlineData("MZX")]
    [InlineData("MZXW6Y")]
    [InlineData("MY=")] // as much padding as nobody writes
    [InlineData("MZXW6YTB========")]
    [InlineData("MY======MY")]
    public void What_is_no_Base32_is_refused(string text) => Assert.False(Base32.TryDecode(text, out _));

    [Fact]
    public void What_was_written_is_read_again() => Gen.Byte.Array[0, 80].Sample(bytes =>
        Base32.TryDecode(Base32.Encode(bytes), out var read) && read.Value.Span.SequenceEqual(bytes));
}
