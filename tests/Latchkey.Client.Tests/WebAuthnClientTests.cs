using System.Text;
using Latchkey.Protocol.Ctap;
using Latchkey.Protocol.WebAuthn;
using Microsoft.Extensions.Time.Testing;

namespace Latchkey.Client.Tests;

public sealed class WebAuthnClientTests
{
    private static readonly Caller Page = new(Origin.Of(new Uri("https://login.example.org")));

    private readonly FakeAuthenticator _authenticator = new();
    private readonly FakeTimeProvider _time = new();

    private PublicKeyCredentialCreationOptions Creation { get; } = new()
    {
        Rp = new("example.org", "Example"),
        User = new(UserHandle.Random(), "ana", "Ana"),
        Challenge = Challenge.Random(),
        PubKeyCredParams = [new(-7), new(-8)],
        AuthenticatorSelection = new() { ResidentKey = "required", UserVerification = "required" },
    };

    private PublicKeyCredentialRequestOptions Request { get; } = new() { Challenge = Challenge.Random(), RpId = "example.org" };

    private WebAuthnClient Client => new(_authenticator, _time);

    [Fact]
    public async Task A_creation_carries_the_client_data_the_authenticator_signed_the_hash_of()
    {
        var response = await Client.CreateAsync(Creation, Page, TestContext.Current.CancellationToken);

        Assert.Equal(
            $$"""{"type":"webauthn.create","challenge":"{{Creation.Challenge.Bytes.ToBase64Url()}}","origin":"https://login.example.org","crossOrigin":false}""",
            Encoding.UTF8.GetString(response.ClientDataJson.Span));
        Assert.Equal(ClientDataHash.Of(response.ClientDataJson.Span), _authenticator.Made!.ClientDataHash);
        Assert.Equal(_authenticator.Credential, response.Id);
        Assert.Equal(["hybrid", "internal"], response.Transports);
        Assert.Equal("platform", response.AuthenticatorAttachment);
    }

    [Fact]
    public async Task A_creation_asks_the_authenticator_for_what_the_options_say()
    {
        var exclude = new PublicKeyCredentialDescriptor(CredentialId.Random(), ["internal"]);
        var options = Creation with
        {
            ExcludeCredentials = [exclude],
            Extensions = new() { CredProps = true, CredentialProtectionPolicy = "userVerificationRequired", EnforceCredentialProtectionPolicy = true },
        };

        var response = await Client.CreateAsync(options, Page, TestContext.Current.CancellationToken);

        var made = _authenticator.Made!;
        Assert.Equal(new CtapRelyingParty("example.org", "Example"), made.Rp);
        Assert.Equal(new CtapUser(options.User.Id, "ana", "Ana"), made.User);
        Assert.Equal([-7, -8], made.PubKeyCredParams);
        Assert.Equal([exclude], made.ExcludeList);
        Assert.True(made.Rk);
        Assert.True(made.Uv);
        Assert.Equal(CredentialProtection.UserVerificationRequired, made.CredProtect);
        Assert.True(response.CredPropsRk);
    }

    [Fact]
    public async Task Without_algorithms_the_standards_two_are_asked_for()
    {
        await Client.CreateAsync(Creation with { PubKeyCredParams = [] }, Page, TestContext.Current.CancellationToken);

        Assert.Equal([-7, -257], _authenticator.Made!.PubKeyCredParams);
    }

    [Fact]
    public async Task Algorithms_of_a_type_nobody_knows_are_passed_over_and_nothing_else_is_a_NotSupportedError()
    {
        await Client.CreateAsync(Creation with { PubKeyCredParams = [new("private-key", -8), new(-7)] }, Page, TestContext.Current.CancellationToken);
        Assert.Equal([-7], _authenticator.Made!.PubKeyCredParams);

        var refusal = await Assert.ThrowsAsync<WebAuthnClientException>(() =>
            Client.CreateAsync(Creation with { PubKeyCredParams = [new("private-key", -7)] }, Page, TestContext.Current.CancellationToken));

        Assert.Equal(DomExceptionName.NotSupportedError, refusal.Name);
    }

    [Theory]
    [InlineData(null, "none")]
    [InlineData("none", "none")]
    [InlineData("made-up", "none")]
    [InlineData("direct", "packed")]
    [InlineData("indirect", "packed")]
    [InlineData("enterprise", "packed")]
    public async Task Attestation_is_conveyed_only_when_asked_for(string? preference, string format)
    {
        var response = await Client.CreateAsync(Creation with { Attestation = preference }, Page, TestContext.Current.CancellationToken);

        var attestation = AttestationObject.Parse(response.AttestationObject);
        Assert.Equal(format, attestation.Format);
        Assert.Equal(_authenticator.Aaguid, AuthenticatorData.Parse(attestation.AuthData).AttestedCredentialData!.Value.Aaguid);
    }

    [Fact]
    public async Task Self_attestation_with_a_zero_AAGUID_needs_no_hiding()
    {
        _authenticator.Aaguid = Aaguid.None;

        var response = await Client.CreateAsync(Creation, Page, TestContext.Current.CancellationToken);

        Assert.Equal("packed", AttestationObject.Parse(response.AttestationObject).Format);
    }

    [Theory]
    [InlineData(CtapStatus.CredentialExcluded, DomExceptionName.InvalidStateError)]
    [InlineData(CtapStatus.OperationDenied, DomExceptionName.NotAllowedError)]
    [InlineData(CtapStatus.UserActionTimeout, DomExceptionName.NotAllowedError)]
    [InlineData(CtapStatus.PinBlocked, DomExceptionName.NotAllowedError)]
    [InlineData(CtapStatus.UnsupportedAlgorithm, DomExceptionName.NotSupportedError)]
    [InlineData(CtapStatus.KeyStoreFull, DomExceptionName.NotAllowedError)]
    [InlineData(CtapStatus.Other, DomExceptionName.UnknownError)]
    [InlineData((CtapStatus)0xE7, DomExceptionName.UnknownError)]
    public async Task An_authenticators_refusal_gets_its_DOMException_name(CtapStatus status, DomExceptionName name)
    {
        _authenticator.Refusal = status;

        var refusal = await Assert.ThrowsAsync<WebAuthnClientException>(() => Client.CreateAsync(Creation, Page, TestContext.Current.CancellationToken));

        Assert.Equal(name, refusal.Name);
        Assert.Equal(status, refusal.Status);
    }

    [Theory]
    [InlineData("cross-platform", true, false)]
    [InlineData("platform", false, false)]
    [InlineData("platform", true, true)]
    [InlineData("cross-platform", false, true)]
    [InlineData("unheard-of", true, true)]
    public async Task An_authenticator_of_the_wrong_attachment_is_not_asked(string attachment, bool platform, bool asked)
    {
        _authenticator.Info = _authenticator.Info with
        {
            Options = new Dictionary<string, bool>(StringComparer.Ordinal) { ["rk"] = true, ["uv"] = true, ["plat"] = platform },
        };
        var options = Creation with { AuthenticatorSelection = new() { AuthenticatorAttachment = attachment } };

        var creation = Client.CreateAsync(options, Page, TestContext.Current.CancellationToken);

        Assert.Equal(asked ? null : DomExceptionName.NotAllowedError, (await Record.ExceptionAsync(() => creation) as WebAuthnClientException)?.Name);
        Assert.Equal(asked, _authenticator.Made is not null);
    }

    [Fact]
    public async Task User_verification_that_cannot_be_had_is_a_ConstraintError_when_required_and_left_out_when_preferred()
    {
        _authenticator.Info = _authenticator.Info with { Options = new Dictionary<string, bool>(StringComparer.Ordinal) { ["rk"] = true } };

        var refusal = await Assert.ThrowsAsync<WebAuthnClientException>(() => Client.CreateAsync(Creation, Page, TestContext.Current.CancellationToken));
        await Client.CreateAsync(Creation with { AuthenticatorSelection = new() }, Page, TestContext.Current.CancellationToken);

        Assert.Equal(DomExceptionName.ConstraintError, refusal.Name);
        Assert.Null(_authenticator.Made!.Uv);
    }

    [Fact]
    public async Task An_enforced_protection_the_authenticator_lacks_makes_no_credential()
    {
        _authenticator.Info = _authenticator.Info with { Extensions = [] };
        var options = Creation with { Extensions = new() { CredentialProtectionPolicy = "userVerificationRequired", EnforceCredentialProtectionPolicy = true } };

        var refusal = await Assert.ThrowsAsync<WebAuthnClientException>(() => Client.CreateAsync(options, Page, TestContext.Current.CancellationToken));

        Assert.Equal(DomExceptionName.NotSupportedError, refusal.Name);
        Assert.Null(_authenticator.Made);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(65)]
    public async Task A_user_handle_of_the_wrong_length_is_a_TypeError(int length)
    {
        var options = Creation with { User = new(new UserHandle(new byte[length]), "a", "a") };

        var refusal = await Assert.ThrowsAsync<WebAuthnClientException>(() => Client.CreateAsync(options, Page, TestContext.Current.CancellationToken));

        Assert.Equal(DomExceptionName.TypeError, refusal.Name);
    }

    [Fact]
    public async Task A_foreign_RP_ID_is_a_SecurityError_before_the_authenticator_hears_of_it()
    {
        var creation = await Assert.ThrowsAsync<WebAuthnClientException>(() =>
            Client.CreateAsync(Creation with { Rp = new("example.com", "Example") }, Page, TestContext.Current.CancellationToken));
        var request = await Assert.ThrowsAsync<WebAuthnClientException>(() =>
            Client.GetAsync(Request with { RpId = "example.com" }, Page, null, TestContext.Current.CancellationToken));

        Assert.Equal((DomExceptionName.SecurityError, DomExceptionName.SecurityError), (creation.Name, request.Name));
        Assert.Null(_authenticator.Made);
        Assert.Null(_authenticator.Got);
    }

    [Fact]
    public async Task An_answer_for_another_relying_party_is_not_passed_on()
    {
        _authenticator.RpIdAnswered = "example.com";

        var creation = await Assert.ThrowsAsync<WebAuthnClientException>(() => Client.CreateAsync(Creation, Page, TestContext.Current.CancellationToken));
        var request = await Assert.ThrowsAsync<WebAuthnClientException>(() => Client.GetAsync(Request, Page, null, TestContext.Current.CancellationToken));

        Assert.Equal((DomExceptionName.UnknownError, DomExceptionName.UnknownError), (creation.Name, request.Name));
    }

    [Fact]
    public async Task The_callers_abort_is_an_AbortError()
    {
        _authenticator.Waits = true;
        using var abort = new CancellationTokenSource();
        var creation = Client.CreateAsync(Creation, Page, abort.Token);
        await _authenticator.Asked.Task;

        await abort.CancelAsync();

        Assert.Equal(DomExceptionName.AbortError, (await Assert.ThrowsAsync<WebAuthnClientException>(() => creation)).Name);
    }

    [Theory]
    [InlineData(0u, 300)]
    [InlineData(60_000u, 300)]
    [InlineData(null, 300)]
    [InlineData(420_000u, 420)]
    [InlineData(uint.MaxValue, 600)]
    public async Task The_ceremony_ends_when_its_time_is_over(uint? timeout, int seconds)
    {
        _authenticator.Waits = true;
        var request = Client.GetAsync(Request with { Timeout = timeout }, Page, null, TestContext.Current.CancellationToken);
        await _authenticator.Asked.Task;

        _time.Advance(TimeSpan.FromSeconds(seconds - 1));
        Assert.False(request.IsCompleted);
        _time.Advance(TimeSpan.FromSeconds(1));

        Assert.Equal(DomExceptionName.NotAllowedError, (await Assert.ThrowsAsync<WebAuthnClientException>(() => request)).Name);
    }

    [Fact]
    public async Task Among_several_accounts_the_chosen_one_answers()
    {
        var second = CredentialId.Random();
        _authenticator.Assertions.Enqueue(_authenticator.Assertion(_authenticator.Credential, "ana", count: 2));
        _authenticator.Assertions.Enqueue(_authenticator.Assertion(second, "ben"));

        var response = await Client.GetAsync(Request, Page, (users, _) => Task.FromResult(users.ToList().FindIndex(user => user.Name == "ben")), TestContext.Current.CancellationToken);

        Assert.Equal(second, response.Id);
        Assert.Equal("ben", Encoding.UTF8.GetString(response.UserHandle!.Value.Bytes.Span));
    }

    [Fact]
    public async Task A_credential_outside_the_allow_list_is_not_passed_on()
    {
        var options = Request with { AllowCredentials = [new(CredentialId.Random(), [])] };

        var refusal = await Assert.ThrowsAsync<WebAuthnClientException>(() => Client.GetAsync(options, Page, null, TestContext.Current.CancellationToken));

        Assert.Equal(DomExceptionName.UnknownError, refusal.Name);
    }

    [Fact]
    public async Task A_silent_assertion_asks_for_neither_presence_nor_verification()
    {
        await Client.GetSilentlyAsync(Request with { AllowCredentials = [new(_authenticator.Credential, [])] }, Page, TestContext.Current.CancellationToken);

        Assert.Equal((false, (bool?)null), (_authenticator.Got!.Up, _authenticator.Got.Uv));
    }

    [Fact]
    public async Task A_cross_origin_caller_is_named_in_the_client_data_with_its_top_origin()
    {
        var frame = new Caller(Page.Origin, CrossOrigin: true, Origin.Of(new Uri("https://example.com")));

        var response = await Client.GetAsync(Request, frame, null, TestContext.Current.CancellationToken);

        Assert.EndsWith("\"crossOrigin\":true,\"topOrigin\":\"https://example.com\"}", Encoding.UTF8.GetString(response.ClientDataJson.Span), StringComparison.Ordinal);
    }
}
