using System.Collections;
using System.Globalization;
using System.Resources;
using System.Text.RegularExpressions;
using Latchkey.AuthenticatorApp.Device;
using Latchkey.Hybrid;

namespace Latchkey.AuthenticatorApp.Tests;

/// <summary>What stands on the screen is said in plain words.</summary>
public sealed partial class PlainWordsTests
{
    public static TheoryData<string, string> Texts()
    {
        var texts = new TheoryData<string, string>();
        var app = typeof(AppOptions).Assembly;
        foreach (var name in app.GetManifestResourceNames().Where(name => name.EndsWith("Texts.resources", StringComparison.Ordinal)))
        {
            var set = new ResourceManager(Path.ChangeExtension(name, null), app).GetResourceSet(CultureInfo.InvariantCulture, createIfNotExists: true, tryParents: true)!;
            foreach (DictionaryEntry entry in set) texts.Add($"{name} {entry.Key}", (string)entry.Value!);
        }

        foreach (var problem in Enum.GetValues<HybridProblem>())
        {
            var text = HybridProblemText.Of(problem);
            texts.Add($"{problem}", $"{text.Message} {text.NextStep}");
        }

        return texts;
    }

    [Theory]
    [MemberData(nameof(Texts))]
    public void No_text_needs_a_glossary(string name, string text)
    {
        Assert.NotEmpty(name);
        Assert.DoesNotMatch(Jargon(), text);
    }

    [GeneratedRegex("relay|tunnel|hybrid|CTAP|FIDO2|discoverable|device-bound|advert|D-Bus|WebSocket", RegexOptions.IgnoreCase, 1000)]
    private static partial Regex Jargon();
}
