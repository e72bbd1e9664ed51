using System.Diagnostics.CodeAnalysis;
using Latchkey.Phone.Settings;

namespace Latchkey.Phone;

/// <summary>What the program was started with.</summary>
/// <param name="System">Which phone.</param>
/// <param name="Server">The portal.</param>
/// <param name="DataDirectory">Where <c>./run</c> keeps its data: the demo people, and the phone's vault.</param>
/// <param name="Walks">Whether the steps are performed without hands.</param>
/// <param name="ShowsOutcomes">Whether they are those of the three outcomes.</param>
/// <param name="Pictures">Where the pictures of a walk go.</param>
internal sealed record PhoneOptions(PhoneSystem System, Uri Server, string DataDirectory, bool Walks, bool ShowsOutcomes, string Pictures)
{
    public const string Usage = "Usage: Latchkey.Phone --system ios|android --server URL --data DIR [--walk|--walk-outcomes [--pictures DIR]]";

    public static bool TryParse(string[] args, [NotNullWhen(true)] out PhoneOptions? options, [NotNullWhen(false)] out string? problem)
    {
        (options, problem) = (null, null);
        PhoneSystem? system = null;
        Uri? server = null;
        string? data = null, pictures = null;
        var (walks, outcomes) = (false, false);
        for (var i = 0; i < args.Length; i++)
        {
            var value = i + 1 < args.Length ? args[i + 1] : null;
            switch (args[i])
            {
                case "--walk": walks = true; continue;
                case "--walk-outcomes": (walks, outcomes) = (true, true); continue;
                case "--system" when value is "ios" or "android": system = value == "ios" ? PhoneSystem.Ios : PhoneSystem.Android; break;
                case "--server" when Uri.TryCreate(value, UriKind.Absolute, out server): break;
                case "--data" when value is not null: data = Path.GetFullPath(value); break;
                case "--pictures" when value is not null: pictures = Path.GetFullPath(value); break;
                default:
                    problem = $"{args[i]} {value} is not understood.\n{Usage}";
                    return false;
            }

            i++;
        }

        if (system is null || server is null || data is null)
        {
            problem = Usage;
            return false;
        }

        options = new(system.Value, server, data, walks, outcomes, pictures ?? Path.Combine(data, "pictures"));
        return true;
    }
}
