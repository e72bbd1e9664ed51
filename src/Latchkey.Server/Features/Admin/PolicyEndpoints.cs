using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Latchkey.Api;
using Latchkey.Api.Administration;
using Latchkey.Server.Features.Policies;
using Latchkey.Server.Shell;
using Latchkey.Server.Storage;
using Microsoft.EntityFrameworkCore;
using Microsoft.Net.Http.Headers;

namespace Latchkey.Server.Features.Admin;

/// <summary>The authentication methods policy: shown whole, changed by a merge patch, tried out before it holds.</summary>
internal static class PolicyEndpoints
{
    private const string Methods = "authenticationMethodConfigurations", Version = "version", LastModified = "lastModifiedDateTime";

    public static async Task<IResult> GetAsync(HttpContext context, PolicyStore policies, LatchkeyDb db, CancellationToken cancellation)
    {
        var (policy, version) = await policies.GetAsync(cancellation);
        context.Response.Headers.ETag = TagOf(version);
        return Results.Json(
            new PolicyDocument(version, (await db.Policies.AsNoTracking().FirstOrDefaultAsync(p => p.Id == StoredPolicy.TheOne, cancellation))?.ChangedAt, JsonOf(policy)), ApiJson.Default.PolicyDocument);
    }

    public static async Task<IResult> ChangeAsync(
        HttpContext context, PolicyStore policies, PolicyImpact impact, AttestationAuthorities authorities, LatchkeyDb db, AuditLog audit, TimeProvider time,
        CancellationToken cancellation)
    {
        var (before, version) = await policies.GetAsync(cancellation);
        try
        {
            var patch = Parse(await context.ReadBodyAsync(cancellation));
            foreach (var seen in VersionsSeen(context, patch))
            {
                if (seen != version.ToString(CultureInfo.InvariantCulture))
                {
                    throw new PolicyException(PolicyException.VersionMismatch, version.ToString(CultureInfo.InvariantCulture), seen);
                }
            }

            var merged = MergePatch.Apply(PolicyJson.Write(before), patch[Methods] ?? new JsonObject());
            await GroupNames.ReplaceAsync(merged, db, cancellation);
            var after = PolicyJson.Read(merged as JsonObject ?? throw new PolicyException(PolicyException.ValueInvalid, merged?.ToJsonString() ?? "null", Methods));
            PolicyRules.Demand(after);
            await DemandGroupsAsync(after, db, cancellation);

            var now = DateTimeOffset.FromUnixTimeMilliseconds(time.GetUtcNow().ToUnixTimeMilliseconds()); // as it is read again
            var refused = await impact.OfAsync(before, after, cancellation);
            var isDryRun = context.Request.Query.ContainsKey("dryRun");
            if (!isDryRun)
            {
                await policies.ReplaceAsync(after, now, cancellation);
                audit.Add("policy.changed", userId: null, $"version {version + 1}", actor: AuditLog.Local);
                await db.SaveChangesAsync(cancellation);
                context.Response.Headers.ETag = TagOf(version + 1);
            }

            var warnings = PolicyRules.Warnings(after, await authorities.AnchorsAsync(cancellation)).Distinct().ToList();
            return Results.Json(
                new PolicyChange(new PolicyDocument(isDryRun ? version : version + 1, isDryRun ? null : now, JsonOf(after)), refused, warnings), ApiJson.Default.PolicyChange);
        }
        catch (PolicyException problem)
        {
            audit.Add("policy.changed", userId: null, problem.Code, actor: AuditLog.Local);
            db.ChangeTracker.Entries<StoredPolicy>().ToList().ForEach(entry => entry.State = EntityState.Detached);
            await db.SaveChangesAsync(cancellation);
            return LocalProblems.OfTable(context, problem.Code, problem.About, problem.Place);
        }
        catch (DbUpdateException)
        {
            return LocalProblems.OfTable(context, PolicyException.VersionMismatch, version + 1, version); // somebody else's change came first
        }
    }

    private static JsonObject Parse(ReadOnlyMemory<byte> body)
    {
        try
        {
            var patch = JsonNode.Parse(body.Span, documentOptions: new() { AllowDuplicateProperties = false }) as JsonObject ?? throw new PolicyException(PolicyException.Malformed, "not a JSON object", "");
            DemandUnicode(body.Span);
            new PolicyObject(patch, "$").Only(Methods, Version, LastModified);
            return patch;
        }
        catch (Exception problem) when (problem is JsonException or InvalidOperationException)
        {
            throw new PolicyException(PolicyException.Malformed, problem.Message, "");
        }
    }

    /// <summary>A tree decodes a text when somebody reads it: one with half a character has to be found before that.</summary>
    private static void DemandUnicode(ReadOnlySpan<byte> body)
    {
        var reader = new Utf8JsonReader(body);
        while (reader.Read())
        {
            if (reader.TokenType is JsonTokenType.PropertyName or JsonTokenType.String) _ = reader.GetString();
        }
    }

    /// <summary>The versions a change is for: the header's, and the one a file that was shown before carries.</summary>
    private static IEnumerable<string> VersionsSeen(HttpContext context, JsonObject patch)
    {
        if (context.Request.Headers.IfMatch.ToString() is { Length: > 0 } header)
        {
            yield return header.Trim('"');
        }

        if (patch[Version] is { } version)
        {
            yield return version.ToJsonString();
        }
    }

    private static async Task DemandGroupsAsync(AuthenticationMethodsPolicy policy, LatchkeyDb db, CancellationToken cancellation)
    {
        var named = policy.Groups;
        var there = await db.Groups.Where(group => named.Contains(group.Id)).Select(group => group.Id).ToHashSetAsync(cancellation);
        if (named.Order().FirstOrDefault(id => !there.Contains(id)) is var missing && missing != Guid.Empty)
        {
            throw new PolicyException(PolicyException.GroupUnknown, missing.ToString(), Methods);
        }
    }

    private static JsonElement JsonOf(AuthenticationMethodsPolicy policy) => JsonSerializer.SerializeToElement(PolicyJson.Write(policy), ApiJson.Default.JsonObject);

    private static string TagOf(int version) => new EntityTagHeaderValue($"\"{version.ToString(CultureInfo.InvariantCulture)}\"").ToString();
}
