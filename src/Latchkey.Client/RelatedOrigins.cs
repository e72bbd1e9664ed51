using System.Text.Json;

namespace Latchkey.Client;

/// <summary>
/// Related origin requests: a relying party lists, at <c>/.well-known/webauthn</c> of its RP ID, the other origins that may use it.
/// <see href="https://www.w3.org/TR/webauthn-3/#sctn-related-origins"/>
/// </summary>
/// <param name="http">Made by <see cref="Connect"/>, or by a test.</param>
/// <param name="time">What the wait is measured by.</param>
public sealed class RelatedOrigins(HttpMessageInvoker http, TimeProvider time)
{
    /// <summary>How many different names in the list are looked at: "MUST support at least five registrable origin labels".</summary>
    public const int MaxLabels = 5;

    /// <summary>The longest list read, in bytes.</summary>
    public const int MaxBytes = 64 * 1024;

    /// <summary>How long the list is waited for.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    /// <summary>How many lists are asked for at once for one site's pages, with everything under its registrable domain: a page's loop is no reason to call.</summary>
    public const int MaxUnderWayOfOneSite = 2;

    /// <summary>How long an answer is good: a ceremony asks more than once, and a page may ask in a loop.</summary>
    public static readonly TimeSpan Memory = TimeSpan.FromMinutes(5);

    private const int MaxRedirects = 5, MaxRemembered = 256;

    private readonly Lock _gate = new();
    private readonly Dictionary<(Origin Caller, string RpId), (bool Allows, DateTimeOffset At)> _remembered = [];
    private readonly Dictionary<string, int> _underWay = new(StringComparer.Ordinal);

    /// <summary>A connection that carries nothing of the person: no cookies, no credentials. It never leaves https.</summary>
    public static HttpMessageInvoker Connect() => new(new SocketsHttpHandler
    {
        UseCookies = false,
        Credentials = null,
        PreAuthenticate = false,
        AllowAutoRedirect = false,
        ConnectTimeout = Patience,
    });

    /// <summary>What was answered lately, without asking anybody; null when nothing was.</summary>
    /// <param name="caller">The caller's origin.</param>
    /// <param name="rpId">The RP ID asked for, a domain.</param>
    public bool? Remembered(Origin caller, string rpId)
    {
        lock (_gate)
        {
            return _remembered.TryGetValue((caller, rpId), out var known) && time.GetUtcNow() - known.At < Memory ? known.Allows : null;
        }
    }

    /// <summary>Whether the RP ID's owner lists the caller. No list, a broken one and one that cannot be had are a no.</summary>
    /// <param name="caller">The caller's origin.</param>
    /// <param name="rpId">The RP ID asked for, a domain.</param>
    /// <param name="cancellationToken">The page's abort signal.</param>
    public async Task<bool> AllowAsync(Origin caller, string rpId, CancellationToken cancellationToken)
    {
        if (Remembered(caller, rpId) is { } known) return known;
        var site = RpIdValidation.SiteOf(caller.Host);
        lock (_gate)
        {
            var underWay = _underWay.GetValueOrDefault(site);
            if (underWay >= MaxUnderWayOfOneSite) return false;
            _underWay[site] = underWay + 1;
        }

        try
        {
            var allows = await AskAsync(caller, rpId, cancellationToken);
            lock (_gate)
            {
                // The oldest makes room.
                if (_remembered.Count >= MaxRemembered) _remembered.Remove(_remembered.MinBy(one => one.Value.At).Key);
                _remembered[(caller, rpId)] = (allows, time.GetUtcNow());
            }

            return allows;
        }
        finally
        {
            lock (_gate)
            {
                if (--_underWay[site] == 0) _underWay.Remove(site);
            }
        }
    }

    private async Task<bool> AskAsync(Origin caller, string rpId, CancellationToken cancellationToken)
    {
        using var timer = new CancellationTokenSource(Patience, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timer.Token, cancellationToken);
        try
        {
            return await FetchAsync(new($"https://{rpId}/.well-known/webauthn"), either.Token) is { } list && Lists(list, caller);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return false;
        }
        catch (Exception e) when (e is HttpRequestException or IOException or UriFormatException)
        {
            return false;
        }
    }

    /// <summary>"Run the related origins validation procedure" on a list.</summary>
    internal static bool Lists(ReadOnlyMemory<byte> json, Origin caller)
    {
        List<string> origins = [];
        try
        {
            // "UTF-8 decode" takes a byte order mark off.
            using var document = JsonDocument.Parse(json.Span.StartsWith("\uFEFF"u8) ? json[3..] : json);
            // "If body is not a valid JSON object, … if the value of the origins property is missing, or is not an array of strings"
            if (document.RootElement.ValueKind != JsonValueKind.Object
                || !document.RootElement.TryGetProperty("origins", out var listed) || listed.ValueKind != JsonValueKind.Array)
            {
                return false;
            }

            foreach (var item in listed.EnumerateArray())
            {
                if (item.ValueKind != JsonValueKind.String) return false;
                origins.Add(item.GetString()!);
            }
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return false;
        }

        // "Let labelsSeen be a new empty set." "For each originItem of origins:"
        HashSet<string> labelsSeen = new(StringComparer.Ordinal);
        foreach (var item in origins)
        {
            // "Let url be the result of running the URL parser with originItem … If that fails, continue." "Let domain be the effective domain
            // of url. If that is null, continue." "Let label be the registrable origin label of domain." "If label is empty or null, continue."
            if (!Uri.TryCreate(item, UriKind.Absolute, out var url)
                || url.Scheme is not ("https" or "http")
                || !Origin.TryOf(url, out var origin) || !origin.HasEffectiveDomain
                || RpIdValidation.RegistrableLabelOf(origin.Host) is not { } label)
            {
                continue;
            }

            // "If the size of labelsSeen is greater than or equal to maxLabels and labelsSeen does not contain label, continue."
            if (labelsSeen.Count >= MaxLabels && !labelsSeen.Contains(label)) continue;

            // "If callerOrigin and url's origin are same origin, return true."
            if (origin == caller) return true;
            labelsSeen.Add(label);
        }

        return false;
    }

    /// <summary>"fetch the webauthn well-known URL … without credentials, without a referrer and using the https: scheme"; null when there is no list.</summary>
    private async Task<ReadOnlyMemory<byte>?> FetchAsync(Uri address, CancellationToken cancellationToken)
    {
        for (var redirects = 0; redirects <= MaxRedirects && address.Scheme == Uri.UriSchemeHttps; redirects++)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, address);
            request.Headers.Accept.Add(new("application/json"));
            using var response = await http.SendAsync(request, cancellationToken);
            if ((int)response.StatusCode is 301 or 302 or 303 or 307 or 308 && response.Headers.Location is { } next)
            {
                address = new(address, next);
                continue;
            }

            // "If the fetch fails, the response does not have a content type of application/json, or does not have a status code (after
            // following redirects) of 200, then throw a SecurityError"
            return (int)response.StatusCode == 200 && response.Content.Headers.ContentType?.MediaType == "application/json"
                ? await ReadAsync(response.Content, cancellationToken)
                : null;
        }

        return null;
    }

    private static async Task<ReadOnlyMemory<byte>?> ReadAsync(HttpContent content, CancellationToken cancellationToken)
    {
        var buffer = new byte[MaxBytes + 1];
        await using var body = await content.ReadAsStreamAsync(cancellationToken);
        var length = await body.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, cancellationToken);
        return length <= MaxBytes ? buffer.AsMemory(0, length) : null;
    }
}
