using Latchkey.Client;

namespace Latchkey.AuthenticatorApp.Tests;

public sealed class AttestationTests
{
    [Fact]
    public async Task Whichever_way_a_passkey_is_asked_for_the_accounts_servers_vouch_for_it()
    {
        using var program = await Scanning.StartAsync(TestContext.Current.CancellationToken);
        var vault = program.Session.Open!;
        using var page = vault.AuthenticatorFor(new(Origin.Of(new("https://login.example.org/"))), proof: null);

        Assert.All([vault.Authenticator, vault.Remote, page], way => Assert.Same(vault.Accounts.Attestation, way.AttestationKeys));
        Assert.Equal(vault.Authenticator.Aaguid, vault.Accounts.Model);
    }
}
