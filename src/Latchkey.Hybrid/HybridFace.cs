using Latchkey.Protocol.Ctap;

namespace Latchkey.Hybrid;

/// <summary>
/// An authenticator as it looks from another device: the same, but not part of that device, and reached by hybrid. Whoever is at the other end
/// learns nothing the person has not said yes to, with their PIN: no passkey, and no lack of one, for whatever RP ID is asked.
/// </summary>
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

    public async Task<MakeCredentialResponse> MakeCredentialAsync(MakeCredentialRequest request, CancellationToken cancellationToken) =>
        await authenticator.MakeCredentialAsync(request with { Uv = await UvAsync(request.Uv, cancellationToken) }, cancellationToken);

    public async Task<GetAssertionResponse> GetAssertionAsync(GetAssertionRequest request, CancellationToken cancellationToken)
    {
        // Chromium sends no silent requests over hybrid either ("caBLE devices do not support silent requests").
        if (request.Up is false) throw new CtapException(CtapStatus.UpRequired);
        // A request without user verification is answered at once where there is no passkey, and by a question where there is one.
        return await authenticator.GetAssertionAsync(request with { Uv = await UvAsync(request.Uv, cancellationToken) }, cancellationToken);
    }

    public Task<GetAssertionResponse> GetNextAssertionAsync(CancellationToken cancellationToken) => authenticator.GetNextAssertionAsync(cancellationToken);

    public Task SelectionAsync(CancellationToken cancellationToken) => authenticator.SelectionAsync(cancellationToken);

    private async Task<bool?> UvAsync(bool? asked, CancellationToken cancellationToken) =>
        asked is true || (await authenticator.GetInfoAsync(cancellationToken)).Uv is true ? true : asked;
}
