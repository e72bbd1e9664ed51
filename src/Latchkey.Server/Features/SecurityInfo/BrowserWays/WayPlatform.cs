namespace Latchkey.Server.Features.SecurityInfo.BrowserWays;

/// <summary>What a page of a way does besides telling.</summary>
public enum WayPageKind
{
    /// <summary>Tells what to do.</summary>
    Tell,

    /// <summary>Offers the Authenticator.</summary>
    App,

    /// <summary>Asks for the kind of device.</summary>
    Platform,

    /// <summary>Opens the browser's dialog.</summary>
    Save,
}

/// <summary>A page of a way, as data.</summary>
/// <param name="Name">Its name in addresses.</param>
/// <param name="Title">Its heading.</param>
/// <param name="Go">The button's label; none where the page's own choices lead on.</param>
public sealed record WayPage(WayPageKind Kind, string Name, string Title, string? Go = null)
{
    /// <summary>The name of the page that says how to turn the Authenticator on.</summary>
    public const string TurnOn = "turn-on";

    public string? Lead { get; init; }

    /// <summary>What to have or to know, in no order.</summary>
    public IReadOnlyList<string> Needs { get; init; } = [];

    /// <summary>What to do, in order; several lists where versions differ.</summary>
    public IReadOnlyList<InstructionList> Steps { get; init; } = [];

    /// <summary>What must not be missed.</summary>
    public string? Reminder { get; init; }

    /// <summary>What else to know.</summary>
    public string? Note { get; init; }

    /// <summary>Seen before the second factor is asked for.</summary>
    public bool IsOpen { get; init; }

    /// <summary>Says what is missing, if something is.</summary>
    public bool LooksAhead { get; init; }

    /// <summary>Says whether the second factor is asked for next.</summary>
    public bool SaysSecondFactor { get; init; }
}

/// <param name="For">Which version it is for, where there are several.</param>
public sealed record InstructionList(string? For, params IReadOnlyList<string> Steps);

/// <summary>An answer to the question for the kind of device that leads out of the way.</summary>
public sealed record WayAnswer(string Label, string Text, string Address);

/// <summary>A kind of device the passkey can be saved on, and what a way says for it. A further kind is a further row of the way's table.</summary>
public sealed record WayPlatform
{
    /// <summary>Its name in addresses.</summary>
    public required string Name { get; init; }

    public required string Label { get; init; }

    public required string Icon { get; init; }

    /// <summary>The oldest version that will do, where there is one.</summary>
    public string? Minimum { get; init; }

    /// <summary>What is looked for before the dialog opens, where it is not what the way looks for.</summary>
    public string? LooksFor { get; init; }

    /// <summary>All pages, in order; the last opens the browser's dialog.</summary>
    public required IReadOnlyList<WayPage> Pages { get; init; }

    /// <summary>Whether a page with <em>Done</em> comes before the passkey's name is asked for.</summary>
    public required bool SaysDone { get; init; }

    /// <summary>Where to go once the passkey is on the server.</summary>
    public string NextOf(Guid passkey) => $"/security-info/passkeys/{passkey}/{(SaysDone ? "created" : "name?new=1")}";
}
