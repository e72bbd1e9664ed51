using System.Globalization;
using System.Resources;
using Latchkey.Hybrid.Proximity;

namespace Latchkey.Hybrid;

/// <summary>Every way a meeting can end without an answer; <see cref="HybridProblemText.Of"/> has its words.</summary>
public enum HybridProblem
{
    /// <summary>The QR code is older than a meeting lasts, or from the future.</summary>
    StaleCode,

    /// <summary>Bluetooth does not work here; <see cref="HybridException.Proximity"/> says why.</summary>
    NoProximity,

    /// <summary>Nobody came in time.</summary>
    TimedOut,

    /// <summary>The tunnel service's name is not known to the name service.</summary>
    TunnelNameUnknown,

    /// <summary>The tunnel service cannot be connected to.</summary>
    TunnelUnreachable,

    /// <summary>The tunnel service's certificate is not trusted.</summary>
    TunnelCertificate,

    /// <summary>The tunnel service answered, and does not want this tunnel.</summary>
    TunnelRefused,

    /// <summary>What answers there is no tunnel service.</summary>
    TunnelProtocol,

    /// <summary>The handshake failed: the two ends did not see the same QR code or advert, or somebody stands between them.</summary>
    HandshakeFailed,

    /// <summary>The other device, or the tunnel service, ended the connection.</summary>
    PeerClosed,

    /// <summary>The other device stopped answering.</summary>
    PeerSilent,

    /// <summary>The other device, or somebody in between, sent what the standard does not allow.</summary>
    PeerMisbehaved,

    /// <summary>The other device wants something that this end does not do.</summary>
    NotSupported,

    /// <summary>The phone no longer knows this computer.</summary>
    LinkGone,
}

/// <summary>One row of the table: what a program and a person call a problem, and what can be done.</summary>
/// <param name="Code">Lower case with underscores, for programs and logs.</param>
/// <param name="Message">One sentence for a person.</param>
/// <param name="NextStep">What they can do.</param>
public sealed record HybridProblemText(string Code, string Message, string NextStep)
{
    private static readonly ResourceManager Texts = new("Latchkey.Hybrid.HybridProblemTexts", typeof(HybridProblemText).Assembly);

    /// <summary>The row of a problem, in the current language.</summary>
    public static HybridProblemText Of(HybridProblem problem)
    {
        var code = CodeOf(problem);
        return new(code, Text(code), Text(code + "_next"));
    }

    private static string CodeOf(HybridProblem problem) => problem switch
    {
        HybridProblem.StaleCode => "stale_code",
        HybridProblem.NoProximity => "no_proximity",
        HybridProblem.TimedOut => "timed_out",
        HybridProblem.TunnelNameUnknown => "tunnel_name_unknown",
        HybridProblem.TunnelUnreachable => "tunnel_unreachable",
        HybridProblem.TunnelCertificate => "tunnel_certificate",
        HybridProblem.TunnelRefused => "tunnel_refused",
        HybridProblem.TunnelProtocol => "tunnel_protocol",
        HybridProblem.HandshakeFailed => "handshake_failed",
        HybridProblem.PeerClosed => "peer_closed",
        HybridProblem.PeerSilent => "peer_silent",
        HybridProblem.PeerMisbehaved => "peer_misbehaved",
        HybridProblem.NotSupported => "not_supported",
        HybridProblem.LinkGone => "link_gone",
        _ => throw new ArgumentOutOfRangeException(nameof(problem), problem, "No such problem."),
    };

    private static string Text(string key) => Texts.GetString(key, CultureInfo.CurrentUICulture) ?? throw new MissingManifestResourceException(key);
}

/// <summary>A meeting that ended without an answer.</summary>
public sealed class HybridException : Exception
{
    /// <summary>Ends a meeting.</summary>
    /// <param name="problem">The row of the table.</param>
    /// <param name="message">A sentence for whoever debugs it.</param>
    /// <param name="inner">What noticed it, if something below did.</param>
    public HybridException(HybridProblem problem, string message, Exception? inner = null)
        : base(message, inner) => Problem = problem;

    /// <summary>The row of the table.</summary>
    public HybridProblem Problem { get; }

    /// <summary>What is wrong with Bluetooth, when that is the problem.</summary>
    public ProximityProblem? Proximity => (InnerException as ProximityException)?.Problem;
}
