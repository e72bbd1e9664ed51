using System.Text.Json.Nodes;
using Latchkey.Protocol.Cose;
using Latchkey.Protocol.WebAuthn;
using Latchkey.RelyingParty.Recorded;
using Latchkey.RelyingParty.Tests.Scenarios;

namespace Latchkey.RelyingParty.Tests.Recorded;

/// <summary>What a case may leave out, what it must have, and what it is told.</summary>
public sealed class RecordedCeremonyTests
{
    private static readonly string SomeId = CredentialId.Random().ToString();

    [Fact]
    public void Finds_the_happy_cases_valid_with_only_the_required_members()
    {
        Assert.Equal((RecordedOutcome.Valid, null), Told(RecordedCaseBuilder.Registration()));
        Assert.Equal((RecordedOutcome.Valid, null), Told(RecordedCaseBuilder.Authentication()));
    }

    [Theory]
    [InlineData("kind")]
    [InlineData("rpId")]
    [InlineData("origins")]
    [InlineData("challenge")]
    [InlineData("response")]
    [InlineData("storedPublicKeyCose")]
    public void Finds_a_case_invalid_that_lacks_a_required_member(string member)
    {
        var recorded = RecordedCaseBuilder.Authentication();
        recorded.Remove(member);
        Assert.Equal((RecordedOutcome.Malformed, "case_invalid"), Told(recorded));

        recorded[member] = null;
        Assert.Equal((RecordedOutcome.Malformed, "case_invalid"), Told(recorded));
    }

    [Theory]
    [InlineData("kind", "\"attestation\"")]
    [InlineData("rpId", "1")]
    [InlineData("origins", "\"https://example.org\"")]
    [InlineData("origins", "[1]")]
    [InlineData("challenge", "\"AA==\"")]
    [InlineData("response", "\"{}\"")]
    [InlineData("response", "{}")]
    [InlineData("allowCrossOrigin", "\"true\"")]
    [InlineData("storedSignCount", "-1")]
    [InlineData("storedSignCount", "4294967296")]
    [InlineData("storedSignCount", "\"1\"")]
    [InlineData("storedPublicKeyCose", "\"AAAA\"")]
    [InlineData("atTime", "\"yesterday\"")]
    [InlineData("atTime", "\"2026-01-01T00:00:00\"")]
    [InlineData("attestationTrust", "\"maybe\"")]
    [InlineData("trustAnchorsPem", "[\"AAAA\"]")]
    [InlineData("trustAnchorsPem", "[\"-----BEGIN CERTIFICATE-----\\nAAAA\\n-----END CERTIFICATE-----\\n\"]")]
    [InlineData("pubKeyCredParams", "[\"ES256\"]")]
    [InlineData("allowCredentials", "[\"a b\"]")]
    public void Finds_a_case_invalid_that_has_a_member_of_another_form(string member, string json)
    {
        var recorded = RecordedCaseBuilder.Authentication();
        recorded[member] = JsonNode.Parse(json);

        Assert.Equal((RecordedOutcome.Malformed, "case_invalid"), Told(recorded));
    }

    [Theory]
    [InlineData("[]")]
    [InlineData("null")]
    [InlineData("1")]
    [InlineData("{\"kind\":\"registration\",\"rpId\":\"\\ud800\"}")]
    public void Finds_a_case_invalid_that_is_no_object_or_no_Unicode(string json)
    {
        using var document = System.Text.Json.JsonDocument.Parse(json);

        Assert.Equal("case_invalid", new RecordedCeremony(TimeProvider.System).Judge(document.RootElement).Error);
    }

    [Fact]
    public void Passes_over_members_nobody_knows()
    {
        var recorded = RecordedCaseBuilder.Registration();
        recorded["comment"] = new JsonObject { ["x"] = 1 };
        recorded["response"]!["extra"] = 1;
        recorded["response"]!["response"]!["extra"] = new JsonArray(1, 2);

        Assert.Equal((RecordedOutcome.Valid, null), Told(recorded));
    }

    [Fact]
    public void Offers_all_algorithms_when_none_are_named_and_none_when_the_list_is_empty()
    {
        Assert.Equal((RecordedOutcome.Valid, null), Told(RecordedCaseBuilder.Registration(RegistrationScenario.Happy() with { Key = TestKey.P384() })));
        Assert.Equal("algorithm_not_offered", Registration("pubKeyCredParams", "[-257]"));
        Assert.Equal("algorithm_not_offered", Registration("pubKeyCredParams", "[]"));
        Assert.Null(Registration("pubKeyCredParams", "[-257, -7]"));
    }

    [Fact]
    public void Requires_presence_unless_told_otherwise_and_verification_only_when_told()
    {
        var absent = AuthenticationScenario.Happy() with { UserPresent = false, UserVerified = false };

        Assert.Equal("user_not_present", Authentication(absent));
        Assert.Null(Authentication(absent, ("userPresenceRequired", "false")));
        Assert.Equal("user_not_verified", Authentication(absent with { UserPresent = true }, ("userVerificationRequired", "true")));
    }

    [Fact]
    public void Checks_the_stored_record_only_as_far_as_it_is_told()
    {
        var happy = AuthenticationScenario.Happy() with { SignCount = 3, BackupEligible = true };

        Assert.Null(Authentication(happy));
        Assert.Null(Authentication(happy, ("storedSignCount", "2")));
        Assert.Equal("sign_count_not_increased", Authentication(happy, ("storedSignCount", "3")));
        Assert.Equal("backup_eligibility_changed", Authentication(happy, ("storedBackupEligible", "false")));
        Assert.Null(Authentication(happy, ("storedBackupEligible", "true")));
        Assert.Equal("user_handle_mismatch", Authentication(happy, ("storedUserHandle", "\"AAAA\"")));
        Assert.Null(Authentication(happy with { UserHandle = null }, ("storedUserHandle", "\"AAAA\"")));
        Assert.Equal("credential_not_allowed", Authentication(happy, ("allowCredentials", $"[\"{SomeId}\"]")));
        Assert.Null(Authentication(happy, ("allowCredentials", $"[\"{SomeId}\", \"{happy.Id}\"]")));
    }

    [Fact]
    public void Takes_the_AppID_only_when_the_response_says_it_was_used()
    {
        const string AppId = "https://example.org/appid";
        var used = AuthenticationScenario.Happy() with { AuthenticatorRpId = AppId, AppIdUsed = true };

        Assert.Null(Authentication(used, ("appId", $"\"{AppId}\"")));
        Assert.Equal("rp_id_hash_mismatch", Authentication(used with { AppIdUsed = false }, ("appId", $"\"{AppId}\"")));
        Assert.Equal("rp_id_hash_mismatch", Authentication(used));
    }

    [Fact]
    public void Tells_what_can_be_read_even_when_it_refuses()
    {
        var scenario = RegistrationScenario.Happy() with { Origin = "https://evil.example", UserVerified = false };
        var verdict = RecordedCaseBuilder.Judge(RecordedCaseBuilder.Registration(scenario));

        Assert.Equal((RecordedOutcome.Refused, "origin_mismatch"), (verdict.Outcome, verdict.Error));
        Assert.Equal((0u, true, false, false, false), (verdict.SignCount, verdict.UserPresent, verdict.UserVerified, verdict.BackupEligible, verdict.BackupState));
        Assert.Equal((scenario.CredentialId, scenario.Aaguid, CoseAlgorithm.ES256, "none"), (verdict.CredentialId, verdict.Aaguid, verdict.Algorithm, verdict.AttestationFormat));
        Assert.Null(verdict.AttestationType);
    }

    [Fact]
    public void Names_the_structure_that_is_malformed()
    {
        var recorded = RecordedCaseBuilder.Authentication();
        recorded["response"]!["response"]!["authenticatorData"] = "AAAA";
        Assert.Equal((RecordedOutcome.Malformed, "authenticator_data_malformed"), Told(recorded));

        recorded["response"]!["response"]!["clientDataJSON"] = "AAAA";
        Assert.Equal((RecordedOutcome.Malformed, "client_data_malformed"), Told(recorded));
    }

    [Fact]
    public void Has_a_code_and_a_sentence_for_every_refusal()
    {
        foreach (var error in Enum.GetValues<RelyingParty.Registration.RegistrationError>())
        {
            Assert.Matches("^[a-z_]+$", error.Code());
            Assert.EndsWith(".", RecordedTexts.Of(error), StringComparison.Ordinal);
        }

        foreach (var error in Enum.GetValues<RelyingParty.Authentication.AuthenticationError>())
        {
            Assert.Matches("^[a-z_]+$", error.Code());
            Assert.EndsWith(".", RecordedTexts.Of(error), StringComparison.Ordinal);
        }
    }

    private static string? Registration(string member, string json)
    {
        var recorded = RecordedCaseBuilder.Registration();
        recorded[member] = JsonNode.Parse(json);
        return Told(recorded).Error;
    }

    private static string? Authentication(AuthenticationScenario scenario, params (string Member, string Json)[] members)
    {
        var recorded = RecordedCaseBuilder.Authentication(scenario);
        foreach (var (member, json) in members)
        {
            recorded[member] = JsonNode.Parse(json);
        }

        return Told(recorded).Error;
    }

    private static (RecordedOutcome Outcome, string? Error) Told(JsonObject recorded)
    {
        var verdict = RecordedCaseBuilder.Judge(recorded);
        return (verdict.Outcome, verdict.Error);
    }
}
