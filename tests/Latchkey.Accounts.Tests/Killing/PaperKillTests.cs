namespace Latchkey.Accounts.Tests.Killing;

/// <summary>The Authenticator killed at each step, against a server on paper: all of it, in seconds.</summary>
public sealed class PaperKillTests : KillHarness
{
    [Fact]
    public Task Killed_in_a_registration() => RegistrationAsync();

    [Fact]
    public Task Killed_in_a_registration_whose_token_has_to_be_refreshed_first() => RegistrationAfterRefreshAsync();

    [Fact]
    public Task Killed_in_a_replacement_there_is_one_that_works_at_every_moment() => ReplacementAsync();

    [Fact]
    public Task Killed_in_a_deletion() => DeletionAsync();

    [Fact]
    public Task Killed_in_a_deletion_while_the_server_is_away_and_in_its_taking_back() => TakenBackDeletionAsync();

    [Fact]
    public Task Killed_while_a_passkey_goes_to_another_device() => AnotherDeviceAsync();

    [Fact]
    public Task Killed_while_a_page_on_this_computer_gets_a_passkey() => ThisComputerAsync();

    [Fact]
    public Task Killed_and_the_page_went_away_before_it_registered_the_passkey() => GonePageAsync();

    [Theory]
    [InlineData("POST /v1.0/me/authentication/fido2Methods leaves")]
    [InlineData("POST /v1.0/me/authentication/fido2Methods is answered")]
    public Task Killed_in_the_start_that_heals(string killedAt) => HealingStartAsync(killedAt);

    private protected override Task<World> NewWorldAsync() => Task.FromResult<World>(new PaperWorld());
}
