using System.Globalization;
using System.Text.Json;
using Latchkey.Api;
using Latchkey.Api.Fido2Methods;
using Latchkey.Protocol;
using Latchkey.RelyingParty;
using Latchkey.Server.Features.Problems;
using Latchkey.Server.Shell;
using Latchkey.Server.Storage;

namespace Latchkey.Server.Features.AuthenticationMethods;

/// <summary>The signed-in person's passkeys. <see href="https://learn.microsoft.com/graph/api/resources/fido2authenticationmethod"/></summary>
internal static class Fido2Endpoints
{
    private const string TimeoutParameter = "challengeTimeoutInMinutes";

    public static async Task<IResult> ListAsync(HttpContext context, PasskeyStore passkeys, PasskeyNames names, CancellationToken cancellation) => Results.Json(
        new Fido2AuthenticationMethodCollection(
            [.. (await passkeys.ListAsync(SignedIn.Required(context).User.Id, cancellation)).Select(passkey => View(passkey, names))]),
        ApiJson.Default.Fido2AuthenticationMethodCollection);

    public static async Task<IResult> GetAsync(string id, HttpContext context, PasskeyStore passkeys, PasskeyNames names, CancellationToken cancellation) =>
        await FindAsync(id, context, passkeys, cancellation) is { } passkey
            ? Results.Json(View(passkey, names), ApiJson.Default.Fido2AuthenticationMethod)
            : Refusal.Graph(context, "passkey_not_found");

    public static async Task<IResult> BeginAsync(HttpContext context, RegistrationDesk desk, CancellationToken cancellation)
    {
        var signedIn = SignedIn.Required(context);
        if (!TryReadLife(context.Request, out var life))
        {
            return Refusal.Graph(context, "challenge_timeout_invalid");
        }

        var (options, expires, problem) = await desk.BeginAsync(signedIn.User, signedIn.Session, RegistrationWay.App, replaces: null, life, cancellation);
        return options is null
            ? Refusal.Graph(context, problem!)
            : Results.Json(new WebauthnCredentialCreationOptions(expires, options), ApiJson.Default.WebauthnCredentialCreationOptions);
    }

    public static async Task<IResult> RegisterAsync(
        HttpContext context, RegistrationDesk desk, HandoffStore handoffs, PasskeyNames names, CancellationToken cancellation)
    {
        var signedIn = SignedIn.Required(context);
        if (ReadBody(await context.ReadBodyAsync(cancellation)) is not var (displayName, response))
        {
            return Refusal.Graph(context, "request_malformed");
        }

        var outcome = await desk.CompleteAsync(response, signedIn.User, signedIn.Session, replaces: null, displayName, cancellation);
        if (outcome.Passkey is not { } passkey)
        {
            return Refusal.Graph(context, outcome.Problem!, outcome.Model);
        }

        if (context.Request.Headers[Fido2MethodsClient.HandoffHeader].ToString() is { Length: > 0 and <= 16 } code)
        {
            await handoffs.ArrivedAsync(code, signedIn.User.Id, passkey.Id, cancellation);
        }

        return Results.Json(View(passkey, names), ApiJson.Default.Fido2AuthenticationMethod, statusCode: StatusCodes.Status201Created);
    }

    public static async Task<IResult> RenameAsync(
        string id, HttpContext context, PasskeyStore passkeys, PasskeyNames names, MethodChanges changes, CancellationToken cancellation)
    {
        if (await FindAsync(id, context, passkeys, cancellation) is not { } passkey)
        {
            return Refusal.Graph(context, "passkey_not_found");
        }

        if (ReadName(await context.ReadBodyAsync(cancellation)) is not { } name || !ForeignText.IsName(name, Passkey.MaxDisplayName))
        {
            return Refusal.Graph(context, "display_name_invalid");
        }

        if (await changes.RenameAsync(ProgramAccess.ActorOf(context), SignedIn.Required(context).User, MethodKind.Passkey, passkey.Id, name, cancellation) is { } problem)
        {
            return Refusal.Graph(context, problem is MethodChanges.NotFound ? "passkey_not_found" : problem);
        }

        passkey.DisplayName = name;
        return Results.Json(View(passkey, names), ApiJson.Default.Fido2AuthenticationMethod);
    }

    public static async Task<IResult> DeleteAsync(string id, HttpContext context, PasskeyStore passkeys, MethodChanges changes, CancellationToken cancellation)
    {
        // What is gone already needs no proof: an Authenticator that owes its deletion is told so.
        if (await FindAsync(id, context, passkeys, cancellation) is not { } passkey)
        {
            return Refusal.Graph(context, "passkey_not_found");
        }

        return await changes.DeleteAsync(ProgramAccess.ActorOf(context), SignedIn.Required(context).User, MethodKind.Passkey, passkey.Id, cancellation) is { } problem
            ? Refusal.Graph(context, problem is MethodChanges.NotFound ? "passkey_not_found" : problem)
            : Results.NoContent();
    }

    /// <summary>
    /// <c>challengeTimeoutInMinutes=10</c>, in the function's parentheses; there as an alias whose value stands in the query (OData 4.01 URL Conventions §5.1.1.12);
    /// or in the query by its name. Graph takes 5 to 43200.
    /// </summary>
    private static bool TryReadLife(HttpRequest request, out TimeSpan life)
    {
        life = WebAuthnRelyingParty.CeremonyLife;
        var given = request.RouteValues["parameters"] as string;
        string? value = null;
        if (given is not null)
        {
            if (!given.StartsWith(TimeoutParameter + "=", StringComparison.Ordinal)) return false;
            value = given[(TimeoutParameter.Length + 1)..];
            if (value.StartsWith('@'))
            {
                value = request.Query[value].FirstOrDefault() ?? request.Query[value[1..]].FirstOrDefault() ?? "";
            }
        }

        value ??= request.Query[TimeoutParameter].FirstOrDefault();
        if (value is null) return true;
        if (!int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var minutes) || minutes is < 5 or > 43_200) return false;
        life = TimeSpan.FromMinutes(minutes);
        return true;
    }

    private static Fido2AuthenticationMethod View(Passkey passkey, PasskeyNames names) => new(
        new ByteString(passkey.CredentialId).ToBase64Url(),
        passkey.DisplayName,
        passkey.CreatedAt,
        passkey.LastUsedAt,
        passkey.Aaguid.ToString(),
        names.ProviderOf(passkey.Aaguid),
        passkey.AttestationCertificate is { } vouching ? [vouching.GraphThumbprint] : [],
        passkey.IsAttested ? Fido2AuthenticationMethod.Attested : "notAttested",
        passkey.BackupEligible ? "synced" : "deviceBound");

    private static async Task<Passkey?> FindAsync(string id, HttpContext context, PasskeyStore passkeys, CancellationToken cancellation)
    {
        try
        {
            var passkey = await passkeys.FindByCredentialIdAsync(ByteString.FromBase64Url(id).ToArray(), cancellation);
            return passkey?.UserId == SignedIn.Required(context).User.Id ? passkey : null;
        }
        catch (WireFormatException)
        {
            return null;
        }
    }

    /// <summary>Takes the response out of the body as the very bytes that arrived; other members, <c>@odata.type</c> among them, are passed over.</summary>
    private static (string? DisplayName, byte[] Response)? ReadBody(ReadOnlyMemory<byte> body)
    {
        try
        {
            using var document = JsonDocument.Parse(body);
            var root = document.RootElement;
            return root.ValueKind is JsonValueKind.Object && root.TryGetProperty("publicKeyCredential", out var response) && response.ValueKind is JsonValueKind.Object
                && (!root.TryGetProperty("displayName", out var name) || name.ValueKind is JsonValueKind.String or JsonValueKind.Null)
                ? (name.ValueKind is JsonValueKind.String ? name.GetString() : null, System.Text.Encoding.UTF8.GetBytes(response.GetRawText()))
                : null;
        }
        catch (Exception malformed) when (malformed is JsonException or InvalidOperationException) // the latter for half a surrogate pair
        {
            return null;
        }
    }

    private static string? ReadName(ReadOnlyMemory<byte> body)
    {
        try
        {
            using var document = JsonDocument.Parse(body);
            return document.RootElement.ValueKind is JsonValueKind.Object && document.RootElement.TryGetProperty("displayName", out var name) && name.ValueKind is JsonValueKind.String
                ? name.GetString()!.Trim()
                : null;
        }
        catch (Exception malformed) when (malformed is JsonException or InvalidOperationException) // the latter for half a surrogate pair
        {
            return null;
        }
    }
}
