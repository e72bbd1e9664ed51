using System.Text.Json;
using Latchkey.Api;
using Latchkey.Api.Approvals;
using Latchkey.Server.Features.Problems;
using Latchkey.Server.Shell;
using Latchkey.Server.Storage;

namespace Latchkey.Server.Features.Approvals;

/// <summary>Front door: the Authenticator's side of approvals. What a browser sees of them belongs to sign-in and step-up.</summary>
public static class ApprovalsFeature
{
    public static void MapApprovals(this IEndpointRouteBuilder app)
    {
        app.MapGet("/" + ApprovalsClient.Path, ListAsync).RequireReading();
        app.MapPost("/" + ApprovalsClient.Path + "/{id}/answer", AnswerAsync).RequireWriting(); // the device's signature is the proof
    }

    private static async Task<IResult> ListAsync(Guid device, HttpContext context, ApprovalDesk desk, TimeProvider time, CancellationToken cancellation)
    {
        var now = time.GetUtcNow();
        return Results.Json(
            new PendingApprovalCollection([.. (await desk.PendingAsync(SignedIn.Required(context).User, device, cancellation)).Select(approval => new PendingApproval(
                approval.Id.ToString(), NameOf(approval.Kind), approval.App, approval.Address, approval.CreatedAt, (int)Math.Ceiling((approval.ExpiresAt - now).TotalSeconds)))]),
            ApiJson.Default.PendingApprovalCollection);
    }

    private static async Task<IResult> AnswerAsync(string id, HttpContext context, ApprovalDesk desk, CancellationToken cancellation)
    {
        if (Read(await context.ReadBodyAsync(cancellation)) is not { } answer)
        {
            return Refusal.Graph(context, "request_malformed");
        }

        return await desk.AnswerAsync(SignedIn.Required(context).User, id, answer, cancellation) is { } problem
            ? Refusal.Graph(context, problem)
            : Results.NoContent();
    }

    private static ApprovalAnswer? Read(ReadOnlyMemory<byte> body)
    {
        try
        {
            return JsonSerializer.Deserialize(body.Span, ApiJson.Default.ApprovalAnswer) is { DeviceId: not null, Decision: ApprovalDecisions.Approve or ApprovalDecisions.Deny } answer
                ? answer
                : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static string NameOf(ApprovalKind kind) => kind switch
    {
        ApprovalKind.SecondFactor => ApprovalKinds.SecondFactor,
        ApprovalKind.PhoneSignIn => ApprovalKinds.PhoneSignIn,
        _ => ApprovalKinds.StepUp,
    };
}
