using Latchkey.Api.Me;
using Latchkey.AuthenticatorApp.Features.Activity;

namespace Latchkey.AuthenticatorApp.Tests;

public sealed class ActivityWordsTests
{
    [Theory]
    [InlineData("sign_in", "success", "passkey", "Signed in with a passkey")]
    [InlineData("sign_in", "wrong_password", "password", "A sign-in was refused")]
    [InlineData("method.added", "success", "authenticator_code", "Added a code")]
    [InlineData("method.deleted", "success", "authenticator", "Deleted an Authenticator")]
    [InlineData("method.changed", "success", "password", "Changed the password")]
    [InlineData("approval.answered", "success", "authenticator", "Approved a sign-in in the Authenticator")]
    [InlineData("approval.answered", "denied", "authenticator", "A sign-in was refused in the Authenticator")]
    [InlineData("approvals.locked", "too_many_refusals", "authenticator", "Requests to approve a sign-in were stopped for a while")]
    [InlineData("method.added", "success", "something_new", "Added a sign-in method")]
    public void What_happened_is_said_in_plain_words(string action, string outcome, string method, string words) =>
        Assert.Equal(words, ActivityWords.Of(new(DateTimeOffset.UnixEpoch, action, outcome, method)));

    [Fact]
    public void What_this_version_does_not_know_is_passed_over() => Assert.Null(ActivityWords.Of(new(DateTimeOffset.UnixEpoch, "something.else", "success")));

    [Fact]
    public void A_refused_sign_in_stands_out_and_a_good_one_does_not()
    {
        Assert.True(ActivityWords.IsOdd(new(DateTimeOffset.UnixEpoch, "sign_in", "wrong_code")));
        Assert.True(ActivityWords.IsOdd(new(DateTimeOffset.UnixEpoch, "approval.answered", "denied")));
        Assert.False(ActivityWords.IsOdd(new(DateTimeOffset.UnixEpoch, "sign_in", ActivityEntry.Success)));
    }
}
