using Latchkey.Protocol.Cbor;

namespace Latchkey.Protocol.Tests.Cbor;

public sealed class WireCborReaderTests
{
    [Theory]
    [InlineData("a2010001", "truncated map")]
    [InlineData("a201000100", "duplicate keys")]
    [InlineData("a202000100", "unsorted keys")]
    [InlineData("a261610001", "text key before integer key")]
    [InlineData("a2626161006162", "longer key first")]
    [InlineData("1801", "overlong head")]
    [InlineData("bf0100ff", "indefinite map")]
    [InlineData("c100", "tag")]
    [InlineData("61ff", "text that is not UTF-8")]
    [InlineData("9b7fffffffffffffff", "array longer than the input")]
    [InlineData("5b7fffffffffffffff", "byte string longer than the input")]
    [InlineData("", "nothing")]
    public void Refuses(string hex, string what)
    {
        Assert.NotEmpty(what);
        var reader = new WireCborReader("value", Convert.FromHexString(hex));

        Assert.Equal("value", Assert.Throws<WireFormatException>(() => reader.SkipValue()).Structure);
    }

    [Theory]
    [InlineData("a202000100", "unsorted keys")]
    [InlineData("a261610001 00", "text key before integer key")]
    [InlineData("a2626161006162 00", "longer key first")]
    [InlineData("1801", "overlong head")]
    [InlineData("b80118010 0", "overlong heads of a map and its key")]
    [InlineData("5900014 1", "an overlong head of bytes")]
    public void Reads_in_any_order_what_is_not_canonical_and_not_in_doubt(string hex, string what)
    {
        Assert.NotEmpty(what);
        var bytes = Convert.FromHexString(hex.Replace(" ", "", StringComparison.Ordinal));
        var reader = new WireCborReader("value", bytes, form: CborForm.AnyOrder);
        reader.SkipValue();
        reader.ExpectEnd();

        Assert.Throws<WireFormatException>(() => new WireCborReader("value", bytes).SkipValue());
    }

    [Theory]
    [InlineData("a201000100", "duplicate keys")]
    [InlineData("a20100180100", "duplicate keys in two lengths")]
    [InlineData("a26161007801 6100", "duplicate text keys in two lengths")]
    [InlineData("81a2200038000 0", "duplicate negative keys in two lengths, inside an array")]
    [InlineData("bf0100ff", "indefinite map")]
    [InlineData("9fff", "indefinite array")]
    [InlineData("5f4100ff", "indefinite bytes")]
    [InlineData("7f6161ff", "indefinite text")]
    [InlineData("c100", "tag")]
    [InlineData("f814", "a simple value longer than it may be")]
    [InlineData("61ff", "text that is not UTF-8")]
    [InlineData("9b7fffffffffffffff", "array longer than the input")]
    [InlineData("", "nothing")]
    public void Refuses_in_any_order_too(string hex, string what)
    {
        Assert.NotEmpty(what);
        var bytes = Convert.FromHexString(hex.Replace(" ", "", StringComparison.Ordinal));

        Assert.Throws<WireFormatException>(() => new WireCborReader("value", bytes, form: CborForm.AnyOrder).SkipValue());
    }

    [Fact]
    public void Refuses_trailing_bytes_when_asked_for_the_end()
    {
        var reader = new WireCborReader("value", new byte[] { 0x01, 0x02 });
        reader.SkipValue();

        Assert.Equal(1, Assert.Throws<WireFormatException>(reader.ExpectEnd).Offset);
    }

    [Fact]
    public void Refuses_a_nesting_deeper_than_the_limit_and_reads_one_at_the_limit()
    {
        byte[] Nested(int depth) => [.. Enumerable.Repeat((byte)0x81, depth), 0x00];

        new WireCborReader("value", Nested(4), WireCborReader.CtapMaxDepth).SkipValue();
        Assert.Throws<WireFormatException>(() => new WireCborReader("value", Nested(5), WireCborReader.CtapMaxDepth).SkipValue());
        Assert.Throws<WireFormatException>(() => new WireCborReader("value", Nested(100_000)).SkipValue());
    }

    [Fact]
    public void Gives_a_value_of_another_type_as_a_format_error()
    {
        var reader = new WireCborReader("value", new byte[] { 0x61, 0x61 });

        Assert.Throws<WireFormatException>(() => reader.ReadInt64());
        Assert.Throws<WireFormatException>(() => reader.ReadByteString());
        Assert.Throws<WireFormatException>(() => reader.ReadStartMap());
        Assert.Equal("a", reader.ReadText());
    }

    [Fact]
    public void Gives_a_number_that_does_not_fit_as_a_format_error() =>
        Assert.Throws<WireFormatException>(() => new WireCborReader("value", Convert.FromHexString("1bffffffffffffffff")).ReadInt64());

    [Fact]
    public void Hands_out_byte_strings_as_slices_of_the_input()
    {
        var input = new byte[] { 0x42, 0x01, 0x02 };
        var slice = new WireCborReader("value", input).ReadByteString();
        input[1] = 9;

        Assert.Equal(9, slice.Span[0]);
    }

    [Fact]
    public void Refuses_a_byte_string_over_its_limit() =>
        Assert.Throws<WireFormatException>(() => new WireCborReader("value", Convert.FromHexString("420102")).ReadByteString(maxLength: 1));

    [Fact]
    public void Reads_again_after_a_reset_without_allocating()
    {
        var cutShort = Convert.FromHexString("a30102032620");
        var good = Convert.FromHexString("a201020326");
        var reader = new WireCborReader("value", cutShort);
        Assert.Throws<WireFormatException>(() => reader.SkipValue());
        reader.Reset("value", good);
        reader.SkipValue();

        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 100; i++)
        {
            reader.Reset("value", good);
            reader.SkipValue();
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [Fact]
    public void Writes_keys_in_canonical_order_whatever_order_they_come_in()
    {
        var bytes = new CanonicalCborWriter().StartMap(3).Text("b").Integer(1).Integer(-1).Integer(2).Integer(3).Integer(3).EndMap().Encode();

        Assert.Equal("a303032002616201", Convert.ToHexStringLower(bytes));
    }
}
