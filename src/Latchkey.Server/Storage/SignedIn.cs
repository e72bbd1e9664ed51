namespace Latchkey.Server.Storage;

/// <summary>Who asks, and in which session. Put into the request by whatever recognised the cookie or the token.</summary>
public sealed record SignedIn(Session Session, User User)
{
    public static SignedIn? Of(HttpContext context) => context.Features.Get<SignedIn>();

    public static SignedIn Required(HttpContext context) =>
        Of(context) ?? throw new InvalidOperationException("This endpoint needs a signed-in person; protect it.");

    /// <summary>Lets an endpoint name it as a parameter.</summary>
    public static ValueTask<SignedIn?> BindAsync(HttpContext context) => ValueTask.FromResult(Of(context));
}
