using Latchkey.Api.OpenIdConnect;
using Latchkey.Protocol.WebAuthn;
using Microsoft.Extensions.Time.Testing;

namespace Latchkey.Accounts.Tests.Killing;

/// <summary>The world around a process that is killed: a server with one person, and a clock. It outlives every process.</summary>
internal abstract class World : IAsyncDisposable
{
    public abstract Uri Root { get; }

    public abstract FakeTimeProvider Time { get; }

    public abstract HttpMessageHandler Server { get; }

    /// <summary>The person signs in once more, with a second factor.</summary>
    public abstract Task<TokenSet> SignInAsync();

    /// <summary>The passkeys the server keeps for the person.</summary>
    public abstract Task<IReadOnlySet<CredentialId>> PasskeysAsync();

    public abstract ValueTask DisposeAsync();
}

/// <summary>A server on paper, new for each life.</summary>
internal sealed class PaperWorld : World
{
    private readonly PaperServer _server;

    public PaperWorld() => _server = new(Time) { Authority = new(Time) };

    public override Uri Root => PaperServer.Root;

    public override FakeTimeProvider Time { get; } = new(new DateTimeOffset(2026, 5, 3, 12, 0, 0, TimeSpan.Zero));

    public override HttpMessageHandler Server => _server;

    public override Task<TokenSet> SignInAsync() => Task.FromResult(_server.SignIn());

    public override Task<IReadOnlySet<CredentialId>> PasskeysAsync() => Task.FromResult<IReadOnlySet<CredentialId>>(_server.Passkeys.Keys.ToHashSet());

    public override ValueTask DisposeAsync()
    {
        _server.Dispose();
        return ValueTask.CompletedTask;
    }
}
