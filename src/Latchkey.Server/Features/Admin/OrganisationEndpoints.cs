using Latchkey.Api;
using Latchkey.Api.Administration;
using Latchkey.Protocol;
using Latchkey.Server.Storage;
using Microsoft.EntityFrameworkCore;

namespace Latchkey.Server.Features.Admin;

internal static class OrganisationEndpoints
{
    private const int MaxDisplayName = 100;

    // CTAP 2.2 §11.5: 0 and 1 are assigned, the rest below 256 is nobody's, and from 256 on the number is hashed to a name anybody may own.
    private const int FirstHashedTunnelDomain = 256;

    public static async Task<IResult> GetAsync(OrganisationStore organisations, CancellationToken cancellation) =>
        View(await organisations.GetAsync(cancellation));

    public static async Task<IResult> ChangeAsync(OrganisationSettings change, LatchkeyDb db, AuditLog audit, CancellationToken cancellation)
    {
        var name = change.DisplayName?.Trim();
        if (name is not null && !ForeignText.IsName(name, MaxDisplayName))
        {
            return LocalProblems.Problem(StatusCodes.Status400BadRequest, "organisation_name_invalid", AdminTexts.OrganisationNameInvalid);
        }

        if (change.TunnelDomain is { } number && ProblemOf(number, change.AllowsVendorTunnel is true) is { } problem)
        {
            return problem;
        }

        var organisation = await db.Organisations.SingleAsync(o => o.Id == Organisation.TheOne, cancellation);
        organisation.DisplayName = name ?? organisation.DisplayName;
        organisation.AllowsCodeAsFirstFactor = change.AllowsCodeAsFirstFactor ?? organisation.AllowsCodeAsFirstFactor;
        organisation.TunnelDomain = (ushort?)change.TunnelDomain ?? organisation.TunnelDomain;
        return await SaveAsync(organisation, db, audit, cancellation);
    }

    public static async Task<IResult> RemoveTunnelDomainAsync(LatchkeyDb db, AuditLog audit, CancellationToken cancellation)
    {
        var organisation = await db.Organisations.SingleAsync(o => o.Id == Organisation.TheOne, cancellation);
        organisation.TunnelDomain = null;
        return await SaveAsync(organisation, db, audit, cancellation);
    }

    private static async Task<IResult> SaveAsync(Organisation organisation, LatchkeyDb db, AuditLog audit, CancellationToken cancellation)
    {
        audit.Add("organisation.changed", userId: null, actor: AuditLog.Local);
        await db.SaveChangesAsync(cancellation);
        return View(organisation);
    }

    private static IResult? ProblemOf(int tunnelDomain, bool allowsVendor) => tunnelDomain switch
    {
        0 or 1 => allowsVendor ? null : LocalProblems.Problem(StatusCodes.Status400BadRequest, "tunnel_domain_vendor", AdminTexts.TunnelDomainVendor),
        >= FirstHashedTunnelDomain and <= ushort.MaxValue => null,
        _ => LocalProblems.Problem(StatusCodes.Status400BadRequest, "tunnel_domain_invalid", AdminTexts.TunnelDomainInvalid),
    };

    private static IResult View(Organisation organisation) => Results.Json(
        new OrganisationSettings(organisation.DisplayName, organisation.AllowsCodeAsFirstFactor, organisation.TunnelDomain), ApiJson.Default.OrganisationSettings);
}
