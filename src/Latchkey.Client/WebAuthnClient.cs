using Latchkey.Protocol;
using Latchkey.Protocol.Ctap;
using Latchkey.Protocol.WebAuthn;

namespace Latchkey.Client;

/// <summary>Who calls, as the client knows it: nobody's word but the client's own.</summary>
/// <param name="Origin">The caller's origin.</param>
/// <param name="CrossOrigin">Whether the caller is not same-origin with all its ancestors.</param>
/// <param name="TopOrigin">The top-level page's origin, when cross-origin.</param>
public sealed record Caller(Origin Origin, bool CrossOrigin = false, Origin? TopOrigin = null)
{
    /// <summary>
    /// Whether the document is allowed to use the ceremony's policy-controlled feature: <c>publickey-credentials-create</c> or
    /// <c>publickey-credentials-get</c>. A page can refuse it to its frames, and to itself.
    /// </summary>
    public bool IsAllowed { get; init; } = true;
}

/// <summary>
/// The client of WebAuthn over one authenticator: checks the RP ID against the origin, writes the client data, asks, and turns the
/// answer into the standard's JSON.
/// <see href="https://www.w3.org/TR/webauthn-3/#sctn-api"/>
/// </summary>
/// <param name="authenticator">The authenticator, in this process or behind a transport.</param>
/// <param name="time">What time-outs are measured by.</param>
/// <param name="relatedOrigins">Finds out which other origins may use an RP ID; absent where a program speaks for itself and needs none.</param>
public sealed partial class WebAuthnClient(ICtapAuthenticator authenticator, TimeProvider time, RelatedOrigins? relatedOrigins = null)
{
    /// <summary>How long a ceremony waits when the options do not say: the standard's recommendation.</summary>
    public static readonly TimeSpan DefaultTimeout = TimeSpan.FromMinutes(5);

    /// <summary>
    /// The shortest a ceremony waits, whatever the options say: who needs longer to find a key or type a PIN gets it.
    /// <see href="https://www.w3.org/TR/webauthn-3/#sctn-timeout-recommended-range"/>
    /// </summary>
    public static readonly TimeSpan MinTimeout = TimeSpan.FromMinutes(5);

    /// <summary>The longest a ceremony waits, whatever the options say: the upper end of the same range.</summary>
    public static readonly TimeSpan MaxTimeout = TimeSpan.FromMinutes(10);

    /// <summary>How long a ceremony waits.</summary>
    /// <param name="timeout">What the options say, in milliseconds.</param>
    public static TimeSpan LifetimeOf(uint? timeout) =>
        // "check if its value lies within a reasonable range as defined by the client and if not, correct it to the closest value lying within that range"
        timeout is { } milliseconds
            ? TimeSpan.FromMilliseconds(Math.Clamp(milliseconds, MinTimeout.TotalMilliseconds, MaxTimeout.TotalMilliseconds))
            : DefaultTimeout;

    /// <summary>The RP ID of a caller's ceremony, once every rule about who may use which is kept.</summary>
    /// <param name="rpId">The relying party's <c>rp.id</c> or <c>rpId</c>, if it gave one.</param>
    /// <param name="caller">Who calls.</param>
    /// <param name="relatedOrigins">Finds out which other origins may use an RP ID, if that is to be found out.</param>
    /// <param name="cancellationToken">The page's abort signal.</param>
    /// <exception cref="WebAuthnClientException">SecurityError: the caller may not use this RP ID. NotAllowedError: it may use none here.</exception>
    public static async Task<string> ResolveRpIdAsync(string? rpId, Caller caller, RelatedOrigins? relatedOrigins, CancellationToken cancellationToken)
    {
        if (rpId is null || relatedOrigins is null || !CouldBeRelated(rpId, caller)) return ResolveRpId(rpId, caller);

        // "If options.rp.id is not a registrable domain suffix of and is not equal to effectiveDomain, and if the client supports related
        // origin requests: … Run the related origins validation procedure … If the result is false, throw a "SecurityError" DOMException."
        return await relatedOrigins.AllowAsync(caller.Origin, rpId, cancellationToken)
            ? rpId
            : throw new WebAuthnClientException(DomExceptionName.SecurityError, $"{caller.Origin} may not use the RP ID {rpId}, and {rpId} does not name it as related.");
    }

    /// <summary>The RP ID of a caller's ceremony by the caller's own name, without asking whose else it may be.</summary>
    /// <param name="rpId">The relying party's <c>rp.id</c> or <c>rpId</c>, if it gave one.</param>
    /// <param name="caller">Who calls.</param>
    /// <exception cref="WebAuthnClientException">SecurityError: the caller may not use this RP ID. NotAllowedError: it may use none here.</exception>
    public static string ResolveRpId(string? rpId, Caller caller)
    {
        // "If the relevant global object's associated Document is not allowed to use the publickey-credentials-create" (or -get) "feature …
        // throw a "NotAllowedError" DOMException."
        if (!caller.IsAllowed)
        {
            throw new WebAuthnClientException(DomExceptionName.NotAllowedError, $"A permissions policy keeps {caller.Origin} from asking here.");
        }

        // A caller that is cross-origin to somebody says to whom: the authenticator signs it.
        if (caller.CrossOrigin && caller.TopOrigin is null)
        {
            throw new WebAuthnClientException(DomExceptionName.NotAllowedError, $"{caller.Origin} is in a frame of an unknown page.");
        }

        return RpIdValidation.Resolve(rpId, caller.Origin);
    }

    /// <summary>Whether a caller that an RP ID is not open to by its own name could be listed by its owner: only asking tells.</summary>
    /// <param name="rpId">As the page gave it.</param>
    /// <param name="caller">Who asks.</param>
    public static bool CouldBeRelated(string? rpId, Caller caller) => rpId is not null && caller is { IsAllowed: true, Origin.HasEffectiveDomain: true }
        && (!caller.CrossOrigin || caller.TopOrigin is not null)
        && !RpIdValidation.IsRegistrableDomainSuffixOfOrEqualTo(rpId, caller.Origin.Host) && RpIdValidation.IsPublicDomain(rpId);

    /// <summary>Runs one exchange with the authenticator inside the ceremony's lifetime, and gives its failures their names.</summary>
    private async Task<T> AskAsync<T>(uint? timeout, Func<CancellationToken, Task<T>> ask, CancellationToken cancellationToken)
    {
        using var timer = new CancellationTokenSource(LifetimeOf(timeout), time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timer.Token, cancellationToken);
        try
        {
            either.Token.ThrowIfCancellationRequested();
            return await ask(either.Token);
        }
        catch (OperationCanceledException e) when (cancellationToken.IsCancellationRequested)
        {
            throw new WebAuthnClientException(DomExceptionName.AbortError, "The caller aborted the ceremony.", e);
        }
        catch (OperationCanceledException e) when (timer.IsCancellationRequested)
        {
            throw new WebAuthnClientException(DomExceptionName.NotAllowedError, "The ceremony took too long.", e);
        }
        catch (CtapException e) when (e.Status == CtapStatus.KeepAliveCancel && cancellationToken.IsCancellationRequested)
        {
            throw new WebAuthnClientException(DomExceptionName.AbortError, "The caller aborted the ceremony.", e);
        }
        catch (CtapException e)
        {
            throw WebAuthnClientException.Of(e);
        }
        catch (WireFormatException e)
        {
            throw new WebAuthnClientException(DomExceptionName.UnknownError, "The authenticator's answer is not what the standard says.", e);
        }
    }

    private static bool VerifiesUser(string? userVerification, GetInfoResponse info) => userVerification switch
    {
        Requirements.Required => info.Uv is true ? true : throw new WebAuthnClientException(
            DomExceptionName.ConstraintError, "User verification is required, and the authenticator cannot verify its user."),
        Requirements.Discouraged => false,
        // "preferred", absent, or a value this version does not know
        _ => info.Uv is true,
    };

    /// <summary>
    /// Whether the authenticator holds one of these credentials for an RP ID or AppID, asked without the person. One that shows itself only
    /// after user verification stays unseen, and so do all of an authenticator that answers nothing silently, as phones do.
    /// </summary>
    private async Task<bool> HoldsAsync(string rpId, IReadOnlyList<PublicKeyCredentialDescriptor> credentials, CancellationToken cancellationToken)
    {
        try
        {
            // Nobody gets to see this signature; what it signs stands for nothing.
            await authenticator.GetAssertionAsync(
                new(rpId, new(ByteString.Random(ClientDataHash.Length))) { AllowList = credentials, Up = false }, cancellationToken);
            return true;
        }
        catch (CtapException e) when (e.Status is CtapStatus.NoCredentials or CtapStatus.UpRequired or CtapStatus.UnsupportedOption or CtapStatus.InvalidOption)
        {
            return false;
        }
    }

    private static string AttachmentOf(GetInfoResponse info) => info.Plat ? Requirements.Platform : Requirements.CrossPlatform;

    private static ByteString EncodeClientData(string type, Challenge challenge, Caller caller) =>
        CollectedClientData.Encode(type, challenge, caller.Origin.Serialized, caller.CrossOrigin, caller.TopOrigin?.Serialized);
}
