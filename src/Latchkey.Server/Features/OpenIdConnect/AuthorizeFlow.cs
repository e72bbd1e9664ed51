using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Latchkey.Server.Hosting;
using Microsoft.AspNetCore.DataProtection;
using OpenIddict.Abstractions;

namespace Latchkey.Server.Features.OpenIdConnect;

/// <summary>Remembers, in a sealed cookie of this browser, since when an authorization request has been waiting. It answers
/// <c>prompt=login</c> and <c>max_age</c>, and tells a person who just signed in for this request from one who was led here.</summary>
internal sealed class AuthorizeFlow(IDataProtectionProvider protection, TimeProvider time, ServerOptions options)
{
    private static readonly TimeSpan Life = TimeSpan.FromMinutes(15);

    private readonly ITimeLimitedDataProtector protector = protection.CreateProtector("Latchkey.AuthorizeFlow.v1").ToTimeLimitedDataProtector();

    private string CookieName => options.IsHttps ? "__Host-latchkey-flow" : "latchkey-flow";

    public DateTimeOffset Now => time.GetUtcNow();

    public void Begin(HttpContext context, OpenIddictRequest request)
    {
        if (BeganAt(context, request) is not null)
        {
            return;
        }

        var value = Now.ToUnixTimeMilliseconds().ToString(CultureInfo.InvariantCulture) + "." + MarkOf(request);
        context.Response.Cookies.Append(CookieName, protector.Protect(value, Life), CookieOptions());
    }

    public DateTimeOffset? BeganAt(HttpContext context, OpenIddictRequest request)
    {
        if (!context.Request.Cookies.TryGetValue(CookieName, out var value))
        {
            return null;
        }

        try
        {
            var parts = protector.Unprotect(value).Split('.', 2);
            return parts[1] == MarkOf(request) ? DateTimeOffset.FromUnixTimeMilliseconds(long.Parse(parts[0], CultureInfo.InvariantCulture)) : null;
        }
        catch (CryptographicException)
        {
            return null;
        }
    }

    public void End(HttpContext context) => context.Response.Cookies.Delete(CookieName, CookieOptions());

    /// <summary>The request as a local address to come back to, also when it came by POST.</summary>
    public static string AddressOf(HttpContext context, OpenIddictRequest request) =>
        context.Request.Path + QueryString.Create(ParametersOf(request));

    /// <summary>The request's own parameters, without what our page added to them.</summary>
    public static IEnumerable<KeyValuePair<string, string?>> ParametersOf(OpenIddictRequest request) =>
        request.GetParameters().Where(p => p.Key is not ("allow" or "__RequestVerificationToken")).Select(p => KeyValuePair.Create(p.Key, (string?)p.Value));

    private static string MarkOf(OpenIddictRequest request) => Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(
        string.Join('\n', request.ClientId, request.RedirectUri, request.State, request.Nonce, request.CodeChallenge))));

    private CookieOptions CookieOptions() => new()
    {
        HttpOnly = true, SameSite = SameSiteMode.Lax, Secure = options.IsHttps, Path = "/", MaxAge = Life, IsEssential = true,
    };
}
