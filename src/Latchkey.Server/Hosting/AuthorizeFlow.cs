using System.Collections.Immutable;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Latchkey.Server.Storage;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.EntityFrameworkCore;
using OpenIddict.Abstractions;

namespace Latchkey.Server.Hosting;

/// <summary>How a person answered an authorization request.</summary>
internal enum FlowAnswer
{
    /// <summary>Not yet.</summary>
    None,

    /// <summary>They proved that it's them, signed in already, on a page that led back to this very request.</summary>
    SteppedUp,

    /// <summary>They signed in on a page that led back to this very request.</summary>
    SignedIn,

    /// <summary>They pressed <em>Allow</em>.</summary>
    Allowed,
}

/// <summary>An answer, as the request it belongs to and the session it was given in are concerned.</summary>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct AnsweredFlow(Guid Id, FlowAnswer Answer);

/// <summary>
/// What a person's answer to an authorization request hangs on. It belongs to one flow, that is to all parameters of the request, and to one session;
/// it is good once, for fifteen minutes. Whoever signs in or steps up for anything else has answered nothing: only <see cref="AnsweredBy"/> says so, from
/// the page that led back to the request.
/// </summary>
internal sealed class AuthorizeFlow(IDataProtectionProvider protection, LatchkeyDb db, TimeProvider time, ServerOptions options)
{
    public const string Path = "/connect/authorize", AllowField = "allow", DenyField = "deny", TicketField = "latchkey_flow";

    private static readonly TimeSpan Life = TimeSpan.FromMinutes(15);

    // Ours, and none of the request's.
    private static readonly HashSet<string> PageFields = new(StringComparer.Ordinal) { AllowField, DenyField, TicketField, "__RequestVerificationToken" };

    private readonly ITimeLimitedDataProtector proofs = protection.CreateProtector("Latchkey.AuthorizeFlow.v2", "proof").ToTimeLimitedDataProtector(),
        presses = protection.CreateProtector("Latchkey.AuthorizeFlow.v2", "press").ToTimeLimitedDataProtector();

    private string CookieName => options.IsHttps ? "__Host-latchkey-flow" : "latchkey-flow";

    /// <summary>Somebody signed in, or stepped up, on a page that leads on to <paramref name="returnUrl"/>: if an authorization request waits there, that was its answer.</summary>
    public void AnsweredBy(HttpContext context, Session session, FlowAnswer answer, string? returnUrl)
    {
        if (ParametersAt(returnUrl) is { } parameters)
        {
            context.Response.Cookies.Append(CookieName, Seal(proofs, session, answer, FlowMark.Of(parameters)), CookieOptions());
        }
    }

    /// <summary>Whether an address leads on to a program that waits for a person to sign in.</summary>
    public static bool LeadsTo(string? returnUrl) => returnUrl?.Split('?')[0] is Path or "/connect/verify";

    /// <summary>What the page's <em>Allow</em> sends back, for these parameters and this session alone.</summary>
    public string TicketFor(Session session, IEnumerable<KeyValuePair<string, string?>> parameters) => Seal(presses, session, FlowAnswer.Allowed, FlowMark.Of(parameters));

    /// <summary>How the signed-in person has answered this request before it arrived; a proof that was used is none.</summary>
    public Task<AnsweredFlow?> ProvedAsync(HttpContext context, Session session, IEnumerable<KeyValuePair<string, string?>> parameters, CancellationToken cancellation) =>
        OpenAsync(proofs, context.Request.Cookies[CookieName], session, parameters, cancellation);

    /// <summary>The press, if this is the ticket of a page that showed these parameters in this session, and nobody has pressed on it yet.</summary>
    public Task<AnsweredFlow?> PressedAsync(string? ticket, Session session, IEnumerable<KeyValuePair<string, string?>> parameters, CancellationToken cancellation) =>
        OpenAsync(presses, ticket, session, parameters, cancellation);

    /// <summary>Uses an answer up, in the unit of work at hand: of two who use it at once, one can't save.</summary>
    public void Use(AnsweredFlow answered, Session session) => db.UsedCeremonies.Add(new UsedCeremony
    {
        CeremonyId = answered.Id.ToByteArray(bigEndian: true), ResponseHash = [], Answer = session.Id.ToString(), At = time.GetUtcNow(),
    });

    /// <summary>The browser's proof was used, or is not needed.</summary>
    public void Forget(HttpContext context) => context.Response.Cookies.Delete(CookieName, CookieOptions());

    /// <summary>The request as a local address to come back to, also when it came by POST.</summary>
    public static string AddressOf(HttpContext context, OpenIddictRequest request) => context.Request.Path + QueryString.Create(ParametersOf(request));

    /// <summary>The request's own parameters, without what our page added to them; one that came several times stands there several times.</summary>
    public static IReadOnlyList<KeyValuePair<string, string?>> ParametersOf(OpenIddictRequest request) =>
        [.. request.GetParameters().Where(p => !PageFields.Contains(p.Key)).SelectMany(p => ((ImmutableArray<string?>?)p.Value ?? [null]).Select(value => KeyValuePair.Create(p.Key, value)))];

    /// <summary>The parameters of the authorization request at a local address; null when it leads elsewhere.</summary>
    public static IReadOnlyList<KeyValuePair<string, string?>>? ParametersAt(string? address) =>
        address is not null && address.StartsWith(Path + "?", StringComparison.Ordinal)
            ? ParametersOf(new OpenIddictRequest(QueryHelpers.ParseQuery(address[Path.Length..])))
            : null;

    private string Seal(ITimeLimitedDataProtector protector, Session session, FlowAnswer answer, string mark) => protector.Protect(
        string.Create(CultureInfo.InvariantCulture, $"{Guid.NewGuid()} {(time.GetUtcNow() + Life).ToUnixTimeMilliseconds()} {session.Id} {(int)answer} {mark}"), Life);

    private async Task<AnsweredFlow?> OpenAsync(
        ITimeLimitedDataProtector protector, string? text, Session session, IEnumerable<KeyValuePair<string, string?>> parameters, CancellationToken cancellation)
    {
        try
        {
            if (text is not { Length: > 0 }
                || protector.Unprotect(text).Split(' ') is not [var id, var until, var opened, var answer, var mark]
                || opened != session.Id.ToString() || mark != FlowMark.Of(parameters)
                || long.Parse(until, CultureInfo.InvariantCulture) <= time.GetUtcNow().ToUnixTimeMilliseconds())
            {
                return null;
            }

            var answered = new AnsweredFlow(Guid.Parse(id), (FlowAnswer)int.Parse(answer, CultureInfo.InvariantCulture));
            var used = answered.Id.ToByteArray(bigEndian: true);
            return await db.UsedCeremonies.AnyAsync(mark => mark.CeremonyId == used, cancellation) ? null : answered;
        }
        catch (CryptographicException)
        {
            return null;
        }
    }

    private CookieOptions CookieOptions() => new()
    {
        HttpOnly = true, SameSite = SameSiteMode.Lax, Secure = options.IsHttps, Path = "/", MaxAge = Life, IsEssential = true,
    };
}
