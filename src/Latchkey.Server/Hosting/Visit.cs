using System.Text;
using Latchkey.Protocol;

namespace Latchkey.Server.Hosting;

/// <summary>Names a browser before anybody has signed in, so that a sign-in begun in one browser is not completed in another.</summary>
internal sealed class Visit(IHttpContextAccessor http, ServerOptions options)
{
    private const int Length = 16;

    private string CookieName => options.IsHttps ? "__Host-latchkey-visit" : "latchkey-visit";

    /// <summary>This browser's name; empty when it has none, which matches no begun ceremony.</summary>
    public ByteString Current()
    {
        if (http.HttpContext!.Request.Cookies.TryGetValue(CookieName, out var text))
        {
            var bytes = new byte[Base64Url.MaxDecodedLength(text.Length)];
            if (Base64Url.TryDecode(Encoding.UTF8.GetBytes(text), bytes, out var length) && length == Length)
            {
                return new ByteString(bytes.AsMemory(0, Length));
            }
        }

        return ByteString.Empty;
    }

    public ByteString GetOrBegin()
    {
        var current = Current();
        if (!current.IsEmpty)
        {
            return current;
        }

        var visit = ByteString.Random(Length);
        http.HttpContext!.Response.Cookies.Append(CookieName, visit.ToBase64Url(), new CookieOptions
        {
            HttpOnly = true, SameSite = SameSiteMode.Strict, Secure = options.IsHttps, Path = "/", IsEssential = true,
        });
        return visit;
    }
}
