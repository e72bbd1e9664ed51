using System.Security.Cryptography;
using System.Text.Json;
using Latchkey.Server.Hosting;
using Latchkey.Server.Shell;
using Latchkey.Server.Storage;
using Microsoft.AspNetCore.DataProtection;

namespace Latchkey.Server.Features.SignIn;

/// <summary>How far a sign-in has come: kept by the browser, sealed, for ten minutes. A password that was right is bound to the
/// account's security stamp, so that changing the password undoes it.</summary>
internal sealed class SignInState(IDataProtectionProvider protection, IHttpContextAccessor http, ServerOptions options)
{
    private static readonly TimeSpan Life = TimeSpan.FromMinutes(10);

    private readonly ITimeLimitedDataProtector protector = protection.CreateProtector("Latchkey.SignInState.v1").ToTimeLimitedDataProtector();

    private string CookieName => options.IsHttps ? "__Host-latchkey-signin" : "latchkey-signin";

    private CookieOptions Cookie => new() { HttpOnly = true, SameSite = SameSiteMode.Lax, Secure = options.IsHttps, Path = "/", IsEssential = true };

    /// <param name="Name">What was typed; perhaps nobody's.</param>
    /// <param name="PasswordProof">The user's security stamp when the password was right.</param>
    /// <param name="NewSecret">The secret of an authenticator that is being registered as the first factor.</param>
    /// <param name="ReturnUrl">Where a sign-in was going that is over; it has no name any more.</param>
    public sealed record Progress(string Name, string? PasswordProof = null, string? NewSecret = null, string? ReturnUrl = null);

    /// <summary>How far it has come; null when it has not begun, or is over.</summary>
    public Progress? Read() => ReadAny() is { Name.Length: > 0 } progress ? progress : null;

    /// <summary>What a page answers that has lost how far the sign-in had come: from the beginning, with a word why, and to the same place afterwards.</summary>
    public IResult Over(string? returnUrl)
    {
        Write(new Progress("", ReturnUrl: Forms.LocalOr(returnUrl)));
        return Results.Redirect("/sign-in");
    }

    /// <summary>Where a sign-in was going that is over, once; null when there was none.</summary>
    public string? TakeOver()
    {
        if (ReadAny() is not { Name.Length: 0, ReturnUrl: { } returnUrl })
        {
            return null;
        }

        Clear();
        return returnUrl;
    }

    private Progress? ReadAny()
    {
        if (http.HttpContext?.Request.Cookies.TryGetValue(CookieName, out var value) != true)
        {
            return null;
        }

        try
        {
            return JsonSerializer.Deserialize<Progress>(protector.Unprotect(value!));
        }
        catch (Exception problem) when (problem is CryptographicException or JsonException)
        {
            return null;
        }
    }

    public void Write(Progress progress) =>
        http.HttpContext!.Response.Cookies.Append(CookieName, protector.Protect(JsonSerializer.Serialize(progress), Life), Cookie);

    public void Clear() => http.HttpContext!.Response.Cookies.Delete(CookieName, Cookie);

    /// <summary>The person whose password was right a moment ago, if it still is theirs.</summary>
    public async Task<User?> PersonAfterPasswordAsync(People people) =>
        Read() is { PasswordProof: { } stamp } progress && await people.FindAsync(progress.Name) is { } user && user.SecurityStamp == stamp ? user : null;
}
