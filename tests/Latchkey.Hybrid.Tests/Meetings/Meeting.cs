using System.Collections.Concurrent;
using Latchkey.Authenticator;
using Latchkey.Client;
using Latchkey.Hybrid.Advert;
using Latchkey.Hybrid.Qr;
using Latchkey.Protocol.Ctap;
using Latchkey.Protocol.WebAuthn;
using Microsoft.Extensions.Time.Testing;

namespace Latchkey.Hybrid.Tests.Meetings;

/// <summary>A computer and a phone in one room, both ends ours; a test changes one thing.</summary>
internal sealed class Meeting : IDisposable
{
    public const string RpId = "example.org";

    private static readonly Caller Page = new(Origin.Of(new("https://example.org")));

    public Meeting()
    {
        Phone = new(Time);
        Responder = new(Phone.Authenticator, Air, Relay, new TunnelDomain(266), Time);
    }

    public FakeTimeProvider Time { get; } = new(new DateTimeOffset(2026, 5, 3, 12, 0, 0, TimeSpan.Zero));

    public Air Air { get; } = new();

    public Relay Relay { get; } = new();

    public Phone Phone { get; }

    public HybridResponder Responder { get; }

    public Story PhoneStory { get; } = new();

    public Story ComputerStory { get; } = new();

    public static CancellationToken Token => TestContext.Current.CancellationToken;

    public IReadOnlyList<CredentialState> Keys => [.. Phone.Store.Credentials.Select(credential => credential.State)];

    public static PublicKeyCredentialCreationOptions CreationOptions { get; } = new()
    {
        Rp = new(RpId, "Example"),
        User = new(new("ada"u8.ToArray()), "ada@example.org", "Ada"),
        Challenge = new(new byte[32]),
        PubKeyCredParams = [new(-7)],
        AuthenticatorSelection = new() { ResidentKey = Requirements.Required, UserVerification = Requirements.Required },
    };

    public static PublicKeyCredentialRequestOptions RequestOptions { get; } = new() { Challenge = new(new byte[32]), RpId = RpId, UserVerification = Requirements.Required };

    public Task<HybridOutcome> PhoneAnswersAsync(HybridQrCode code, CancellationToken? cancellationToken = null) =>
        Responder.AnswerAsync(code, PhoneStory, Phone.DeliverOrDropAsync, cancellationToken ?? Token);

    /// <summary>The computer's end of one ceremony, from QR code to goodbye.</summary>
    public async Task<T> ComputerAsksAsync<T>(HybridOperation operation, Func<HybridAuthenticator, Task<T>> ask, Action<HybridQrCode> show, CancellationToken? cancellationToken = null)
    {
        using var initiator = HybridInitiator.Begin(operation, Time);
        show(HybridQrCode.Parse(initiator.Code.Encode()));
        await using var phone = await initiator.ConnectAsync(Air, Relay, ComputerStory, cancellationToken ?? Token);
        return await ask(phone);
    }

    /// <summary>Both ends together: what the computer got, or the exception that ended it, and the phone's outcome.</summary>
    public async Task<(T Answer, Exception? Failure, HybridOutcome Outcome)> MeetAsync<T>(HybridOperation operation, Func<HybridAuthenticator, Task<T>> ask)
    {
        var phone = Task.FromResult(new HybridOutcome());
        T answer = default!;
        Exception? failure = null;
        try
        {
            answer = await ComputerAsksAsync(operation, ask, code => phone = PhoneAnswersAsync(code));
        }
        catch (Exception e) when (e is HybridException or CtapException or WebAuthnClientException)
        {
            failure = e;
        }

        var outcome = await phone;
        NothingIsLeft();
        return (answer, failure, outcome);
    }

    public Task<(RegistrationResponseJson Answer, Exception? Failure, HybridOutcome Outcome)> CreateAsync(PublicKeyCredentialCreationOptions? options = null) =>
        MeetAsync(HybridOperation.MakeCredential, phone => Client(phone).CreateAsync(options ?? CreationOptions, Page, Token));

    public Task<(AuthenticationResponseJson Answer, Exception? Failure, HybridOutcome Outcome)> GetAsync(PublicKeyCredentialRequestOptions? options = null) =>
        MeetAsync(HybridOperation.GetAssertion, phone => Client(phone).GetAsync(options ?? RequestOptions, Page, null, Token));

    public WebAuthnClient Client(ICtapAuthenticator authenticator) => new(authenticator, Time);

    public void NothingIsLeft()
    {
        Assert.Equal(0, Air.OnAir);
        Assert.Equal(0, Relay.Open);
    }

    public void Dispose() => Phone.Dispose();
}

/// <summary>Remembers what was reported, and lets a test wait for it.</summary>
internal sealed class Story : IProgress<HybridProgress>
{
    private readonly ConcurrentDictionary<HybridProgress, TaskCompletionSource> _reached = [];

    public ConcurrentQueue<HybridProgress> Steps { get; } = [];

    public Task ReachedAsync(HybridProgress step) => Of(step).Task.WaitAsync(TimeSpan.FromSeconds(30), Meeting.Token);

    public void Report(HybridProgress value)
    {
        Steps.Enqueue(value);
        Of(value).TrySetResult();
    }

    private TaskCompletionSource Of(HybridProgress step) => _reached.GetOrAdd(step, _ => new(TaskCreationOptions.RunContinuationsAsynchronously));
}
