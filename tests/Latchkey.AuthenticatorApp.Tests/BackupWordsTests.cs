using Latchkey.Authenticator.Vault;
using Latchkey.AuthenticatorApp.Features.Backup;

namespace Latchkey.AuthenticatorApp.Tests;

public sealed class BackupWordsTests
{
    [Fact]
    public void Every_reason_a_backup_is_not_read_has_words_and_a_next_step_of_its_own()
    {
        var said = Enum.GetValues<BackupProblem>().Where(problem => problem != BackupProblem.None).Select(BackupWords.Of).ToList();

        Assert.Equal(said.Count, said.Select(words => words.Words).Distinct(StringComparer.Ordinal).Count());
        Assert.All(said, words => Assert.NotEmpty(words.Next));
    }

    [Theory]
    [InlineData("short", "short", false)]
    [InlineData("aaaaaaaaaaaaaaaa", "aaaaaaaaaaaaaaaa", false)]
    [InlineData("correct horse battery", "correct horse batterx", false)]
    [InlineData("correct horse battery", "correct horse battery", true)]
    public void A_passphrase_is_taken_when_it_is_strong_and_typed_twice(string passphrase, string repeated, bool taken) =>
        Assert.Equal(taken, BackupWords.ProblemOf(passphrase, repeated) is null);
}
