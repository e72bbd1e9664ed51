using Latchkey.Api.Approvals;
using Latchkey.Server.Storage;

namespace Latchkey.Server.Tests.SignIn;

public sealed class TypedCodeTests
{
    [Theory]
    [InlineData("７２９１７７", "729177")]
    [InlineData("٧٢٩١٧٧", "729177")]
    [InlineData("۷۲۹ ۱۷۷", "729177")]
    [InlineData("७२९१७७", "729177")]
    [InlineData("729\u00a0177\u200e", "729177")]
    [InlineData("ｋ７ｑｘ－2m9p", "K7QX2M9P")]
    [InlineData("\ud83a7", "7")]
    public void A_code_is_what_was_meant_whatever_the_keyboard(string typed, string meant) => Assert.Equal(meant, TypedCode.Normalize(typed));

    [Theory]
    [InlineData("４２", "42")]
    [InlineData(" ٤٢ ", "42")]
    [InlineData("42", "42")]
    [InlineData("4", null)]
    [InlineData("421", null)]
    [InlineData("4x", null)]
    [InlineData("", null)]
    public void The_number_of_a_sign_in_too(string typed, string? meant) => Assert.Equal(meant, ApprovalNumber.Read(typed));
}
