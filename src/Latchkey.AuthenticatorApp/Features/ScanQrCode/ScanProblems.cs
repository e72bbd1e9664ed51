using Latchkey.Hybrid;
using Latchkey.Hybrid.Proximity;
using Latchkey.Protocol.Ctap;

namespace Latchkey.AuthenticatorApp.Features.ScanQrCode;

/// <summary>What a person reads when a code cannot be answered: one row for each thing that can be wrong.</summary>
internal static class ScanProblems
{
    /// <summary>The code is for something else.</summary>
    public static ScanProblem NotOurs => new("not_a_passkey_code", ScanTexts.NotOurs, ScanTexts.NotOursNext);

    /// <summary>It begins like a passkey code and makes no sense.</summary>
    public static ScanProblem Unreadable => new("unreadable_code", ScanTexts.Unreadable, ScanTexts.UnreadableNext);

    /// <summary>No tunnel domain is set.</summary>
    public static ScanProblem NoMeetingPoint => new("no_meeting_point", ScanTexts.NoMeetingPoint, ScanTexts.NoMeetingPointNext);

    /// <summary>What Bluetooth lacks here.</summary>
    public static ScanProblem Of(ProximityProblem problem) => problem switch
    {
        ProximityProblem.NoService => new("bluetooth_no_service", ScanTexts.BluetoothNoService, ScanTexts.BluetoothNoServiceNext),
        ProximityProblem.NoAdapter => new("bluetooth_no_adapter", ScanTexts.BluetoothNoAdapter, ScanTexts.BluetoothNoAdapterNext),
        ProximityProblem.AdapterOff => new("bluetooth_off", ScanTexts.BluetoothOff, ScanTexts.BluetoothOffNext),
        ProximityProblem.PermissionDenied => new("bluetooth_denied", ScanTexts.BluetoothDenied, ScanTexts.BluetoothDeniedNext),
        ProximityProblem.NotSupportedHere => new("bluetooth_not_supported", ScanTexts.BluetoothNotSupported, ScanTexts.BluetoothNotSupportedNext),
        ProximityProblem.NotPossible => new("bluetooth_not_possible", ScanTexts.BluetoothNotPossible, ScanTexts.BluetoothNotPossibleNext),
        _ => new("bluetooth_failed", ScanTexts.BluetoothFailed, ScanTexts.BluetoothFailedNext),
    };

    /// <summary>What went wrong between the two devices.</summary>
    public static ScanProblem Of(HybridProblem problem)
    {
        var text = HybridProblemText.Of(problem);
        return new(text.Code, text.Message, text.NextStep);
    }

    /// <summary>What this Authenticator answered instead of a passkey.</summary>
    public static ScanProblem Of(CtapStatus status) => status switch
    {
        CtapStatus.CredentialExcluded => new("passkey_already_here", ScanTexts.AlreadyHere, ScanTexts.AlreadyHereNext),
        CtapStatus.NoCredentials => new("no_passkey_here", ScanTexts.NoPasskey, ScanTexts.NoPasskeyNext),
        CtapStatus.UserActionTimeout or CtapStatus.ActionTimeout => new("took_too_long", ScanTexts.TookTooLong, ScanTexts.TookTooLongNext),
        CtapStatus.PinBlocked => new("pin_blocked", Shell.ShellTexts.PinBlocked, ScanTexts.NothingChanged),
        CtapStatus.PinAuthBlocked => new("pin_blocked_until_restart", Shell.ShellTexts.PinBlockedUntilRestart, ScanTexts.NothingChanged),
        CtapStatus.KeyStoreFull => new("not_saved", Welcome.WelcomeTexts.NotWritable, ScanTexts.NothingChanged),
        CtapStatus.UnsupportedAlgorithm => new("not_supported", ScanTexts.NotSupported, ScanTexts.NotSupportedNext),
        _ => new($"ctap_0x{(byte)status:x2}", ScanTexts.Refused, ScanTexts.RefusedNext),
    };
}
