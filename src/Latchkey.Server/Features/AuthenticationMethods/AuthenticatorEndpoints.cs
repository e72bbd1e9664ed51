using System.Text.Json;
using Latchkey.Api;
using Latchkey.Api.Approvals;
using Latchkey.Server.Features.Policies;
using Latchkey.Server.Features.Problems;
using Latchkey.Server.Hosting;
using Latchkey.Server.Shell;
using Latchkey.Server.Storage;

namespace Latchkey.Server.Features.AuthenticationMethods;

/// <summary>The signed-in person's registered Authenticators.</summary>
internal static class AuthenticatorEndpoints
{
    public static async Task<IResult> ListAsync(HttpContext context, AuthenticatorStore authenticators, PolicyStore policies, CancellationToken cancellation)
    {
        var user = SignedIn.Required(context).User;
        var policy = await policies.ForAsync(user.Id, cancellation);
        return Results.Json(
            new AuthenticatorAuthenticationMethodCollection([.. (await authenticators.ListAsync(user.Id, cancellation)).Select(method => View(method, policy))]),
            ApiJson.Default.AuthenticatorAuthenticationMethodCollection);
    }

    /// <summary>One that policy would refuse is not begun.</summary>
    public static async Task<IResult> BeginAsync(HttpContext context, AuthenticatorStore authenticators, CancellationToken cancellation)
    {
        var signedIn = SignedIn.Required(context);
        return await authenticators.WhyNotAsync(signedIn.User, cancellation) is { } withheld
            ? Refusal.Graph(context, withheld)
            : Results.Json(authenticators.Begin(signedIn), ApiJson.Default.AuthenticatorMethodChallenge);
    }

    public static async Task<IResult> RegisterAsync(HttpContext context, AuthenticatorStore authenticators, PolicyStore policies, CancellationToken cancellation)
    {
        var signedIn = SignedIn.Required(context);
        if (Read(await context.ReadBodyAsync(cancellation), ApiJson.Default.AuthenticatorMethodRegistration) is not { } registration)
        {
            return Refusal.Graph(context, "request_malformed");
        }

        var (method, problem) = await authenticators.RegisterAsync(signedIn, registration, cancellation);
        return method is null
            ? Refusal.Graph(context, problem!)
            : Results.Json(
                View(method, await policies.ForAsync(signedIn.User.Id, cancellation)), ApiJson.Default.AuthenticatorAuthenticationMethod, statusCode: StatusCodes.Status201Created);
    }

    /// <summary>Allowing less is done at once, if it leaves a way in; allowing more needs a fresh second factor, as registering does.</summary>
    public static async Task<IResult> UpdateAsync(
        Guid id, HttpContext context, AuthenticatorStore authenticators, PolicyStore policies, MethodGuard guard, LatchkeyDb db, AuditLog audit, AccountChanges changes, CancellationToken cancellation)
    {
        var signedIn = SignedIn.Required(context);
        if (await authenticators.FindAsync(signedIn.User.Id, id, cancellation) is not { } method)
        {
            return Refusal.Graph(context, AuthenticatorStore.NotFound);
        }

        if (Read(await context.ReadBodyAsync(cancellation), ApiJson.Default.AuthenticatorMethodUpdate) is not { } update)
        {
            return Refusal.Graph(context, "request_malformed");
        }

        var actor = ProgramAccess.ActorOf(context);
        var policy = await policies.ForAsync(signedIn.User.Id, cancellation);
        foreach (var (use, wanted) in new[] { (AuthenticatorUse.Notification, update.IsNotificationAllowed), (AuthenticatorUse.PhoneSignIn, update.IsPhoneSignInAllowed) })
        {
            if (wanted is not true || method.IsAllowed(use))
            {
                continue;
            }

            if (policy.Withheld(use) is { } withheld)
            {
                return Refusal.Graph(context, withheld);
            }

            if (guard.WhyNotProved(actor, MethodChange.Widen) is { } problem)
            {
                return Refusal.Graph(context, problem);
            }
        }

        var (notification, phone) = (update.IsNotificationAllowed ?? method.IsNotificationAllowed, update.IsPhoneSignInAllowed ?? method.IsPhoneSignInAllowed);
        if ((guard.WhyNotProved(actor, MethodChange.Narrow)
            ?? (!actor.IsSure && await guard.IsLastUseAsync(signedIn.User, id, notification, phone, cancellation) ? MethodGuard.LastMethod : null)) is { } refused)
        {
            return Refusal.Graph(context, refused);
        }

        method.IsNotificationAllowed = notification;
        method.IsPhoneSignInAllowed = phone;
        audit.Add("method.changed", method.UserId, method: MethodKind.Authenticator, methodId: method.Id);
        await db.SaveChangesAsync(cancellation);
        changes.Tell(method.UserId, AccountChange.Methods);
        return Results.Json(View(method, policy), ApiJson.Default.AuthenticatorAuthenticationMethod);
    }

    public static async Task<IResult> DeleteAsync(
        Guid id, HttpContext context, AuthenticatorStore authenticators, MethodChanges changes, ServerOptions options, CancellationToken cancellation)
    {
        var signedIn = SignedIn.Required(context);
        if (await authenticators.FindAsync(signedIn.User.Id, id, cancellation) is not { } method)
        {
            return Refusal.Graph(context, AuthenticatorStore.NotFound);
        }

        // A device whose account is removed takes itself away, whenever that is: its own key says so.
        var statement = DeviceStatement.Removal(options.Origin, method.UserId.ToString(), method.Id.ToString());
        var isItself = context.Request.Headers[AuthenticatorMethodsClient.SignatureHeader].ToString() is { Length: > 0 } signature && AuthenticatorStore.IsSignedBy(method, statement, signature);
        return await changes.DeleteAsync(ProgramAccess.ActorOf(context) with { IsTheMethodItself = isItself }, signedIn.User, MethodKind.Authenticator, id, cancellation) is { } problem
            ? Refusal.Graph(context, problem is MethodChanges.NotFound ? AuthenticatorStore.NotFound : problem)
            : Results.NoContent();
    }

    private static AuthenticatorAuthenticationMethod View(AuthenticatorMethod method, PersonPolicy policy) => new(
        method.Id.ToString(), method.DisplayName, method.CreatedAt, method.LastUsedAt, method.IsNotificationAllowed, method.IsPhoneSignInAllowed,
        Withheld(policy, AuthenticatorUse.Notification), Withheld(policy, AuthenticatorUse.PhoneSignIn));

    private static WithheldUse? Withheld(PersonPolicy policy, AuthenticatorUse use) =>
        policy.Withheld(use) is { } code ? new(code, ProblemTable.Of(code).Text) : null;

    private static T? Read<T>(ReadOnlyMemory<byte> body, System.Text.Json.Serialization.Metadata.JsonTypeInfo<T> type)
        where T : class
    {
        try
        {
            return JsonSerializer.Deserialize(body.Span, type);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
