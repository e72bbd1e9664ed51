namespace Latchkey.Cli.Commands;

/// <summary>Finds what a person means by a name, an ID, or the beginning of one.</summary>
internal static class Named
{
    // Those of one minute begin alike: eight digits are seldom enough for two of them.
    private const int Shortest = 8;

    /// <summary>The one that is meant: by its whole ID, by its name, or by the beginning of its ID when only one begins so.</summary>
    /// <param name="all">Those there are.</param>
    /// <param name="wanted">What was typed.</param>
    /// <param name="id">The ID of one.</param>
    /// <param name="name">Its name.</param>
    /// <param name="kind">What it is, in a sentence: <c>passkey of joan</c>.</param>
    /// <param name="list">The command that shows all.</param>
    /// <exception cref="NotDoneException">None is meant, or several.</exception>
    public static T Find<T>(IReadOnlyCollection<T> all, string wanted, Func<T, string> id, Func<T, string?> name, string kind, string list)
    {
        List<T> found = wanted.Length == 0 ? []
            : all.Where(one => string.Equals(id(one), wanted, StringComparison.OrdinalIgnoreCase)).ToList() is { Count: > 0 } exact ? exact
            : all.Where(one => name(one) == wanted).ToList() is { Count: > 0 } named ? named
            : all.Where(one => id(one).StartsWith(wanted, StringComparison.OrdinalIgnoreCase)).ToList();
        return found switch
        {
            [var one] => one,
            [] => throw new NotDoneException($"There is no {kind} called {wanted}, nor one whose ID begins so. `{list}` shows them."),
            _ => throw new NotDoneException($"Several are meant by {wanted}: {string.Join(", ", found.Select(one => Short(id(one), [.. all.Select(id)])))}. Name one by that."),
        };
    }

    /// <summary>The beginning of an ID that no other one has.</summary>
    public static string Short(string id, IReadOnlyCollection<string> all)
    {
        var length = Shortest;
        while (length < id.Length && all.Any(other => other != id && other.StartsWith(id[..length], StringComparison.OrdinalIgnoreCase))) length++;
        return length < id.Length ? id[..length] : id;
    }
}
