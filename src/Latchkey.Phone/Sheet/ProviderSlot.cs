using System.Collections.Concurrent;
using System.Net.Sockets;
using System.Text.Json.Nodes;
using Latchkey.Phone.Settings;

namespace Latchkey.Phone.Sheet;

/// <summary>
/// The system's place for passkey apps, in one profile: what the browser asks comes here, the sheet asks the person where, and the one that was
/// chosen answers. It speaks what docs/browser-extension.md describes, as the Authenticator's stand-in towards the browser and as a browser's
/// towards the Authenticator.
/// </summary>
internal sealed class ProviderSlot : IAsyncDisposable
{
    private readonly PhoneProfile _profile;
    private readonly PhoneSettings _settings;
    private readonly PhoneScreen _screen;
    private readonly SystemSheet _sheet;
    private readonly BuiltInProvider _builtIn;
    private readonly Socket _listener = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
    private readonly CancellationTokenSource _stop = new();
    private readonly SemaphoreSlim _connecting = new(1);
    private readonly Task _accepting;
    private AuthenticatorConnection? _authenticator;

    public ProviderSlot(PhoneProfile profile, PhoneSettings settings, PhoneScreen screen, SystemSheet sheet)
    {
        (_profile, _settings, _screen, _sheet) = (profile, settings, screen, sheet);
        _builtIn = new(sheet);
        _listener.Bind(new UnixDomainSocketEndPoint(profile.SlotSocket));
        _listener.Listen();
        _accepting = AcceptAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Dispose();
        await _accepting;
        if (_authenticator is not null) await _authenticator.DisposeAsync();
        _connecting.Dispose();
        _stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true) _ = ServeAsync(await _listener.AcceptAsync(_stop.Token));
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // The phone is switched off.
        }
    }

    private async Task ServeAsync(Socket socket)
    {
        await using var frames = new Frames(socket);
        using var gone = CancellationTokenSource.CreateLinkedTokenSource(_stop.Token);
        var open = new ConcurrentDictionary<int, CancellationTokenSource>();
        // Who made a passkey that the page may not have yet.
        var made = new ConcurrentDictionary<int, Func<bool, Task>>();
        try
        {
            while (await frames.ReadAsync(gone.Token) is { } message)
            {
                var id = (int?)message["id"] ?? 0;
                switch ((string?)message["type"])
                {
                    case "cancel":
                        if (open.TryGetValue(id, out var cancelled)) await cancelled.CancelAsync();
                        break;
                    case "delivered" or "undelivered":
                        if (made.TryRemove(id, out var tell)) _ = DeliverAsync(frames, id, tell, (string?)message["type"] is "delivered", gone.Token);
                        break;
                    case "host":
                        break;
                    default:
                        _ = AnswerAsync(frames, id, message, open, made, gone.Token);
                        break;
                }
            }
        }
        catch (Exception e) when (e is IOException or OperationCanceledException or System.Text.Json.JsonException)
        {
            // The browser went, or the phone.
        }

        await gone.CancelAsync();
        foreach (var tell in made.Values) await tell(false);
    }

    private static async Task DeliverAsync(Frames frames, int id, Func<bool, Task> tell, bool hasIt, CancellationToken gone)
    {
        await tell(hasIt);
        if (hasIt) await frames.WriteAsync(new() { ["type"] = "kept", ["id"] = id }, gone);
    }

    private async Task AnswerAsync(
        Frames frames, int id, JsonObject message, ConcurrentDictionary<int, CancellationTokenSource> open, ConcurrentDictionary<int, Func<bool, Task>> made, CancellationToken gone)
    {
        using var cancellation = CancellationTokenSource.CreateLinkedTokenSource(gone);
        open[id] = cancellation;
        JsonObject answer;
        try
        {
            answer = await AskAsync(message, made, cancellation.Token);
        }
        catch (OperationCanceledException)
        {
            answer = Error("AbortError", "The page gave up.");
        }
        catch (IOException)
        {
            answer = Error("NotAllowedError", "The Authenticator went away.");
        }
        finally
        {
            open.TryRemove(id, out _);
        }

        answer["id"] = id;
        await frames.WriteAsync(answer, gone);
    }

    private async Task<JsonObject> AskAsync(JsonObject message, ConcurrentDictionary<int, Func<bool, Task>> made, CancellationToken stop)
    {
        var offered = _settings.Offered(_profile.Name);
        switch ((string?)message["type"])
        {
            case "hello":
                return Ok(new() { ["protocol"] = 1, ["app"] = _settings.Version.Name, ["asksItself"] = true });
            // What the field of a page offers is the Authenticator's; the sheet comes for everything else.
            case "offers" or "signal" when offered.Contains(Provider.Authenticator):
                return await (await ConnectAsync(stop)).AskAsync(message, stop);
            case "offers":
                return Ok(new() { ["offers"] = false, ["accounts"] = new JsonArray(), ["locked"] = false });
            case "signal":
                return Ok([]);
            case "create" or "get":
                // Nothing is turned on: there is nobody to ask, and the page is told so at once.
                if (offered.Count == 0) return Error("NotAllowedError", "No app for passkeys is turned on.");
                return await ChooseAsync(message, offered, made, stop);
            default:
                return Error("NotSupportedError", "This phone does not know that.");
        }
    }

    private async Task<JsonObject> ChooseAsync(JsonObject message, IReadOnlyList<Provider> offered, ConcurrentDictionary<int, Func<bool, Task>> made, CancellationToken stop)
    {
        var creates = (string?)message["type"] is "create";
        var question = QuestionOf(message, creates, offered);
        // Who chose an account in a field has chosen where it is, too.
        var chosen = message["credentialId"] is null ? await _sheet.AskAsync(question, stop) : new(nameof(Provider.Authenticator), null);
        if (chosen is null || !Enum.TryParse<Provider>(chosen.Choice, out var provider)) return Error("NotAllowedError", "The person said no.");
        var id = (int)message["id"]!;
        if (provider is Provider.BuiltIn)
        {
            return await _builtIn.AnswerAsync(message, question, chosen.Passcode, tell => made[id] = tell, stop);
        }

        var authenticator = await ConnectAsync(stop);
        _screen.Show(PhoneApp.Authenticator, _profile.Name);
        try
        {
            var (theirs, answer) = await authenticator.AskWithIdAsync(message, stop);
            // On a phone there is no other way left: what was chosen has no answer.
            if ((bool?)answer["ok"]?["offers"] is false) return Error("NotAllowedError", "The Authenticator has no passkey for this.");
            if (creates && answer["ok"] is not null) made[id] = hasIt => authenticator.DeliverAsync(theirs, hasIt);
            return answer;
        }
        finally
        {
            _screen.Show(PhoneApp.Browser, _profile.Name);
        }
    }

    private SheetQuestion QuestionOf(JsonObject message, bool creates, IReadOnlyList<Provider> offered)
    {
        var site = new Uri((string)message["caller"]!["origin"]!).Host;
        var builtIn = SettingsPage.BuiltInName(_settings.Version);
        var choices = offered.Select(provider => provider is Provider.BuiltIn
            ? new SheetChoice(nameof(Provider.BuiltIn), builtIn, creates ? "Kept by this phone" : "A passkey kept by this phone", NeedsPasscode: true)
            : new SheetChoice(nameof(Provider.Authenticator), "Authenticator", creates ? "Keep it in the Authenticator" : "A passkey kept in the Authenticator", NeedsPasscode: false)).ToList();
        return creates
            ? new("Save a passkey?", $"For {(string?)message["options"]?["user"]?["name"]} at {site}", choices, ProposesOne: _settings.Version.System is PhoneSystem.Android)
            : new("Sign in with a passkey?", $"At {site}", choices, ProposesOne: false);
    }

    /// <summary>The Authenticator, started if it does not run.</summary>
    private async Task<AuthenticatorConnection> ConnectAsync(CancellationToken stop)
    {
        await _connecting.WaitAsync(stop);
        try
        {
            if (_authenticator is { IsOpen: true }) return _authenticator;
            _screen.Started(_profile.Name, await _profile.AuthenticatorAsync());
            return _authenticator = await AuthenticatorConnection.OpenAsync(_profile.AuthenticatorSocket, stop);
        }
        finally
        {
            _connecting.Release();
        }
    }

    private static JsonObject Ok(JsonObject ok) => new() { ["ok"] = ok };

    private static JsonObject Error(string name, string message) => new() { ["error"] = new JsonObject { ["name"] = name, ["message"] = message } };
}
