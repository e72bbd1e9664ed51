namespace Latchkey.Hybrid;

/// <summary>
/// Where a meeting stands, for both ends to tell its story. The phone goes through <see cref="Connecting"/> (to the tunnel service),
/// <see cref="Waiting"/> (its advert is on the air), <see cref="Connected"/>, <see cref="Asking"/>, <see cref="Saving"/>,
/// <see cref="Done"/>; the computer through <see cref="Waiting"/> (its QR code is shown), <see cref="Connecting"/> (it has heard the
/// advert), <see cref="Connected"/>, <see cref="Asking"/>, <see cref="Done"/>. A further request asks again.
/// </summary>
public enum HybridProgress
{
    /// <summary>Ready; the other device has not come yet.</summary>
    Waiting,

    /// <summary>On the way through the tunnel service.</summary>
    Connecting,

    /// <summary>Both devices are connected and sure of each other.</summary>
    Connected,

    /// <summary>The person is asked, on the phone.</summary>
    Asking,

    /// <summary>The phone hands over its answer.</summary>
    Saving,

    /// <summary>The answer is with the other device.</summary>
    Done,
}
