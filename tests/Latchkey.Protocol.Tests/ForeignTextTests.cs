using System.Globalization;
using CsCheck;

namespace Latchkey.Protocol.Tests;

/// <summary>Whatever comes from outside, what a person is shown of it is short, visible and in order.</summary>
public sealed class ForeignTextTests
{
    [Theory]
    [InlineData("Ada", "Ada")]
    [InlineData("  Ada \t", "Ada")]
    [InlineData("key\u001b[31mRED\u001b[0m\u001b]0;owned\u0007 \u001b[1A\u001b[2K", @"key\x1b[31mRED\x1b[0m\x1b]0;owned\x07 \x1b[1A\x1b[2K")]
    [InlineData("a\0b", @"a\x00b")]
    [InlineData("a\nb\r\nc\td", @"a\x0ab\x0d\x0ac\x09d")]
    [InlineData("a\u009b31mb", @"a\x9b31mb")]
    [InlineData("\u202Egro.knab", @"\u202egro.knab")]
    [InlineData("Ada \u202E(nimda)", @"Ada \u202e(nimda)")]
    [InlineData("a\u2066b\u2069\u200f\u061c", @"a\u2066b\u2069\u200f\u061c")]
    [InlineData("a\u2028b\u2029c", @"a\u2028b\u2029c")]
    [InlineData("a\ufeffb\u00adc\u200bd", @"a\ufeffb\u00adc\u200bd")]
    [InlineData("a\U000E0041b", @"a\u{e0041}b")]
    [InlineData("a\u3164b", @"a\u3164b")]
    [InlineData("José Ångström ﷺ", "José Ångström ﷺ")]
    [InlineData("👨‍👩‍👧‍👦 👩🏽‍🚀 ❤️ 🏴\U000E0067\U000E0062\U000E0065\U000E006E\U000E0067\U000E007F", "👨‍👩‍👧‍👦 👩🏽‍🚀 ❤️ 🏴\U000E0067\U000E0062\U000E0065\U000E006E\U000E0067\U000E007F")]
    [InlineData("می\u200cخواهم", "می\u200cخواهم")]
    public void Shows(string text, string expected) => Assert.Equal(expected, ForeignText.Of(text).Plain);

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData(" \u00a0\u3000")]
    [InlineData("\u200b\u202e\u2066")]
    [InlineData("\u3164\u2800")]
    [InlineData("\0\n")]
    public void Finds_nothing_to_see_in(string? text)
    {
        Assert.True(ForeignText.Of(text).IsBlank);
        Assert.Equal("", ForeignText.Of(text).ToString());
        Assert.Equal("ada@example.org", ForeignText.FirstOf(text, "ada@example.org", "Shop").ToString());
        Assert.False(ForeignText.IsName(text));
    }

    [Fact]
    public void Counts_as_people_do_and_ends_between_two_characters()
    {
        Assert.Equal(new string('R', 63) + "…", ForeignText.Of(new string('R', 3000)).Plain);
        Assert.Equal(new string('n', 64), ForeignText.Of(new string('n', 64)).Plain);
        Assert.Equal(string.Concat(Enumerable.Repeat("😀", 63)) + "…", ForeignText.Of(string.Concat(Enumerable.Repeat("😀", 900))).Plain);
        Assert.Equal(string.Concat(Enumerable.Repeat("e\u0301", 64)), ForeignText.Of(string.Concat(Enumerable.Repeat("e\u0301", 64))).Plain);
        Assert.InRange(ForeignText.Of("a" + new string('\u0301', 5000)).Plain.Length, 1, 20); // accents that would climb over the lines above
    }

    [Fact]
    public void Shows_half_a_surrogate_pair_as_what_it_is_and_takes_it_in_no_name()
    {
        Assert.Equal("a\ufffdb", ForeignText.Of("a\ud800b").Plain);
        Assert.False(ForeignText.IsName("a\ud800"));
    }

    [Fact]
    public void Keeps_text_from_right_to_left_to_itself_on_a_page_and_adds_nothing_on_a_terminal()
    {
        Assert.Equal("\u2068\u05d0\u05d3\u05d4\u2069", ForeignText.Of("\u05d0\u05d3\u05d4").ToString());
        Assert.Equal("\u05d0\u05d3\u05d4", ForeignText.Of("\u05d0\u05d3\u05d4").Plain);
        Assert.Equal("Ada", ForeignText.Of("Ada").ToString());
    }

    [Theory]
    [InlineData("Work phone", true)]
    [InlineData("😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀", true)]
    [InlineData("a\nb", false)]
    [InlineData("a\0", false)]
    [InlineData("\u202Eenohp", false)]
    [InlineData("a\u200bb", false)]
    [InlineData("a\u0301\u0301\u0301\u0301\u0301\u0301\u0301\u0301\u0301\u0301\u0301\u0301\u0301", false)]
    public void Lets_a_person_choose_a_name_only_if_it_can_be_shown_as_it_is(string name, bool fits)
    {
        Assert.Equal(fits, ForeignText.IsName(name));
        Assert.False(ForeignText.IsName(string.Concat(Enumerable.Repeat(name, 65))));
    }

    [Fact]
    public void Shows_nothing_that_controls_whatever_it_is_given() =>
        Gen.String[Gen.Char, 0, 200].Sample(text =>
        {
            var shown = ForeignText.Of(text).Plain;
            return shown.IsWellFormed()
                && new StringInfo(shown).LengthInTextElements <= ForeignText.Line + 1
                && !shown.Any(c => char.IsControl(c) || c is '\u2028' or '\u2029' or (>= '\u202a' and <= '\u202e') or (>= '\u2066' and <= '\u2069') or '\u200e' or '\u200f')
                && ForeignText.Of(shown, 1000).Plain == shown;
        });
}
