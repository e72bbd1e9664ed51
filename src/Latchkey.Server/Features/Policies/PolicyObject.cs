using System.Text.Json;
using System.Text.Json.Nodes;

namespace Latchkey.Server.Features.Policies;

/// <summary>An object of the policy document and its place in it, so that what is wrong can be found.</summary>
internal sealed record PolicyObject(JsonObject Json, string Place)
{
    public string PlaceOf(string member) => $"{Place}.{member}";

    /// <summary>Refuses members nobody knows: a slip of the pen would otherwise change nothing and say nothing.</summary>
    public PolicyObject Only(params ReadOnlySpan<string> members)
    {
        foreach (var (name, _) in Json)
        {
            if (!members.Contains(name)) throw new PolicyException(PolicyException.MemberUnknown, name, Place);
        }

        return this;
    }

    public bool Has(string member) => Json.ContainsKey(member);

    /// <summary>The ID that is the object's own name.</summary>
    public Guid Id() => Guid.TryParseExact(Place[(Place.LastIndexOf('.') + 1)..], "D", out var id)
        ? id
        : throw new PolicyException(PolicyException.ValueInvalid, Place[(Place.LastIndexOf('.') + 1)..], Place);

    public PolicyObject Object(string member) => new(Node(member) as JsonObject ?? throw Invalid(member), PlaceOf(member));

    public IEnumerable<PolicyObject> Objects() => Json.Select(member => Object(member.Key));

    public IEnumerable<PolicyObject> Array(string member) => (Node(member) as JsonArray ?? throw Invalid(member))
        .Select((item, index) => new PolicyObject(item as JsonObject ?? throw Invalid(member), $"{PlaceOf(member)}[{index}]"));

    public IEnumerable<string> Texts(string member) => (Node(member) as JsonArray ?? throw Invalid(member))
        .Select(item => item?.GetValueKind() is JsonValueKind.String ? item.GetValue<string>() : throw Invalid(member));

    public string Text(string member) => Node(member) is { } node && node.GetValueKind() is JsonValueKind.String ? node.GetValue<string>() : throw Invalid(member);

    public bool Boolean(string member) => Node(member)?.GetValueKind() switch
    {
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        _ => throw Invalid(member),
    };

    public int Integer(string member, int least, int most) =>
        Node(member) is JsonValue value && value.GetValueKind() is JsonValueKind.Number && value.TryGetValue<int>(out var number) && number >= least && number <= most
            ? number
            : throw Invalid(member);

    public T Choice<T>(string member, params (string Text, T Value)[] choices)
    {
        var text = Text(member);
        return System.Array.FindIndex(choices, choice => choice.Text == text) is >= 0 and var index ? choices[index].Value : throw Invalid(member);
    }

    private JsonNode? Node(string member) => Json.TryGetPropertyValue(member, out var node) ? node : throw new PolicyException(PolicyException.MemberMissing, member, Place);

    private PolicyException Invalid(string member) => new(PolicyException.ValueInvalid, Json[member]?.ToJsonString() ?? "null", PlaceOf(member));
}

/// <summary>A policy that cannot be: the code of the problem, what it is about, and where it stands.</summary>
internal sealed class PolicyException(string code, string about, string place) : Exception($"{code}: {about} in {place}")
{
    public const string
        GroupUnknown = "policy_group_unknown",
        ProfileUnknown = "policy_profile_unknown",
        MemberUnknown = "policy_member_unknown",
        MemberMissing = "policy_member_missing",
        ValueInvalid = "policy_value_invalid",
        AaguidInvalid = "policy_aaguid_invalid",
        Contradictory = "policy_contradictory",
        Malformed = "policy_malformed",
        VersionMismatch = "policy_version_mismatch",
        GroupInPolicy = "policy_names_group";

    public string Code => code;

    public string About => about;

    public string Place => place;

    public static PolicyException Contradiction(string place, string why) => new(Contradictory, why, place);
}
