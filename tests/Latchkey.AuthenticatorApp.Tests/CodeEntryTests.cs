using Latchkey.Authenticator.Codes;
using Latchkey.Authenticator.Vault;
using Latchkey.AuthenticatorApp.Features.Codes;
using Latchkey.AuthenticatorApp.Shell;

namespace Latchkey.AuthenticatorApp.Tests;

public sealed class CodeEntryTests
{
    [Fact]
    public void What_is_typed_becomes_a_key_with_what_is_usual_where_nothing_else_is_said()
    {
        var (key, problem) = CodeEntry.Read(Fields(" Example ", "ada ", " mzxw 6ytb oi "));

        Assert.Null(problem);
        Assert.Equal(("Example", "ada", "MZXW6YTBOI"), (key!.Issuer, key.AccountName, Base32.Encode(key.Secret)));
        Assert.Equal((TotpAlgorithm.Sha1, 6, 30), (key.Algorithm, key.Digits, key.Period));
    }

    [Fact]
    public void Algorithm_digits_and_period_are_heeded()
    {
        var (key, _) = CodeEntry.Read(Fields("", "ada", "MZXW6YTBOI", ("algorithm", "Sha512"), ("digits", "8"), ("period", "60")));

        Assert.Equal((TotpAlgorithm.Sha512, 8, 60), (key!.Algorithm, key.Digits, key.Period));
    }

    [Fact]
    public void A_whole_link_in_the_place_of_the_secret_is_understood()
    {
        var (key, _) = CodeEntry.Read(Fields("", "", "otpauth://totp/Example:ada?secret=MZXW6YTBOI"));

        Assert.Equal(("Example", "ada"), (key!.Issuer, key.AccountName));
    }

    [Fact]
    public void Each_field_that_is_wrong_has_its_own_words()
    {
        CodeProblem[] problems =
        [
            Problem(Fields("Example", "", "MZXW6YTBOI")),
            Problem(Fields("Example", "ada", "MZXW6YT0")),
            Problem(Fields("Example", "ada", "MZXW6YTBOI", ("digits", "9"))),
            Problem(Fields("Example", "ada", "MZXW6YTBOI", ("period", "5"))),
            Problem(Fields("Example", "ada", "otpauth://hotp/ada?secret=MZXW6YTBOI&counter=1")),
        ];

        Assert.Equal(problems.Length, problems.Select(problem => problem.Message).Distinct(StringComparer.Ordinal).Count());
    }

    [Fact]
    public void Every_way_a_text_can_be_no_key_is_said_in_words_of_its_own_with_a_next_step()
    {
        var problems = Enum.GetValues<TotpUriProblem>().Where(problem => problem != TotpUriProblem.None).Select(CodeProblem.Of).ToList();

        Assert.Equal(problems.Count, problems.Select(problem => problem.Message).Distinct(StringComparer.Ordinal).Count());
        Assert.All(problems, problem => Assert.NotEmpty(problem.NextStep));
    }

    [Theory]
    [InlineData("123456", "123 456")]
    [InlineData("1234567", "1234 567")]
    [InlineData("12345678", "1234 5678")]
    public void A_code_is_written_in_two_halves(string code, string written) => Assert.Equal(written, CodeWords.Grouped(code));

    [Theory]
    [InlineData("", true)]
    [InlineData("exam", true)]
    [InlineData("ADA example", true)]
    [InlineData("buro", true)]
    [InlineData("ada other", false)]
    public void A_search_finds_what_has_all_of_its_words(string search, bool fits)
    {
        var code = VaultCode.Of(new("Example Büro", "ada@example.org", new byte[20]), DateTimeOffset.UnixEpoch);

        Assert.Equal(fits, CodeWords.Fits(code, search));
    }

    private static CodeProblem Problem(Dictionary<string, string> fields)
    {
        var (key, problem) = CodeEntry.Read(fields);
        Assert.Null(key);
        return problem!;
    }

    private static Dictionary<string, string> Fields(string issuer, string account, string secret, params (string Name, string Value)[] others) =>
        new([new("issuer", issuer), new("account", account), new("secret", secret), .. others.Select(other => KeyValuePair.Create(other.Name, other.Value))], StringComparer.Ordinal);
}
