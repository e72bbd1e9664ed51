using Latchkey.Server.Shell;

namespace Latchkey.Server.Features.SecurityInfo.AnotherDevice;

/// <summary>What one page tells a person to do.</summary>
/// <param name="Title">The page's heading.</param>
/// <param name="Steps">What to do, in order; several lists where versions differ.</param>
/// <param name="Go">The button's label.</param>
/// <param name="Note">What else to know.</param>
public sealed record Instructions(string Title, IReadOnlyList<InstructionList> Steps, string Go, string? Note = null);

/// <param name="For">Which version it is for, where there are several.</param>
public sealed record InstructionList(string? For, params IReadOnlyList<string> Steps);

/// <summary>A kind of device the passkey can be saved on, and what the path says for it. A further kind is a further row of the table.</summary>
public sealed record DevicePlatform
{
    /// <summary>Its name in addresses.</summary>
    public required string Name { get; init; }

    public required string Label { get; init; }

    public required string Icon { get; init; }

    /// <summary>The oldest version that will do, where there is one.</summary>
    public string? Minimum { get; init; }

    public required IReadOnlyList<DevicePage> Pages { get; init; }

    public required Instructions TurnOn { get; init; }

    public required Instructions Ready { get; init; }

    public required Instructions Save { get; init; }

    /// <summary>Whether a page with <em>Done</em> comes before the passkey's name is asked for.</summary>
    public required bool SaysDone { get; init; }

    /// <summary>Where to go once the passkey is on the server.</summary>
    public string NextOf(Guid passkey) => $"/security-info/passkeys/{passkey}/{(SaysDone ? "created" : "name?new=1")}";

    public static DevicePlatform? Find(string? name) => All.FirstOrDefault(platform => platform.Name == name);

    /// <summary>The table.</summary>
    public static IReadOnlyList<DevicePlatform> All =>
    [
        new()
        {
            Name = "ios",
            Label = AnotherDeviceTexts.Ios,
            Icon = "phone",
            Minimum = AnotherDeviceTexts.IosMinimum,
            Pages = DevicePath.Then(DevicePage.TurnOn, DevicePage.Ready, DevicePage.Save),
            TurnOn = new(
                AnotherDeviceTexts.TurnOnTitle,
                [
                    new(AnotherDeviceTexts.IosLater, AnotherDeviceTexts.OpenSettings, AnotherDeviceTexts.IosLaterPath, AnotherDeviceTexts.IosAutoFill, AnotherDeviceTexts.IosChoose),
                    new(AnotherDeviceTexts.Ios17, AnotherDeviceTexts.OpenSettings, AnotherDeviceTexts.Ios17Path, AnotherDeviceTexts.IosAutoFill, AnotherDeviceTexts.IosChoose),
                ],
                ShellTexts.Continue,
                AnotherDeviceTexts.ComeBack),
            Ready = PhoneReady,
            Save = PhoneSave,
            SaysDone = true,
        },
        new()
        {
            Name = "android",
            Label = AnotherDeviceTexts.Android,
            Icon = "phone",
            Minimum = AnotherDeviceTexts.AndroidMinimum,
            Pages = DevicePath.Then(DevicePage.TurnOn, DevicePage.Ready, DevicePage.Save),
            TurnOn = new(
                AnotherDeviceTexts.TurnOnTitle,
                [new(null, AnotherDeviceTexts.OpenSettings, AnotherDeviceTexts.AndroidPath, AnotherDeviceTexts.AndroidChoose)],
                ShellTexts.Continue,
                AnotherDeviceTexts.AndroidDiffers),
            Ready = PhoneReady,
            Save = PhoneSave,
            SaysDone = false,
        },
        new()
        {
            Name = "computer",
            Label = AnotherDeviceTexts.Computer,
            Icon = "laptop",
            Pages = DevicePath.Then(DevicePage.TurnOn, DevicePage.Ready, DevicePage.Save),
            TurnOn = new(
                AnotherDeviceTexts.ComputerTitle,
                [new(null, AnotherDeviceTexts.ComputerOpen, AnotherDeviceTexts.ComputerScan)],
                ShellTexts.Continue,
                AnotherDeviceTexts.ComputerNothing),
            Ready = new(
                AnotherDeviceTexts.ReadyTitle,
                [new(null, AnotherDeviceTexts.ReadyBluetooth, AnotherDeviceTexts.ReadyInternet, AnotherDeviceTexts.ReadyClose, AnotherDeviceTexts.ReadyScanner)],
                ShellTexts.Next),
            Save = new(
                AnotherDeviceTexts.SaveTitle,
                [new(null, AnotherDeviceTexts.DialogOpens, AnotherDeviceTexts.DialogChoose, AnotherDeviceTexts.DialogScanner, AnotherDeviceTexts.DialogApprove)],
                ShellTexts.Next,
                AnotherDeviceTexts.ComputerReminder),
            SaysDone = true,
        },
    ];

    private static Instructions PhoneReady => new(
        AnotherDeviceTexts.ReadyTitle,
        [new(null, AnotherDeviceTexts.ReadyBluetooth, AnotherDeviceTexts.ReadyInternet, AnotherDeviceTexts.ReadyClose, AnotherDeviceTexts.ReadyCamera)],
        ShellTexts.Next);

    private static Instructions PhoneSave => new(
        AnotherDeviceTexts.SaveTitle,
        [new(null, AnotherDeviceTexts.DialogOpens, AnotherDeviceTexts.DialogChoose, AnotherDeviceTexts.DialogCamera, AnotherDeviceTexts.DialogSave)],
        ShellTexts.Next,
        AnotherDeviceTexts.PhoneReminder);
}
