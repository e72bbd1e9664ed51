using System.Text;
using Latchkey.Protocol.WebAuthn;

namespace Latchkey.RelyingParty;

/// <summary>
/// Who this relying party is and where its ceremonies may run: made once, in the forms the ceremonies compare, so that
/// a comparison allocates nothing.
/// </summary>
public sealed class RelyingPartyScope
{
    private readonly byte[] _rpIdHash;
    private readonly byte[]? _appIdHash;
    private readonly byte[][] _origins;
    private readonly byte[][]? _topOrigins;

    /// <summary>Names a relying party.</summary>
    /// <param name="rpId">The RP ID, a domain in lower case.</param>
    /// <param name="origins">The origins expected in client data, compared whole: <c>https://login.example.org</c>.</param>
    /// <param name="allowCrossOrigin">Whether a ceremony may run in a page inside another origin's page.</param>
    /// <param name="topOrigins">The origins of such outer pages; null for any.</param>
    /// <param name="appId">The AppID of credentials from before WebAuthn; counts only where the response says it was used.</param>
    public RelyingPartyScope(string rpId, IEnumerable<string> origins, bool allowCrossOrigin = false, IEnumerable<string>? topOrigins = null, string? appId = null)
    {
        RpId = rpId;
        AllowCrossOrigin = allowCrossOrigin;
        _rpIdHash = RpIdHash.Of(rpId).Bytes.ToArray();
        _appIdHash = appId is null ? null : RpIdHash.Of(appId).Bytes.ToArray();
        _origins = [.. origins.Select(Encoding.UTF8.GetBytes)];
        _topOrigins = topOrigins is null ? null : [.. topOrigins.Select(Encoding.UTF8.GetBytes)];
    }

    /// <summary>The RP ID.</summary>
    public string RpId { get; }

    /// <summary>Whether a ceremony may run in a page inside another origin's page.</summary>
    public bool AllowCrossOrigin { get; }

    /// <summary>True for an origin expected in client data.</summary>
    /// <param name="origin">UTF-8.</param>
    public bool ExpectsOrigin(ReadOnlySpan<byte> origin) => Contains(_origins, origin);

    /// <summary>True for the origin of an outer page that is expected.</summary>
    /// <param name="topOrigin">UTF-8.</param>
    public bool ExpectsTopOrigin(ReadOnlySpan<byte> topOrigin) => _topOrigins is null || Contains(_topOrigins, topOrigin);

    /// <summary>True for the hash of the RP ID.</summary>
    public bool IsRpIdHash(in RpIdHash hash) => hash.Bytes.Span.SequenceEqual(_rpIdHash);

    /// <summary>
    /// True for the hash of the RP ID or, where the client says that it used the AppID and there is one, of the AppID.
    /// <see href="https://www.w3.org/TR/webauthn-3/#sctn-appid-extension"/>
    /// </summary>
    public bool IsRpIdHash(in RpIdHash hash, bool appIdUsed) =>
        appIdUsed && _appIdHash is not null ? hash.Bytes.Span.SequenceEqual(_appIdHash) : IsRpIdHash(hash);

    private static bool Contains(byte[][] values, ReadOnlySpan<byte> value)
    {
        foreach (var candidate in values)
        {
            if (value.SequenceEqual(candidate))
            {
                return true;
            }
        }

        return false;
    }
}
