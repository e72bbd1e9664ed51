using Latchkey.Api;
using Latchkey.Api.Administration;
using Latchkey.Server.Storage;
using Microsoft.EntityFrameworkCore;

namespace Latchkey.Server.Features.Admin;

internal static class OrganisationEndpoints
{
    private const int MaxDisplayName = 100;

    public static async Task<IResult> GetAsync(OrganisationStore organisations, CancellationToken cancellation) =>
        View(await organisations.GetAsync(cancellation));

    public static async Task<IResult> ChangeAsync(OrganisationSettings change, LatchkeyDb db, AuditLog audit, CancellationToken cancellation)
    {
        var name = change.DisplayName?.Trim();
        if (name?.Length is 0 or > MaxDisplayName)
        {
            return LocalProblems.Problem(StatusCodes.Status400BadRequest, "organisation_name_invalid", AdminTexts.OrganisationNameInvalid);
        }

        var organisation = await db.Organisations.SingleAsync(o => o.Id == Organisation.TheOne, cancellation);
        organisation.DisplayName = name ?? organisation.DisplayName;
        organisation.AllowsCodeAsFirstFactor = change.AllowsCodeAsFirstFactor ?? organisation.AllowsCodeAsFirstFactor;
        audit.Add("organisation.changed", userId: null, actor: AuditLog.Local);
        await db.SaveChangesAsync(cancellation);
        return View(organisation);
    }

    private static IResult View(Organisation organisation) =>
        Results.Json(new OrganisationSettings(organisation.DisplayName, organisation.AllowsCodeAsFirstFactor), ApiJson.Default.OrganisationSettings);
}
