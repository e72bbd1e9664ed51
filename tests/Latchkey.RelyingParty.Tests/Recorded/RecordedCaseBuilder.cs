using System.Text.Json;
using System.Text.Json.Nodes;
using Latchkey.Protocol;
using Latchkey.RelyingParty.Recorded;
using Latchkey.RelyingParty.Tests.Scenarios;

namespace Latchkey.RelyingParty.Tests.Recorded;

/// <summary>Scenarios as recorded cases, to change as JSON.</summary>
internal static class RecordedCaseBuilder
{
    public static JsonObject Registration(RegistrationScenario? scenario = null)
    {
        scenario ??= RegistrationScenario.Happy();
        return new()
        {
            ["id"] = "case",
            ["kind"] = "registration",
            ["rpId"] = scenario.RpId,
            ["origins"] = new JsonArray([.. scenario.Origins]),
            ["challenge"] = RegistrationScenario.Happy().ClientDataChallenge.Bytes.ToBase64Url(),
            ["response"] = JsonNode.Parse(scenario.Json()),
        };
    }

    public static JsonObject Authentication(AuthenticationScenario? scenario = null)
    {
        scenario ??= AuthenticationScenario.Happy();
        return new()
        {
            ["kind"] = "authentication",
            ["rpId"] = scenario.RpId,
            ["origins"] = new JsonArray([.. scenario.Origins]),
            ["challenge"] = AuthenticationScenario.Happy().ClientDataChallenge.Bytes.ToBase64Url(),
            ["storedPublicKeyCose"] = scenario.Key.Public.Encode().ToBase64Url(),
            ["response"] = JsonNode.Parse(scenario.Json()),
        };
    }

    public static RecordedVerdict Judge(JsonNode recorded)
    {
        using var document = JsonDocument.Parse(recorded.ToJsonString());
        return new RecordedCeremony(TimeProvider.System).Judge(document.RootElement);
    }

    public static string Base64Url(string hex) => ByteString.FromHex(hex).ToBase64Url();
}
