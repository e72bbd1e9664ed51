using Latchkey.Authenticator.Vault;
using Rules = Latchkey.Authenticator.Vault.Pin;

namespace Latchkey.Authenticator.Tests.Vault;

/// <summary>What nobody may set any more: the rule is NIST SP 800-63B-4 §3.2.10, a blocklist and nothing else.</summary>
public sealed class GuessableSecretTests
{
    [Theory]
    [InlineData("123456")]
    [InlineData("654321")]
    [InlineData("890123")]
    [InlineData("135790")]
    [InlineData("000000")]
    [InlineData("zzzzzz")]
    [InlineData("121212")]
    [InlineData("1212121")]
    [InlineData("123123")]
    [InlineData("19841984")]
    [InlineData("112233")]
    [InlineData("111222333")]
    [InlineData("111222")]
    [InlineData("123321")]
    [InlineData("123789")]
    [InlineData("147258")]
    [InlineData("147258369")]
    [InlineData("qwerty")]
    [InlineData("QWERTY")]
    [InlineData("poiuyt")]
    [InlineData("1qaz2wsx")]
    [InlineData("abcdef")]
    [InlineData("password")]
    [InlineData("P@ssw0rd")]
    [InlineData("passwordpassword")]
    [InlineData("iloveyou")]
    [InlineData("\uff11\uff12\uff13\uff14\uff15\uff16")] // 123456 from a Japanese keyboard
    [InlineData("monkey")]
    public void A_PIN_that_is_tried_first_is_not_taken(string pin) => Assert.Equal(PinProblem.Common, Rules.Judge(pin));

    [Theory]
    [InlineData("482917")]
    [InlineData("835261")]
    [InlineData("702946")]
    [InlineData("brolly")]
    [InlineData("passe-partout")]
    [InlineData("another PIN")]
    [InlineData("correct pin")]
    [InlineData("🔑🦊🌲⛵🎻🥐")]
    [InlineData("      three")] // no composition rule of any kind
    public void Any_other_PIN_is_taken_whatever_it_is_made_of(string pin) => Assert.Equal(PinProblem.None, Rules.Judge(pin));

    [Theory]
    [InlineData("lovelace")]
    [InlineData("LOVELACE")]
    [InlineData("Ada Lovelace")]
    [InlineData("ada.lovelace")]
    [InlineData("ada.lovelace@example.org")]
    [InlineData("lovelace1815")]
    [InlineData("ecalevol")]
    [InlineData("Contoso!")]
    [InlineData("latchkey")]
    [InlineData("Authenticator1")]
    public void Ones_own_name_is_no_PIN_and_neither_is_what_it_is_for(string pin) =>
        Assert.Equal(PinProblem.Name, Rules.Judge(pin, ["ada.lovelace@example.org", "Ada Lovelace", "Contoso"]));

    [Fact]
    public void A_name_inside_a_longer_PIN_is_no_names_PIN() => Assert.Equal(PinProblem.None, Rules.Judge("adamant-owl", ["ada"]));

    [Fact]
    public void Names_nobody_can_read_break_no_judgement() => Assert.Equal(PinProblem.None, Rules.Judge("adamant-owl", ["", "\ud83d", "@", "  "]));

    [Theory]
    [InlineData("passwordpasswordpass")]
    [InlineData("PasswordPasswordPassword1!")]
    [InlineData("P@ssw0rdP@ssw0rd")]
    [InlineData("password123456")]
    [InlineData("qwertyuiopasdfghjkl")]
    [InlineData("1qaz2wsx3edc4rfv")]
    [InlineData("abcdefghijklmnop")]
    [InlineData("letmeinletmein!!")]
    [InlineData("iloveyou-iloveyou-2026")]
    [InlineData("superman & batman123")]
    public void A_passphrase_of_common_words_is_not_taken(string passphrase) => Assert.Equal(PassphraseStrength.Guessable, BackupPassphrase.Judge(passphrase));

    [Fact]
    public async Task A_passphrase_that_is_no_text_is_not_taken_for_an_empty_one()
    {
        // here, because an attribute would hold U+FFFD instead
        foreach (var passphrase in (string[])["half a character \ud83d is no text", "\udc00\udc01\udc02\udc03\udc04\udc05\udc06\udc07\udc08\udc09\udc0a\udc0b\udc0c"])
        {
            Assert.Equal(PassphraseStrength.Guessable, BackupPassphrase.Judge(passphrase));
            await Assert.ThrowsAsync<ArgumentException>(() => BackupFile.SealAsync(VaultContents.Empty, passphrase, DateTimeOffset.UnixEpoch, TestContext.Current.CancellationToken));
        }
    }

    [Theory]
    [InlineData("correct horse battery", PassphraseStrength.Good)]
    [InlineData("lantern walrus copper tuesday", PassphraseStrength.Good)]
    [InlineData("dragon monkey shadow master", PassphraseStrength.Good)] // four words, each of them common
    [InlineData("a password for my old boat", PassphraseStrength.Good)]
    [InlineData("short enough", PassphraseStrength.Fair)]
    public void A_passphrase_of_several_words_is_taken(string passphrase, PassphraseStrength strength) => Assert.Equal(strength, BackupPassphrase.Judge(passphrase));
}
