using Latchkey.Server.Features.SecurityInfo.BrowserWays;
using Latchkey.Server.Shell;
using Latchkey.Server.Storage;

namespace Latchkey.Server.Features.SecurityInfo.AnotherDevice;

/// <summary>A passkey that another device saves: this browser shows a QR code, the device scans it, the two meet over Bluetooth.</summary>
internal static class AnotherDeviceWay
{
    public const string Name = "device";

    /// <summary>The table.</summary>
    public static BrowserWay Value => new()
    {
        Name = Name,
        Registration = RegistrationWay.AnotherDevice,
        Beginning = Beginning,
        Question = Question,
        Causes = [AnotherDeviceTexts.CauseCancelled, AnotherDeviceTexts.CauseDenied, AnotherDeviceTexts.CauseBluetooth, AnotherDeviceTexts.CauseProvider],
        LooksFor = "internet hybrid bluetooth",
        Waiting = AnotherDeviceTexts.Waiting,
        TimedOut = AnotherDeviceTexts.TimedOut,
        Instead = AnotherDeviceTexts.MissingInstead,
        Platforms =
        [
            new()
            {
                Name = "ios",
                Label = BrowserWaysTexts.Ios,
                Icon = "phone",
                Minimum = AnotherDeviceTexts.IosMinimum,
                Pages =
                [
                    .. Beginning,
                    TurnOn(AnotherDeviceTexts.TurnOnTitle, AnotherDeviceTexts.ComeBack,
                        TurnOnSteps.Ios18(BrowserWaysTexts.IosLater, AnotherDeviceTexts.OpenSettings),
                        TurnOnSteps.Ios17(BrowserWaysTexts.Ios17, AnotherDeviceTexts.OpenSettings)) with { Lead = BrowserWaysTexts.NeedsAtLeast.With(AnotherDeviceTexts.IosMinimum) },
                    PhoneReady,
                    PhoneSave,
                ],
                SaysDone = true,
            },
            new()
            {
                Name = "android",
                Label = BrowserWaysTexts.Android,
                Icon = "phone",
                Minimum = AnotherDeviceTexts.AndroidMinimum,
                Pages =
                [
                    .. Beginning,
                    TurnOn(AnotherDeviceTexts.TurnOnTitle, AnotherDeviceTexts.AndroidDiffers, TurnOnSteps.Android(AnotherDeviceTexts.OpenSettings))
                        with { Lead = BrowserWaysTexts.NeedsAtLeast.With(AnotherDeviceTexts.AndroidMinimum) },
                    PhoneReady,
                    PhoneSave,
                ],
                SaysDone = false,
            },
            new()
            {
                Name = "computer",
                Label = AnotherDeviceTexts.Computer,
                Icon = "laptop",
                Pages =
                [
                    .. Beginning,
                    TurnOn(AnotherDeviceTexts.ComputerTitle, AnotherDeviceTexts.ComputerNothing, new InstructionList(null, AnotherDeviceTexts.ComputerOpen, AnotherDeviceTexts.ComputerScan)),
                    Ready(AnotherDeviceTexts.ReadyScanner),
                    Save(AnotherDeviceTexts.ComputerReminder, AnotherDeviceTexts.DialogScanner, AnotherDeviceTexts.DialogApprove),
                ],
                SaysDone = true,
            },
        ],
    };

    // Until the kind of device is known, every path is the same.
    private static WayPage[] Beginning =>
    [
        new(WayPageKind.Tell, "start", AnotherDeviceTexts.StartTitle, ShellTexts.Next)
        {
            IsOpen = true, Lead = AnotherDeviceTexts.StartText, Needs = [AnotherDeviceTexts.NeedDevice, AnotherDeviceTexts.NeedBluetooth], SaysSecondFactor = true, LooksAhead = true,
        },
        new(WayPageKind.App, "app", ShellTexts.GetAuthenticator, ShellTexts.Next) { Lead = AnotherDeviceTexts.AppText },
        Question,
    ];

    private static WayPage Question => new(WayPageKind.Platform, "platform", AnotherDeviceTexts.PlatformTitle) { Lead = AnotherDeviceTexts.PlatformText };

    private static WayPage PhoneReady => Ready(AnotherDeviceTexts.ReadyCamera);

    private static WayPage PhoneSave => Save(AnotherDeviceTexts.PhoneReminder, AnotherDeviceTexts.DialogCamera, AnotherDeviceTexts.DialogSave);

    private static WayPage TurnOn(string title, string note, params InstructionList[] steps) =>
        new(WayPageKind.Tell, WayPage.TurnOn, title, BrowserWaysTexts.DoneThis) { Steps = steps, Note = note };

    private static WayPage Ready(string scanner) => new(WayPageKind.Tell, "ready", AnotherDeviceTexts.ReadyTitle, ShellTexts.Next)
    {
        Steps = [new(null, AnotherDeviceTexts.ReadyBluetooth, AnotherDeviceTexts.ReadyInternet, AnotherDeviceTexts.ReadyClose, scanner)],
    };

    private static WayPage Save(string reminder, string scan, string approve) => new(WayPageKind.Save, "save", BrowserWaysTexts.SaveTitle, ShellTexts.Next)
    {
        Reminder = reminder,
        Steps = [new(null, AnotherDeviceTexts.DialogOpens, AnotherDeviceTexts.DialogChoose, scan, approve)],
    };
}
