using System.Globalization;

namespace Latchkey.Client;

/// <summary>
/// Which domains are registries rather than somebody's: <c>com</c>, <c>co.uk</c>, <c>github.io</c>.
/// <see href="https://publicsuffix.org/list/"/>
/// </summary>
internal sealed class PublicSuffixList
{
    private static readonly IdnMapping Idn = new();
    private readonly HashSet<string> _rules = new(StringComparer.Ordinal);
    private readonly HashSet<string> _wildcards = new(StringComparer.Ordinal);
    private readonly HashSet<string> _exceptions = new(StringComparer.Ordinal);

    private PublicSuffixList(TextReader list)
    {
        while (list.ReadLine() is { } line)
        {
            // "Each line is only read up to the first whitespace; entire lines can also be commented using //."
            var rule = line.Split(' ', '\t')[0];
            if (rule.Length == 0 || rule.StartsWith("//", StringComparison.Ordinal))
            {
                continue;
            }

            _ = rule[0] switch
            {
                '!' => _exceptions.Add(Idn.GetAscii(rule[1..])),
                '*' => _wildcards.Add(Idn.GetAscii(rule[2..])),
                _ => _rules.Add(Idn.GetAscii(rule)),
            };
        }
    }

    /// <summary>The list this version was built with.</summary>
    public static PublicSuffixList Vendored { get; } = Load();

    /// <summary>The public suffix of a domain in its ASCII, lower-case form; the last label when no rule matches.</summary>
    public string PublicSuffixOf(string domain)
    {
        for (var start = 0; ; start = domain.IndexOf('.', start) + 1)
        {
            var candidate = domain[start..];
            var dot = candidate.IndexOf('.', StringComparison.Ordinal);
            var parent = dot < 0 ? null : candidate[(dot + 1)..];
            if (parent is not null && _exceptions.Contains(candidate))
            {
                return parent;
            }

            if (parent is null || _rules.Contains(candidate) || _wildcards.Contains(parent))
            {
                return candidate;
            }
        }
    }

    private static PublicSuffixList Load()
    {
        using var stream = typeof(PublicSuffixList).Assembly.GetManifestResourceStream("public_suffix_list.dat")!;
        using var reader = new StreamReader(stream);
        return new(reader);
    }
}
