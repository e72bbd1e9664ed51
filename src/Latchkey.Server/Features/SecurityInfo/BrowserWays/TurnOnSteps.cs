namespace Latchkey.Server.Features.SecurityInfo.BrowserWays;

/// <summary>Where each system keeps the switch that turns the Authenticator on. The same wherever a person reads it; only how they get to the settings differs.</summary>
internal static class TurnOnSteps
{
    public static InstructionList Ios18(string? heading, string open) =>
        new(heading, open, BrowserWaysTexts.IosLaterPath, BrowserWaysTexts.IosAutoFill, BrowserWaysTexts.IosChoose);

    public static InstructionList Ios17(string? heading, string open) =>
        new(heading, open, BrowserWaysTexts.Ios17Path, BrowserWaysTexts.IosAutoFill, BrowserWaysTexts.IosChoose);

    public static InstructionList[] Android(string open) =>
    [
        new(BrowserWaysTexts.AndroidLater, open, BrowserWaysTexts.AndroidLaterPath, BrowserWaysTexts.AndroidLaterChoose),
        new(BrowserWaysTexts.Android14, open, BrowserWaysTexts.AndroidPath, BrowserWaysTexts.AndroidChoose),
    ];
}
