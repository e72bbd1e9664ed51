using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using Latchkey.Authenticator.Vault;
using Latchkey.Protocol;
using Latchkey.Protocol.Cbor;
using Latchkey.Protocol.Ctap;
using Latchkey.Protocol.WebAuthn;
using static Latchkey.Authenticator.Tests.Scenario;

namespace Latchkey.Authenticator.Tests;

public sealed class AttestationTests : IDisposable, IAttestationKeys
{
    private readonly Scenario _scenario = new();
    private readonly List<(string RpId, UserHandle User)> _asked = [];
    private AttestationKey? _key = Certified(AttestationKeyRequest.ForNewKey());

    public void Dispose() => _scenario.Dispose();

    Task<AttestationKey?> IAttestationKeys.FindAsync(string rpId, UserHandle user, CancellationToken cancellationToken)
    {
        _asked.Add((rpId, user));
        return Task.FromResult(_key);
    }

    [Theory]
    [InlineData(-7)]
    [InlineData(-8)]
    public async Task The_statement_is_signed_by_the_attestation_key_over_authenticator_data_and_client_data_hash_and_carries_its_certificates(int algorithm)
    {
        var response = await MakeAsync(Create() with { PubKeyCredParams = [algorithm] });

        var reader = new WireCborReader("packed", response.AttStmt.Memory);
        Assert.Equal("packed", response.Fmt);
        Assert.Equal(3, reader.ReadStartMap());
        Assert.Equal("alg", reader.ReadText());
        Assert.Equal(-7, reader.ReadInt32()); // of the attestation key, whatever the passkey's is
        Assert.Equal("sig", reader.ReadText());
        var signature = reader.ReadByteString();
        Assert.Equal("x5c", reader.ReadText());
        Assert.Equal(1, reader.ReadStartArray());
        Assert.Equal(_key!.Certificates[0], reader.ReadByteString());
        reader.ReadEndArray();
        reader.ReadEndMap();
        reader.ExpectEnd();
        using var certificate = X509CertificateLoader.LoadCertificate(_key.Certificates[0].Span);
        using var key = certificate.GetECDsaPublicKey()!;
        Assert.True(key.VerifyData((byte[])[.. response.AuthData.Span, .. Hash.Bytes.Span], signature.Span, HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence));
        Assert.Equal([(RpId, Ada.Id)], _asked);
    }

    [Fact]
    public async Task Who_prefers_no_attestation_gets_none_and_nothing_is_looked_for()
    {
        var response = await MakeAsync(Create() with { AttestationFormatsPreference = ["none"] });

        Assert.Equal(("none", "a0"), (response.Fmt, response.AttStmt.ToHex()));
        Assert.Empty(_asked);
    }

    [Fact]
    public async Task Where_nothing_vouches_the_new_key_attests_itself()
    {
        _key = null;

        var reader = new WireCborReader("packed", (await MakeAsync(Create())).AttStmt.Memory);

        Assert.Equal(2, reader.ReadStartMap());
    }

    [Fact]
    public void The_request_proves_the_key_and_asks_for_the_same_one_again_when_it_is_renewed()
    {
        var first = AttestationKeyRequest.ForNewKey();
        var again = AttestationKeyRequest.ForKeyOf(Certified(first));

        Assert.Equal(KeyOf(first), KeyOf(again)); // loading checks the signature
        Assert.NotEqual(KeyOf(first), KeyOf(AttestationKeyRequest.ForNewKey()));
    }

    [Fact]
    public void A_certificate_over_another_key_or_none_at_all_is_not_kept()
    {
        var other = Certified(AttestationKeyRequest.ForNewKey());

        foreach (var certificates in (ByteString[][])[[other.Certificates[0]], [], [ByteString.FromHex("3000")]])
        {
            Assert.Throws<WireFormatException>(() => AttestationKeyRequest.ForNewKey().Certified("1", RpId, Ada.Id, certificates, DateTimeOffset.MaxValue));
        }
    }

    [Fact]
    public void The_key_is_kept_with_its_account_and_a_vault_from_before_opens()
    {
        var account = new VaultAccount("1", new("https://example.org"), "42", "ada", "Ada", "Example") { AddedAt = DateTimeOffset.UnixEpoch, Attestation = _key };
        var json = JsonSerializer.SerializeToUtf8Bytes(VaultContents.Empty with { Accounts = [account] }, VaultJson.Default.VaultContents);

        var read = JsonSerializer.Deserialize(json, VaultJson.Default.VaultContents)!.Accounts[0].Attestation!;
        Assert.Equal((_key!.PrivateKey, _key.Id, _key.RpId, _key.User, _key.NotAfter), (read.PrivateKey, read.Id, read.RpId, read.User, read.NotAfter));
        Assert.Equal(_key.Certificates, read.Certificates);
        Assert.DoesNotContain(_key.PrivateKey.ToBase64Url(), _key.ToString(), StringComparison.Ordinal);

        var before = JsonSerializer.Deserialize(
            """{"Credentials":[],"Accounts":[{"Id":"1","Server":"https://example.org","Subject":"42","UserName":"ada","DisplayName":"Ada","Organisation":"Example","AddedAt":"2026-05-03T12:00:00+00:00"}],"Work":[]}"""u8,
            VaultJson.Default.VaultContents)!;
        Assert.Null(before.Accounts[0].Attestation);
    }

    private async Task<MakeCredentialResponse> MakeAsync(MakeCredentialRequest request)
    {
        using var authenticator = new CtapAuthenticator(_scenario.Store, _scenario.Person, _scenario.Person, _scenario.Time) { AttestationKeys = this };
        return await authenticator.MakeCredentialAsync(request, Token);
    }

    private static AttestationKey Certified(AttestationKeyRequest request)
    {
        using var issuer = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var wanted = CertificateRequest.LoadSigningRequest(request.CertificationRequest.ToArray(), HashAlgorithmName.SHA256);
        using var certificate = new CertificateRequest(wanted.SubjectName, wanted.PublicKey, HashAlgorithmName.SHA256).Create(
            new X500DistinguishedName("CN=Test"), X509SignatureGenerator.CreateForECDsa(issuer), DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch.AddYears(90), [1]);
        return request.Certified("1", RpId, Ada.Id, [certificate.RawData], DateTimeOffset.UnixEpoch.AddYears(90));
    }

    private static string KeyOf(AttestationKeyRequest request) => Convert.ToHexString(
        CertificateRequest.LoadSigningRequest(request.CertificationRequest.ToArray(), HashAlgorithmName.SHA256).PublicKey.ExportSubjectPublicKeyInfo());
}
