using Latchkey.Protocol;
using Latchkey.Protocol.Ctap;
using Latchkey.Protocol.WebAuthn;

namespace Latchkey.Client.Tests;

/// <summary>An authenticator that says what a test wants, and remembers what it was asked.</summary>
internal sealed class FakeAuthenticator : ICtapAuthenticator
{
    public GetInfoResponse Info { get; set; } = new(["FIDO_2_1"], new Aaguid(Guid.Parse("11111111-2222-3333-4444-555555555555")))
    {
        Options = new Dictionary<string, bool>(StringComparer.Ordinal) { ["rk"] = true, ["uv"] = true, ["plat"] = true },
        Transports = ["internal", "hybrid"],
        Extensions = ["credProtect"],
    };

    public CredentialId Credential { get; } = CredentialId.Random();

    public Aaguid Aaguid { get; set; } = new(Guid.Parse("11111111-2222-3333-4444-555555555555"));

    public string RpIdAnswered { get; set; } = "example.org";

    public string Fmt { get; set; } = "packed";

    public ByteString AttStmt { get; set; } = ByteString.FromHex("a263616c672663736967414d");

    public CtapStatus? Refusal { get; set; }

    public bool Waits { get; set; }

    public TaskCompletionSource Asked { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public MakeCredentialRequest? Made { get; private set; }

    public GetAssertionRequest? Got => Gets.LastOrDefault();

    public List<GetAssertionRequest> Gets { get; } = [];

    /// <summary>The RP ID or AppID its one credential is scoped to; any when null.</summary>
    public string? Scope { get; set; }

    public Queue<GetAssertionResponse> Assertions { get; } = new();

    public Task<GetInfoResponse> GetInfoAsync(CancellationToken cancellationToken) => Task.FromResult(Info);

    public async Task<MakeCredentialResponse> MakeCredentialAsync(MakeCredentialRequest request, CancellationToken cancellationToken)
    {
        Made = request;
        await AnswerAsync(cancellationToken);
        return new(Fmt, AuthData(new AttestedCredentialData(Aaguid, Credential, ByteString.FromHex("a0"))), AttStmt);
    }

    public async Task<GetAssertionResponse> GetAssertionAsync(GetAssertionRequest request, CancellationToken cancellationToken)
    {
        Gets.Add(request);
        await AnswerAsync(cancellationToken);
        if (Scope is not null && Scope != request.RpId) throw new CtapException(CtapStatus.NoCredentials);
        return Assertions.TryDequeue(out var next) ? next : Assertion(Credential, "ana");
    }

    public Task<GetAssertionResponse> GetNextAssertionAsync(CancellationToken cancellationToken) => Task.FromResult(Assertions.Dequeue());

    public Task SelectionAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public GetAssertionResponse Assertion(CredentialId id, string user, uint? count = null) =>
        new(new PublicKeyCredentialDescriptor(id, []), AuthData(null), new byte[] { 1, 2, 3 })
        {
            User = new(new UserHandle(System.Text.Encoding.UTF8.GetBytes(user)), user),
            NumberOfCredentials = count,
        };

    private ByteString AuthData(AttestedCredentialData? attested) =>
        new AuthenticatorData(RpIdHash.Of(RpIdAnswered), true, true, false, false, 0, attested).Encode();

    private async Task AnswerAsync(CancellationToken cancellationToken)
    {
        Asked.TrySetResult();
        if (Waits)
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancellationToken);
        }

        if (Refusal is { } status)
        {
            throw new CtapException(status);
        }
    }
}
