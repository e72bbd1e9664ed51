using Latchkey.Api;
using Latchkey.Api.Approvals;
using Latchkey.Authenticator.Vault;
using Latchkey.AuthenticatorApp.Features.Approvals;
using Microsoft.AspNetCore.SignalR.Client;

namespace Latchkey.AuthenticatorApp.Device;

/// <summary>
/// Hears from each account's server that something has changed, while the vault is open; asks by itself where it is not connected. No push
/// service of anybody's stands between.
/// </summary>
internal sealed class LiveConnection(VaultSession session, OpenedLinks windows, WaitingApprovals approvals, TimeProvider time) : BackgroundService
{
    // Not connected: how often it asks while somebody looks, and how long it waits before it tries again to connect.
    private static readonly TimeSpan PollEvery = TimeSpan.FromSeconds(5), LongestWait = TimeSpan.FromMinutes(2);

    // A look waits for the servers so long; one that says nothing goes on by itself, and keeps no other from being heard.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    private readonly Dictionary<string, Line> _lines = new(StringComparer.Ordinal);
    private readonly SemaphoreSlim _woken = new(0, 1);
    private OpenVault? _vault;

    public override void Dispose()
    {
        _woken.Dispose();
        base.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        session.Changed += Wake;
        try
        {
            while (true)
            {
                await StepAsync(stoppingToken);
                using var soon = new CancellationTokenSource(PollEvery, time);
                using var either = CancellationTokenSource.CreateLinkedTokenSource(soon.Token, stoppingToken);
                try
                {
                    await _woken.WaitAsync(either.Token);
                }
                catch (OperationCanceledException) when (!stoppingToken.IsCancellationRequested)
                {
                    // time to look again
                }
            }
        }
        catch (OperationCanceledException)
        {
            // the program stops
        }
        finally
        {
            session.Changed -= Wake;
            await HangUpAsync(_ => true);
        }
    }

    private void Wake()
    {
        try
        {
            _woken.Release();
        }
        catch (SemaphoreFullException)
        {
            // is about to look
        }
        catch (ObjectDisposedException)
        {
            // the program stops
        }
    }

    private async Task StepAsync(CancellationToken cancellationToken)
    {
        if (session.Open != _vault)
        {
            await HangUpAsync(_ => true);
            _vault = session.Open;
        }

        if (_vault is not { } vault)
        {
            return;
        }

        var accounts = vault.Accounts.All.Where(account => account.RefreshToken is not null).ToList();
        await HangUpAsync(id => !accounts.Exists(account => account.Id == id));
        foreach (var account in accounts)
        {
            if (!_lines.TryGetValue(account.Id, out var line))
            {
                _lines.Add(account.Id, line = new(Call(vault, account)));
            }

            if (line.Connecting.IsCompleted && line.Connection.State is HubConnectionState.Disconnected && (line.NextTry is not { } next || time.GetUtcNow() >= next))
            {
                line.Connecting = ConnectAsync(line, account, cancellationToken);
            }

            if (line.Asking.IsCompleted && windows.HasWindow && account.Device?.Id is not null)
            {
                line.Asking = AskAsync(line, account, cancellationToken);
            }
        }

        try
        {
            await Task.WhenAll(_lines.Values.Select(line => Task.WhenAll(line.Connecting, line.Asking))).WaitAsync(Patience, time, cancellationToken);
        }
        catch (TimeoutException)
        {
            // the next look finds it under way, or over
        }
    }

    private HubConnection Call(OpenVault vault, VaultAccount account)
    {
        var connection = new HubConnectionBuilder().WithUrl(new Uri(account.Server, ApprovalsClient.LivePath), options => options.AccessTokenProvider = async () =>
        {
            try
            {
                return await vault.Accounts.TokenAsync(account, CancellationToken.None);
            }
            catch (Exception e) when (e is ApiException or ObjectDisposedException)
            {
                return null; // the server refuses, and it is tried again
            }
        }).Build();
        connection.On(ApprovalsClient.ApprovalsChanged, () => approvals.RefreshAsync(account, CancellationToken.None));
        connection.On(ApprovalsClient.MethodsChanged, () => session.ReconcileAsync(account));
        connection.Closed += _ =>
        {
            Wake();
            return Task.CompletedTask;
        };
        return connection;
    }

    private async Task ConnectAsync(Line line, VaultAccount account, CancellationToken cancellationToken)
    {
        try
        {
            await line.Connection.StartAsync(cancellationToken);
            if (line.WasConnected)
            {
                // What was told meanwhile, nobody heard.
                _ = session.ReconcileAsync(account);
            }

            (line.WasConnected, line.Failures, line.NextTry) = (true, 0, null);
        }
        catch (Exception) when (!cancellationToken.IsCancellationRequested)
        {
            // Whatever it was, it is tried again, later each time; until then it asks.
            var wait = TimeSpan.FromSeconds(Math.Pow(2, Math.Min(line.Failures++, 7)));
            line.NextTry = time.GetUtcNow() + (wait < LongestWait ? wait : LongestWait);
        }
        catch (OperationCanceledException)
        {
            // the program stops
        }
    }

    /// <summary>Asks what waits, where it turned out that it can't be told.</summary>
    private async Task AskAsync(Line line, VaultAccount account, CancellationToken cancellationToken)
    {
        try
        {
            await line.Connecting.WaitAsync(Patience, time, cancellationToken);
        }
        catch (Exception e) when (e is TimeoutException or OperationCanceledException)
        {
            // not connected yet
        }

        if (line.Connection.State is not HubConnectionState.Connected) await approvals.RefreshAsync(account, cancellationToken);
    }

    private async Task HangUpAsync(Func<string, bool> which)
    {
        foreach (var (id, line) in _lines.Where(line => which(line.Key)).ToList())
        {
            _lines.Remove(id);
            await line.Connection.DisposeAsync();
        }
    }

    private sealed class Line(HubConnection connection)
    {
        public HubConnection Connection { get; } = connection;

        /// <summary>What is under way, or was the last time.</summary>
        public Task Connecting { get; set; } = Task.CompletedTask;

        public Task Asking { get; set; } = Task.CompletedTask;

        public bool WasConnected { get; set; }

        public int Failures { get; set; }

        public DateTimeOffset? NextTry { get; set; }
    }
}
