using Latchkey.Hybrid.Proximity;
using Latchkey.Hybrid.Qr;
using Latchkey.Protocol.Ctap;

namespace Latchkey.Hybrid;

/// <summary>What came of answering a QR code, on the phone.</summary>
public sealed record HybridOutcome
{
    /// <summary>Why there was no answer; null when one was handed over, be it a refusal.</summary>
    public HybridProblem? Problem { get; init; }

    /// <summary>A sentence about <see cref="Problem"/> for whoever debugs it.</summary>
    public string? Detail { get; init; }

    /// <summary>What is wrong with Bluetooth, when that is the problem.</summary>
    public ProximityProblem? Proximity { get; init; }

    /// <summary>What the computer asked last; null when it asked nothing (or only for this device to be chosen).</summary>
    public HybridOperation? Operation { get; init; }

    /// <summary>What was answered to it; null when nothing was.</summary>
    public CtapStatus? Status { get; init; }

    /// <summary>A passkey was made or used, and the computer has the answer.</summary>
    public bool Succeeded => Problem is null && Operation is not null && Status is CtapStatus.Success;
}
