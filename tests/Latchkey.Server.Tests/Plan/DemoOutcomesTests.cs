using Latchkey.Api.Plan;
using Latchkey.Authenticator;
using Latchkey.Server.Tests.Api;
using Latchkey.Server.Tests.Hosts;

namespace Latchkey.Server.Tests.Plan;

/// <summary>The demo organisation shows three different outcomes.</summary>
public sealed class DemoOutcomesTests : IAsyncLifetime
{
    private RunningServer _server = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _server = await RunningServer.StartAsync();

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Theory]
    [InlineData("newcomer", "passkey offered, phoneSignIn offered, notifications offered, codes offered")]
    [InlineData("regular", "passkey offered, phoneSignIn offered, notifications offered, codes registered")]
    [InlineData("clerk", "passkey offered, phoneSignIn offered, notifications offered, codes withheld method_excluded")]
    [InlineData("visitor", "passkey withheld method_excluded, phoneSignIn withheld method_excluded, notifications withheld method_excluded, codes registered")]
    public async Task Each_person_gets_what_their_groups_say(string name, string outcome)
    {
        using var browser = _server.NewBrowser();
        using var http = AppAccount.ClientFor(_server, await AppAccount.AuthorizeAsync(_server, browser, name));

        var plan = await new RegistrationPlanClient(http).GetAsync(AuthenticatorAaguid.Value, Token);

        Assert.Equal(outcome, string.Join(", ", plan.Methods.Select(method => $"{method.Method} {method.State} {method.Problem?.Code}".TrimEnd())));
    }
}
