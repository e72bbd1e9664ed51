using Latchkey.Server.Features.SecurityInfo.BrowserWays;
using Latchkey.Server.Shell;
using Latchkey.Server.Storage;

namespace Latchkey.Server.Features.SecurityInfo.ThisDevice;

/// <summary>A passkey that the Authenticator on this very device saves: the system, or on a computer our browser extension, hands it the request.</summary>
internal static class ThisDeviceWay
{
    public const string Name = "this-device", Ios = "ios", Ios17 = "ios-17", Android = "android", Computer = "computer";

    public const string Root = AddWizard.Root + AddWizard.Choose + "/" + Name;

    /// <summary>The table.</summary>
    public static BrowserWay Value => new()
    {
        Name = Name,
        Registration = RegistrationWay.ThisDevice,
        Question = new(WayPageKind.Platform, "platform", ThisDeviceTexts.QuestionTitle) { Lead = ThisDeviceTexts.QuestionText },
        OtherAnswer = new(ThisDeviceTexts.Older, ThisDeviceTexts.OlderText, Cannot.Address(Cannot.Old)),
        Causes = [ThisDeviceTexts.CauseProvider, ThisDeviceTexts.CauseCancelled, ThisDeviceTexts.CauseDenied, ThisDeviceTexts.CauseLock],
        LooksFor = "internet",
        Waiting = ThisDeviceTexts.Waiting,
        TimedOut = ThisDeviceTexts.TimedOut,
        Instead = BrowserWaysTexts.Instead,
        IsThisDevice = true,
        Platforms =
        [
            new()
            {
                Name = Ios,
                Label = ThisDeviceTexts.Ios,
                Icon = "phone",
                Pages = [App, TurnOnPhone(ThisDeviceTexts.ComeBack, TurnOnSteps.Ios18(null, ThisDeviceTexts.OpenSettings)), SaveFromHere],
                SaysDone = true,
            },
            new()
            {
                Name = Ios17,
                Label = ThisDeviceTexts.Ios17,
                Icon = "phone",
                Pages = [App, TurnOnPhone(ThisDeviceTexts.ComeBack, TurnOnSteps.Ios17(null, ThisDeviceTexts.OpenSettings)), SaveFromHere],
                SaysDone = true,
            },
            new()
            {
                Name = Android,
                Label = ThisDeviceTexts.Android,
                Icon = "phone",
                Minimum = ThisDeviceTexts.AndroidMinimum,
                Pages =
                [
                    new(WayPageKind.Tell, "set-up", ThisDeviceTexts.SetUpTitle, ShellTexts.Next)
                    {
                        IsOpen = true, Lead = ThisDeviceTexts.SetUpLead, Needs = [ThisDeviceTexts.SetUpMinimum, ThisDeviceTexts.SetUpProfile],
                    },
                    new(WayPageKind.Tell, "confirm", ThisDeviceTexts.ConfirmTitle, ThisDeviceTexts.Add) { IsOpen = true, Lead = ThisDeviceTexts.ConfirmLead, SaysSecondFactor = true },
                    new(WayPageKind.Tell, "support", ThisDeviceTexts.SupportTitle, ShellTexts.Continue) { Lead = ThisDeviceTexts.SupportLead },
                    new(WayPageKind.Tell, "begin", ThisDeviceTexts.BeginTitle, ShellTexts.Next) { Steps = [new(null, ThisDeviceTexts.BeginApp, ThisDeviceTexts.BeginTurnOn)] },
                    App,
                    TurnOnPhone(ThisDeviceTexts.AndroidDiffers, TurnOnSteps.Android(ThisDeviceTexts.OpenSettings)),
                    new(WayPageKind.Tell, "remember", BrowserWaysTexts.SaveTitle, ThisDeviceTexts.IUnderstand) { Reminder = ThisDeviceTexts.SaveReminder },
                    new(WayPageKind.Save, "save", ThisDeviceTexts.AnotherWayTitle, ShellTexts.Continue)
                    {
                        Lead = ThisDeviceTexts.AnotherWayLead,
                        Steps = [new(null, ThisDeviceTexts.AnotherWayOpens, ThisDeviceTexts.AnotherWayMore, ThisDeviceTexts.AnotherWayChoose, ThisDeviceTexts.SaveConfirm)],
                    },
                ],
                SaysDone = false,
            },
            new()
            {
                Name = Computer,
                Label = ThisDeviceTexts.Computer,
                Icon = "laptop",
                Minimum = ThisDeviceTexts.ComputerBrowsers,
                LooksFor = "internet extension",
                Pages =
                [
                    App,
                    new(WayPageKind.Tell, WayPage.TurnOn, ThisDeviceTexts.ComputerTurnOnTitle, BrowserWaysTexts.DoneThis)
                    {
                        Lead = ThisDeviceTexts.ComputerTurnOnLead,
                        Steps = [new(null, ThisDeviceTexts.ComputerOpen, ThisDeviceTexts.ComputerSettings, ThisDeviceTexts.ComputerChoose)],
                        Note = ThisDeviceTexts.ComeBack,
                    },
                    new(WayPageKind.Save, "save", BrowserWaysTexts.SaveTitle, ThisDeviceTexts.IUnderstand)
                    {
                        Reminder = ThisDeviceTexts.SaveComputerReminder, Steps = [new(null, ThisDeviceTexts.SaveComputerOpens, ThisDeviceTexts.SaveComputerPin)],
                    },
                ],
                SaysDone = true,
            },
        ],
    };

    private static WayPage App => new(WayPageKind.App, "app", ShellTexts.GetAuthenticator, ShellTexts.Next) { Lead = ThisDeviceTexts.AppText };

    private static WayPage SaveFromHere => new(WayPageKind.Save, "save", BrowserWaysTexts.SaveTitle, ThisDeviceTexts.IUnderstand)
    {
        Reminder = ThisDeviceTexts.SaveReminder, Steps = [new(null, ThisDeviceTexts.SaveOpens, ThisDeviceTexts.SaveChoose, ThisDeviceTexts.SaveConfirm)],
    };

    private static WayPage TurnOnPhone(string note, params InstructionList[] steps) => new(WayPageKind.Tell, WayPage.TurnOn, ThisDeviceTexts.TurnOnTitle, BrowserWaysTexts.DoneThis)
    {
        Lead = ThisDeviceTexts.TurnOnLead, Steps = steps, Note = note,
    };
}
