using Latchkey.Api.AttestationCertificates;
using Latchkey.Server.Shell;

namespace Latchkey.Server.Features.Attestation;

/// <summary>Front door: Authenticators have this server's own authority vouch for them.</summary>
public static class AttestationFeature
{
    public static void MapAttestation(this IEndpointRouteBuilder app)
    {
        var certificates = app.MapGroup("/" + AttestationCertificatesClient.Path).RequireWriting();
        certificates.MapGet("/{id}", EnrolmentEndpoints.GetAsync);
        certificates.MapPost("", EnrolmentEndpoints.EnrolAsync).RequireMfa(); // a new key needs a recent second factor: it knows whether it is one
    }
}
