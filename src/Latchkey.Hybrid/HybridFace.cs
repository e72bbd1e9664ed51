using Latchkey.Protocol.Ctap;

namespace Latchkey.Hybrid;

/// <summary>An authenticator as it looks from another device: the same, but not part of that device, and reached by hybrid.</summary>
internal sealed class HybridFace(ICtapAuthenticator authenticator) : ICtapAuthenticator
{
    private const string OptionPlat = "plat";

    private static readonly string[] Transports = ["hybrid", "internal"];

    public async Task<GetInfoResponse> GetInfoAsync(CancellationToken cancellationToken)
    {
        var own = await authenticator.GetInfoAsync(cancellationToken);
        return own with
        {
            Transports = Transports,
            Options = own.Options.Where(option => option.Key != OptionPlat).ToDictionary(StringComparer.Ordinal),
        };
    }

    public Task<MakeCredentialResponse> MakeCredentialAsync(MakeCredentialRequest request, CancellationToken cancellationToken) =>
        authenticator.MakeCredentialAsync(request, cancellationToken);

    public Task<GetAssertionResponse> GetAssertionAsync(GetAssertionRequest request, CancellationToken cancellationToken) =>
        authenticator.GetAssertionAsync(request, cancellationToken);

    public Task<GetAssertionResponse> GetNextAssertionAsync(CancellationToken cancellationToken) => authenticator.GetNextAssertionAsync(cancellationToken);

    public Task SelectionAsync(CancellationToken cancellationToken) => authenticator.SelectionAsync(cancellationToken);
}
