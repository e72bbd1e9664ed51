using System.Reflection;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Latchkey.Api;
using Latchkey.Protocol.WebAuthn;

namespace Latchkey.Accounts.Tests;

/// <summary>
/// Every request and response of the API, by its own contract: an optional member that is null is read as if it were absent, and none is written as null.
/// What the members of WebAuthn's own objects mean is tested where those are.
/// </summary>
public sealed class NullMembersTests
{
    private static readonly NullabilityInfoContext Nullability = new();

    public static TheoryData<string> Contracts => [.. typeof(ApiJson).GetCustomAttributesData()
        .Where(attribute => attribute.AttributeType == typeof(JsonSerializableAttribute)).Select(attribute => (Type)attribute.ConstructorArguments[0].Value!)
        .Where(type => type.Assembly == typeof(ApiJson).Assembly).Select(type => type.FullName!)];

    [Theory]
    [MemberData(nameof(Contracts))]
    public void An_optional_member_that_is_null_is_read_as_if_it_were_absent(string contract)
    {
        var type = typeof(ApiJson).Assembly.GetType(contract)!;
        var sample = Sample(type).AsObject();
        Assert.NotNull(Read(type, sample));
        foreach (var path in OptionalMembers(type, sample))
        {
            var isNull = sample.DeepClone().AsObject();
            var isAbsent = sample.DeepClone().AsObject();
            Parent(isNull, path)[path[^1]] = null;
            Parent(isAbsent, path).Remove(path[^1]);

            var (written, expected) = (Written(type, isNull), Written(type, isAbsent));
            Assert.True(written == expected, $"{string.Join('.', path)}: {written} and not {expected}");
            Assert.DoesNotContain(":null", written, StringComparison.Ordinal);
        }
    }

    private static string Written(Type type, JsonObject json) => JsonSerializer.Serialize(Read(type, json), type, ApiJson.Default);

    private static object? Read(Type type, JsonObject json) => JsonSerializer.Deserialize(json.ToJsonString(), type, ApiJson.Default);

    private static JsonObject Parent(JsonObject root, string[] path) => path[..^1].Aggregate((JsonNode)root, (node, name) => node is JsonArray array ? array[0]! : node[name]!) switch
    {
        JsonArray array => array[0]!.AsObject(),
        var parent => parent.AsObject(),
    };

    private static IEnumerable<string[]> OptionalMembers(Type type, JsonObject sample)
    {
        foreach (var property in Members(type))
        {
            var name = NameOf(property);
            if (IsOptional(property)) yield return [name];
            var (inner, node) = property.PropertyType.IsGenericType && sample[name] is JsonArray { Count: > 0 } array ? (property.PropertyType.GetGenericArguments()[0], array[0]) : (property.PropertyType, sample[name]);
            if (node is not JsonObject nested || !IsOurs(inner)) continue;
            foreach (var path in OptionalMembers(inner, nested)) yield return sample[name] is JsonArray ? [name, "0", .. path] : [name, .. path];
        }
    }

    private static JsonNode Sample(Type type)
    {
        type = Nullable.GetUnderlyingType(type) ?? type;
        if (type == typeof(string)) return "x";
        if (type == typeof(bool)) return true;
        if (type == typeof(Uri)) return "https://example.org/";
        if (type == typeof(DateTimeOffset)) return "2026-01-01T00:00:00+00:00";
        if (type == typeof(Guid)) return Guid.Empty.ToString();
        if (type.IsPrimitive) return 1;
        if (type == typeof(JsonObject)) return new JsonObject { ["member"] = 1 };
        if (type == typeof(PublicKeyCredentialCreationOptions) || type == typeof(PublicKeyCredentialRequestOptions)) return JsonNode.Parse(
            """{"rp":{"name":"Example","id":"example.org"},"user":{"id":"AQ","name":"kim","displayName":"Kim"},"challenge":"AAAAAAAAAAAAAAAAAAAAAA","pubKeyCredParams":[{"type":"public-key","alg":-7}],"rpId":"example.org"}""")!;
        if (type == typeof(RegistrationResponseJson)) return new JsonObject
        {
            ["id"] = "AQ",
            ["response"] = new JsonObject { ["clientDataJSON"] = "e30", ["attestationObject"] = AttestationObject.None(new byte[AuthenticatorData.MinLength]).Encode().ToBase64Url() },
        };
        if (type == typeof(AuthenticationResponseJson)) return JsonNode.Parse("""{"id":"AQ","response":{"clientDataJSON":"e30","authenticatorData":"AA","signature":"AA"}}""")!;
        if (type.IsGenericType && type.GetGenericArguments() is [var item]) return new JsonArray(Sample(item));
        if (type.IsEnum) return JsonSerializer.SerializeToNode(Enum.GetValues(type).GetValue(0), type, ApiJson.Default)!;
        return new JsonObject(Members(type).Select(property => KeyValuePair.Create(NameOf(property), (JsonNode?)Sample(property.PropertyType))));
    }

    private static IEnumerable<PropertyInfo> Members(Type type) => type.GetProperties(BindingFlags.Public | BindingFlags.Instance)
        .Where(property => property.GetCustomAttribute<JsonIgnoreAttribute>() is null && property.CanWrite);

    private static bool IsOptional(PropertyInfo property) =>
        Nullable.GetUnderlyingType(property.PropertyType) is not null || (!property.PropertyType.IsValueType && Nullability.Create(property).ReadState is NullabilityState.Nullable);

    private static bool IsOurs(Type type) => type.Assembly == typeof(ApiJson).Assembly && !type.IsEnum;

    private static string NameOf(PropertyInfo property) => property.GetCustomAttribute<JsonPropertyNameAttribute>()?.Name ?? JsonNamingPolicy.CamelCase.ConvertName(property.Name);
}
