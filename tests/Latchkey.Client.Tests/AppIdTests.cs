using Latchkey.Protocol.WebAuthn;
using Microsoft.Extensions.Time.Testing;

namespace Latchkey.Client.Tests;

public sealed class AppIdTests
{
    private const string AppId = "https://example.org/app-id.json";
    private static readonly Caller Page = new(Origin.Of(new Uri("https://login.example.org")));

    private readonly FakeAuthenticator _authenticator = new();

    private WebAuthnClient Client => new(_authenticator, new FakeTimeProvider());

    private PublicKeyCredentialRequestOptions Request => new()
    {
        Challenge = Challenge.Random(),
        RpId = "example.org",
        AllowCredentials = [new(_authenticator.Credential, [])],
        Extensions = new() { AppId = AppId },
    };

    private PublicKeyCredentialCreationOptions Creation => new()
    {
        Rp = new("example.org", "Example"),
        User = new(UserHandle.Random(), "ana", "Ana"),
        Challenge = Challenge.Random(),
        PubKeyCredParams = [new(-7)],
        ExcludeCredentials = [new(_authenticator.Credential, [])],
        Extensions = new() { AppIdExclude = AppId },
    };

    [Fact]
    public async Task A_credential_under_the_AppID_signs_for_it_when_none_of_the_list_is_under_the_RP_ID()
    {
        _authenticator.Scope = _authenticator.RpIdAnswered = AppId;

        var response = await Client.GetAsync(Request, Page, null, TestContext.Current.CancellationToken);

        Assert.True(response.AppIdUsed);
        Assert.Equal(RpIdHash.Of(AppId), AuthenticatorData.Parse(response.AuthenticatorData).RpIdHash);
        Assert.Equal((AppId, (bool?)null, (bool?)true), (_authenticator.Got!.RpId, _authenticator.Got.Up, _authenticator.Got.Uv));
    }

    [Theory]
    [InlineData("example.org", "example.org")]
    [InlineData("https://elsewhere.example", "example.org")] // nothing anywhere: the real question decides
    public async Task The_RP_ID_comes_first(string scope, string asked)
    {
        _authenticator.Scope = scope;

        var answer = await Record.ExceptionAsync(async () =>
            Assert.False((await Client.GetAsync(Request, Page, null, TestContext.Current.CancellationToken)).AppIdUsed));

        Assert.Equal(scope == asked ? null : DomExceptionName.NotAllowedError, (answer as WebAuthnClientException)?.Name);
        Assert.Equal(asked, _authenticator.Got!.RpId);
        Assert.Single(_authenticator.Gets, get => get.Up is not false);
    }

    [Fact]
    public async Task Without_an_allow_list_or_without_an_AppID_nothing_is_looked_for_beforehand()
    {
        var discoverable = await Client.GetAsync(Request with { AllowCredentials = [] }, Page, null, TestContext.Current.CancellationToken);
        var plain = await Client.GetAsync(Request with { Extensions = AuthenticationExtensionsClientInputs.None }, Page, null, TestContext.Current.CancellationToken);

        Assert.Equal((false, null), (discoverable.AppIdUsed, plain.AppIdUsed));
        Assert.Equal(["example.org", "example.org"], _authenticator.Gets.Select(get => get.RpId));
    }

    [Fact]
    public async Task A_credential_of_the_exclude_list_under_the_AppID_makes_no_second_and_the_person_is_asked_before_it_is_told()
    {
        _authenticator.Scope = AppId;

        var refusal = await Assert.ThrowsAsync<WebAuthnClientException>(() => Client.CreateAsync(Creation, Page, TestContext.Current.CancellationToken));

        Assert.Equal(DomExceptionName.InvalidStateError, refusal.Name);
        Assert.Null(_authenticator.Made);
        Assert.Equal([(AppId, false), (AppId, null)], _authenticator.Gets.Select(get => (get.RpId, get.Up)));
    }

    [Fact]
    public async Task An_exclude_list_that_is_nowhere_under_the_AppID_lets_the_creation_go_on_and_says_that_it_was_looked_at()
    {
        _authenticator.Scope = "example.org";

        var response = await Client.CreateAsync(Creation, Page, TestContext.Current.CancellationToken);

        Assert.True(response.AppIdExcluded);
        Assert.Single(_authenticator.Gets);
        Assert.Equal(Creation.ExcludeCredentials.Select(excluded => excluded.Id), _authenticator.Made!.ExcludeList.Select(excluded => excluded.Id));
    }

    [Fact]
    public async Task A_creation_without_the_extension_says_nothing_of_it() =>
        Assert.Null((await Client.CreateAsync(Creation with { Extensions = AuthenticationExtensionsClientInputs.None }, Page, TestContext.Current.CancellationToken)).AppIdExcluded);

    [Theory]
    [InlineData("https://example.org/app-id.json", "https://login.example.org")]
    [InlineData("https://login.example.org", "https://login.example.org:8443")]
    [InlineData("https://u2f.example.org/x", "https://login.example.org")]
    [InlineData("https://U2F.Example.org", "https://login.example.org")]
    [InlineData("https://localhost/x", "https://localhost")]
    [InlineData("", "https://login.example.org")]
    public async Task An_AppID_of_the_callers_own_site_may_be_used(string appId, string origin)
    {
        var caller = new Caller(Origin.Of(new Uri(origin)));
        _authenticator.RpIdAnswered = caller.Origin.Host;

        var response = await Client.GetAsync(Request with { RpId = null, Extensions = new() { AppId = appId } }, caller, null, TestContext.Current.CancellationToken);

        Assert.False(response.AppIdUsed);
    }

    [Theory]
    [InlineData("https://example.com", "https://login.example.org")]
    [InlineData("https://example.org.evil.example", "https://login.example.org")]
    [InlineData("https://evilexample.org", "https://login.example.org")]
    [InlineData("https://other.github.io", "https://mine.github.io")]
    [InlineData("https://co.uk", "https://example.co.uk")]
    [InlineData("http://example.org", "https://example.org")]
    [InlineData("https://localhost", "http://localhost")]
    [InlineData("android:apk-key-hash:2jmj7l5rSw0yVb/vlWAYkK/YBwk", "https://example.org")]
    [InlineData("example.org", "https://example.org")]
    public async Task Another_AppID_is_a_SecurityError_before_the_authenticator_hears_of_it(string appId, string origin)
    {
        var caller = new Caller(Origin.Of(new Uri(origin)));

        var request = await Assert.ThrowsAsync<WebAuthnClientException>(() =>
            Client.GetAsync(Request with { RpId = null, Extensions = new() { AppId = appId } }, caller, null, TestContext.Current.CancellationToken));
        var creation = await Assert.ThrowsAsync<WebAuthnClientException>(() =>
            Client.CreateAsync(Creation with { Rp = new(null, "Example"), Extensions = new() { AppIdExclude = appId } }, caller, TestContext.Current.CancellationToken));

        Assert.Equal((DomExceptionName.SecurityError, DomExceptionName.SecurityError), (request.Name, creation.Name));
        Assert.Null(_authenticator.Got);
        Assert.Null(_authenticator.Made);
    }
}
