namespace Latchkey.Phone.Walk;

/// <summary>One step: what it is called, and what is done.</summary>
/// <param name="Title">As it is printed, and as docs/article.md names it.</param>
/// <param name="Act">Does it, and sees that it worked.</param>
internal sealed record WalkStep(string Title, Func<CancellationToken, Task> Act);

/// <summary>Some steps that belong together.</summary>
/// <param name="Title">What they lead to.</param>
/// <param name="Steps">In their order.</param>
internal sealed record WalkWay(string Title, IReadOnlyList<WalkStep> Steps);
