using System.Security.Cryptography;
using Latchkey.Server.Hosting;
using Latchkey.Server.Shell;
using Latchkey.Server.Storage;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Latchkey.Server.Features.Policies;

/// <summary>
/// Where a passkey is required of a person who has none that counts, sign-in leads into the wizard, and from its end on to where they wanted.
/// What they cannot have is not asked of them: they are told so, once a sign-in, and let on.
/// </summary>
internal sealed class RequiredPasskey(
    PolicyStore policies, PasskeyStore passkeys, RegistrationDesk desk, IDataProtectionProvider protection, ServerOptions options, IHttpContextAccessor http)
{
    public const string Path = "/passkey-required";

    private static readonly TimeSpan Life = TimeSpan.FromHours(1);

    private readonly ITimeLimitedDataProtector protector = protection.CreateProtector("Latchkey.Onward.v1").ToTimeLimitedDataProtector();

    private string CookieName => options.IsHttps ? "__Host-latchkey-onward" : "latchkey-onward";

    private CookieOptions Cookie => new() { HttpOnly = true, SameSite = SameSiteMode.Lax, Secure = options.IsHttps, Path = "/", MaxAge = Life, IsEssential = true };

    /// <summary>Whether a passkey is required of the person, and none of theirs counts.</summary>
    public async Task<bool> IsOwedAsync(User user, CancellationToken cancellation) =>
        (await policies.ForAsync(user.Id, cancellation)).IsPasskeyRequired && !await passkeys.HasAcceptedAsync(user, cancellation);

    /// <summary>The page to go to first, if there is one.</summary>
    public async Task<string?> AsideAsync(SignedIn signedIn, string returnUrl, CancellationToken cancellation) =>
        await IsOwedAsync(signedIn.User, cancellation) && (await WhyNotAsync(signedIn.User, cancellation) is null || Read(signedIn) is null)
            ? $"{Path}?returnUrl={Uri.EscapeDataString(returnUrl)}"
            : null;

    /// <summary>Where the person wanted to go, once: the end of the wizard asks, and forgets.</summary>
    public async Task<string?> TakeOnwardAsync(SignedIn signedIn, CancellationToken cancellation)
    {
        if (Read(signedIn) is not { } onward || await IsOwedAsync(signedIn.User, cancellation))
        {
            return null;
        }

        http.HttpContext!.Response.Cookies.Delete(CookieName, Cookie);
        return onward;
    }

    public async Task<IResult> ShowAsync(SignedIn signedIn, string? returnUrl, CancellationToken cancellation)
    {
        var onward = Forms.LocalOr(returnUrl);
        if (!await IsOwedAsync(signedIn.User, cancellation))
        {
            return Results.Redirect(onward);
        }

        http.HttpContext!.Response.Cookies.Append(CookieName, protector.Protect($"{signedIn.Session.Id} {onward}", Life), Cookie);
        return new RazorComponentResult<RequiredPage>(new { WhyNot = await WhyNotAsync(signedIn.User, cancellation), Onward = onward });
    }

    /// <summary>Why the person can add a passkey in no way at all; null when there is one.</summary>
    private async Task<string?> WhyNotAsync(User user, CancellationToken cancellation) =>
        await desk.WhyNotAsync(user, cancellation)
        ?? ((await passkeys.ListAsync(user.Id, cancellation)).Count >= Passkey.MaxPerUser ? RegistrationDesk.LimitReached : null);

    private string? Read(SignedIn signedIn)
    {
        try
        {
            return http.HttpContext!.Request.Cookies.TryGetValue(CookieName, out var value)
                && protector.Unprotect(value).Split(' ', 2) is [var session, var onward] && session == signedIn.Session.Id.ToString()
                    ? Forms.LocalOr(onward)
                    : null;
        }
        catch (CryptographicException)
        {
            return null;
        }
    }
}
