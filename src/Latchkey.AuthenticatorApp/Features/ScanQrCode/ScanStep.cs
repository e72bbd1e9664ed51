using Latchkey.Hybrid;
using Latchkey.Hybrid.Qr;

namespace Latchkey.AuthenticatorApp.Features.ScanQrCode;

/// <summary>What stands in the way, or went wrong: in one sentence, and what to do.</summary>
/// <param name="Code">For programs and logs; may stand small.</param>
/// <param name="Message">What it is.</param>
/// <param name="NextStep">What to do.</param>
internal sealed record ScanProblem(string Code, string Message, string NextStep);

/// <summary>Where scanning a code and answering it stands; one of the types below.</summary>
internal abstract record ScanStep
{
    private ScanStep()
    {
    }

    /// <summary>By camera, screen, picture or text?</summary>
    /// <param name="Problem">What was wrong with the last code.</param>
    public sealed record ChooseWay(ScanProblem? Problem = null) : ScanStep;

    /// <summary>The code is the portal's, to add an account.</summary>
    /// <param name="Link">The link to add it by.</param>
    public sealed record AddAccount(string Link) : ScanStep;

    /// <summary>The code is another site's, to set up codes here.</summary>
    /// <param name="Uri">The key, which is secret.</param>
    public sealed record AddCode(string Uri) : ScanStep
    {
        /// <summary>Never the key.</summary>
        public override string ToString() => nameof(AddCode);
    }

    /// <summary>Bluetooth and the way to the computer are looked at.</summary>
    public sealed record Checking : ScanStep;

    /// <summary>It could not work here and now.</summary>
    /// <param name="Problem">Why.</param>
    public sealed record Blocked(ScanProblem Problem) : ScanStep;

    /// <summary>It can begin.</summary>
    /// <param name="Operation">What the computer is going to ask.</param>
    /// <param name="MayBeThisMachine">The code may be shown by a browser on this machine, whose one adapter does not hear itself.</param>
    public sealed record Ready(HybridOperation Operation, bool MayBeThisMachine) : ScanStep;

    /// <summary>The two devices meet.</summary>
    /// <param name="Operation">What the computer is going to ask.</param>
    /// <param name="Progress">How far they are.</param>
    public sealed record Meeting(HybridOperation Operation, HybridProgress Progress) : ScanStep;

    /// <summary>A passkey was made, and the computer has the answer.</summary>
    /// <param name="Site">For whom.</param>
    /// <param name="UserName">For which account there, if it has a name.</param>
    /// <param name="RegisteredAt">The server that confirmed it, once one of ours has.</param>
    public sealed record Saved(string Site, string? UserName, string? RegisteredAt = null) : ScanStep;

    /// <summary>A passkey was used, and the computer has the answer.</summary>
    /// <param name="Site">Where.</param>
    /// <param name="UserName">As whom, if the account has a name.</param>
    public sealed record SignedIn(string? Site, string? UserName) : ScanStep;

    /// <summary>The person said no; nothing has changed.</summary>
    public sealed record Declined : ScanStep;

    /// <summary>It ended without a passkey made or used; nothing half-made is left.</summary>
    /// <param name="Problem">Why.</param>
    public sealed record Failed(ScanProblem Problem) : ScanStep;
}
