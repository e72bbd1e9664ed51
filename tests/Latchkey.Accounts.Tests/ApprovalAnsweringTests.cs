using Latchkey.Api.Approvals;
using Latchkey.Authenticator;
using Microsoft.Extensions.Time.Testing;

namespace Latchkey.Accounts.Tests;

/// <summary>The device's answer: what is asked first, and what is never sent.</summary>
public sealed class ApprovalAnsweringTests : IDisposable
{
    private static readonly PendingApproval Request = new("7", ApprovalKinds.SecondFactor, "My Security info", "192.0.2.7", new DateTimeOffset(2026, 5, 3, 12, 0, 0, TimeSpan.Zero), 60);

    private readonly string _directory = Directory.CreateTempSubdirectory("latchkey-accounts").FullName;
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 5, 3, 12, 0, 0, TimeSpan.Zero));
    private readonly PaperServer _server;

    public ApprovalAnsweringTests()
    {
        _server = new(_time);
        _server.Waiting.Add(Request);
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _server.Dispose();
        Directory.Delete(_directory, recursive: true);
    }

    [Fact]
    public async Task With_the_right_PIN_the_typed_number_is_signed_and_sent()
    {
        using var device = await RegisteredAsync();
        var asked = new List<AuthorizationRequest>();
        var answer = device.Answer;
        device.Answer = question =>
        {
            asked.Add(question);
            return answer(question);
        };

        Assert.IsType<ApprovalOutcome.Approved>(await device.Approvals.ApproveAsync(device.Account, Request, "42", Token));

        Assert.Equal([("7", ApprovalDecisions.Approve, (string?)"42")], _server.Answers);
        Assert.Equal("My Security info", Assert.IsType<AuthorizationRequest.ApproveSignIn>(Assert.Single(asked)).App);
    }

    [Fact]
    public async Task An_answer_that_was_sent_in_time_counts_though_the_time_is_over_before_the_server_says_so()
    {
        using var device = await RegisteredAsync();
        using var over = CancellationTokenSource.CreateLinkedTokenSource(Token);
        _server.BeforeAsync = async request =>
        {
            if (request.Method == HttpMethod.Post && request.RequestUri!.AbsolutePath.Contains("/approvals/", StringComparison.Ordinal)) await over.CancelAsync();
        };

        Assert.IsType<ApprovalOutcome.Approved>(await device.Approvals.ApproveAsync(device.Account, Request, "42", over.Token));
    }

    [Fact]
    public async Task A_wrong_PIN_is_asked_for_again_and_sends_nothing_until_it_is_right()
    {
        using var device = await RegisteredAsync();
        var tries = 0;
        device.Answer = question =>
        {
            Assert.Equal((tries > 0, 0), (question.Pin!.PreviousWasWrong, _server.Answers.Count));
            return new AuthorizationAnswer.Granted { Pin = ++tries < 3 ? "not the PIN" : "passe-partout" };
        };

        Assert.IsType<ApprovalOutcome.Approved>(await device.Approvals.ApproveAsync(device.Account, Request, "42", Token));

        Assert.Equal(3, tries);
        Assert.Single(_server.Answers);
    }

    [Fact]
    public async Task Three_wrong_PINs_or_none_at_all_send_nothing()
    {
        using var device = await RegisteredAsync();
        device.Answer = _ => new AuthorizationAnswer.Declined();
        Assert.IsType<ApprovalOutcome.Declined>(await device.Approvals.ApproveAsync(device.Account, Request, "42", Token));

        device.Answer = _ => new AuthorizationAnswer.Granted { Pin = "not the PIN" };
        Assert.Equal(new ApprovalOutcome.PinBlocked(UntilRestart: true), await device.Approvals.ApproveAsync(device.Account, Request, "42", Token));

        Assert.Empty(_server.Answers);
    }

    [Fact]
    public async Task It_wasnt_me_needs_no_PIN()
    {
        using var device = await RegisteredAsync();
        device.Answer = _ => throw new InvalidOperationException("nobody is to be asked");

        Assert.IsType<ApprovalOutcome.Denied>(await device.Approvals.DenyAsync(device.Account, Request, Token));

        Assert.Equal([("7", ApprovalDecisions.Deny, (string?)null)], _server.Answers);
    }

    [Fact]
    public async Task A_device_that_is_not_registered_sees_nothing_and_answers_nothing()
    {
        using var device = await Device.StartAsync(_directory, _server, _time, Token);

        Assert.Empty(await device.Approvals.ListAsync(device.Account, Token));
        Assert.IsType<ApprovalOutcome.Refused>(await device.Approvals.DenyAsync(device.Account, Request, Token));
    }

    private async Task<Device> RegisteredAsync()
    {
        var device = await Device.StartAsync(_directory, _server, _time, Token);
        await device.Registered.RegisterAsync(device.Account, Token);
        return device;
    }
}
