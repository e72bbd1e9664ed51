using System.Collections.Concurrent;
using Latchkey.Protocol;

namespace Latchkey.AuthenticatorApp.Device.Browsers;

/// <summary>One browser, by way of its native host: reads what it says and runs its requests, until either side closes.</summary>
/// <param name="stream">The two ways.</param>
/// <param name="desk">What all requests share.</param>
internal sealed class BrowserConnection(Stream stream, BrowserDesk desk) : IDisposable
{
    /// <summary>The most requests under way: every open sign-in page holds one.</summary>
    public const int MaxRequests = 256;

    /// <summary>The most of them that are one site's, with everything under its registrable domain: the rest is for the other tabs.</summary>
    public const int MaxRequestsOfOneSite = 32;

    private readonly ConcurrentDictionary<int, BrowserCeremony> _underWay = new();
    private readonly SemaphoreSlim _oneMessage = new(1);

    /// <summary>Ends when the browser closes, uses a number twice, or <paramref name="stop"/> says so. What is not finished is undone.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        List<Task> running = [];
        desk.Session.Changed += TellChanged;
        try
        {
            while (await BrowserFrames.ReadAsync(stream, stop) is { } message)
            {
                running.RemoveAll(task => task.IsCompleted);
                BrowserRequest request;
                try
                {
                    request = BrowserRequest.Parse(message);
                }
                catch (WireFormatException)
                {
                    // One message of many tabs': the others' requests go on.
                    continue;
                }

                if (!await TakeAsync(request, running)) return;
            }
        }
        catch (Exception e) when (e is IOException or InvalidDataException or OperationCanceledException or ObjectDisposedException)
        {
            // Gone, or not ours: nothing to say, and nobody to say it to.
        }
        finally
        {
            desk.Session.Changed -= TellChanged;
            foreach (var ceremony in _underWay.Values) ceremony.Cancel();
            await Task.WhenAll(running);
        }
    }

    public void Dispose() => _oneMessage.Dispose();

    /// <summary>False for what no extension of ours would say.</summary>
    private async Task<bool> TakeAsync(BrowserRequest request, List<Task> running)
    {
        switch (request)
        {
            case BrowserRequest.Host:
                return true;
            case BrowserRequest.Hello hello:
                desk.Heard.Note(hello.Browser);
                await TellAsync(hello.Id, new BrowserAnswer.Hello(typeof(BrowserConnection).Assembly.GetName().Version!.ToString(3), desk.State));
                return true;
            case BrowserRequest.Cancel cancel:
                if (_underWay.TryGetValue(cancel.Id, out var cancelled)) cancelled.Cancel();
                return true;
            case BrowserRequest.Delivered delivered:
                if (_underWay.TryGetValue(delivered.Id, out var answered)) answered.Delivered(delivered.HasIt);
                return true;
            default:
                if (_underWay.Count >= MaxRequests || (request.Site is { } site && _underWay.Values.Count(other => other.Site == site) >= MaxRequestsOfOneSite))
                {
                    await TellAsync(request.Id, new BrowserAnswer.Pass("too_many"));
                    return true;
                }

                var ceremony = new BrowserCeremony(request, desk, answer => TellAsync(request.Id, answer));
                if (!_underWay.TryAdd(request.Id, ceremony))
                {
                    ceremony.Dispose();
                    return false;
                }

                running.Add(RunAsync(request.Id, ceremony));
                return true;
        }
    }

    private async Task RunAsync(int id, BrowserCeremony ceremony)
    {
        try
        {
            await ceremony.RunAsync();
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException or OperationCanceledException)
        {
            // The browser is gone; the ceremony has undone what was to be undone.
        }
        finally
        {
            _underWay.TryRemove(new(id, ceremony));
            ceremony.Dispose();
        }
    }

    private void TellChanged() => _ = TellChangedAsync();

    private async Task TellChangedAsync()
    {
        try
        {
            await TellAsync(0, new BrowserAnswer.Changed());
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException)
        {
            // It goes in this moment.
        }
    }

    private async Task TellAsync(int id, BrowserAnswer answer)
    {
        var message = answer.Encode(id);
        // Such as more accounts than a frame holds.
        if (message.Length > BrowserFrames.MaxLength) message = new BrowserAnswer.Pass("too_much").Encode(id);
        await _oneMessage.WaitAsync();
        try
        {
            await BrowserFrames.WriteAsync(stream, message, CancellationToken.None);
        }
        finally
        {
            _oneMessage.Release();
        }
    }
}
