using System.Formats.Asn1;
using System.Net;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Latchkey.Api;
using Latchkey.Api.AttestationCertificates;
using Latchkey.Authenticator;
using Latchkey.Protocol.WebAuthn;
using Latchkey.Server.Storage;
using Latchkey.Server.Tests.Api;
using Latchkey.Server.Tests.Hosts;
using Microsoft.EntityFrameworkCore;

namespace Latchkey.Server.Tests.Attestation;

/// <summary>An Authenticator asks the server's own authority for a certificate.</summary>
public sealed class EnrolmentTests : IAsyncLifetime
{
    private RunningServer _server = null!;
    private Browser _browser = null!;
    private HttpClient _http = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _server = await RunningServer.StartAsync();
        _browser = _server.NewBrowser();
        _http = AppAccount.ClientFor(_server, await AppAccount.AuthorizeAsync(_server, _browser, "regular"));
    }

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        _browser.Dispose();
        await _server.DisposeAsync();
    }

    [Fact]
    public async Task A_key_whose_certificate_was_revoked_gets_no_other_one_however_fresh_the_second_factor()
    {
        var key = (await Enrolled.AtAsync(_http)).Key;
        var now = _server.Time.GetUtcNow();
        await _server.InDatabaseAsync(db => db.AttestationCertificates.ExecuteUpdateAsync(set => set.SetProperty(c => c.RevokedAt, now), Token));

        Assert.Equal("attestation_key_revoked", await RefusedAsync(() => Enrolled.AtAsync(_http, renewed: key)));
        Assert.NotNull(await Enrolled.AtAsync(_http)); // a new key does

        // Nor once its certificate has long ended: the row that knows the key stays.
        await _server.WithServicesAsync(services => Housekeeping.SweepAsync(services, now.AddDays(1000), Token));
        Assert.NotNull((await _server.InDatabaseAsync(db => db.AttestationCertificates.SingleAsync(Token))).RevokedAt);
    }

    [Theory]
    [InlineData("explicit")]
    [InlineData("unnamed")]
    [InlineData("p384")]
    [InlineData("rsa")]
    [InlineData("nothing")]
    [InlineData("text")]
    public async Task A_request_that_is_not_for_a_named_p256_key_is_refused_in_words(string kind)
    {
        var response = await _http.PostAsJsonAsync("/" + AttestationCertificatesClient.Path, new { aaGuid = AuthenticatorAaguid.Value.ToString(), certificationRequest = Base64Url(ForeignRequest(kind)) }, Token);

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Contains("attestation_request_invalid", await response.Content.ReadAsStringAsync(Token), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_request_with_any_byte_changed_is_refused_in_words()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var whole = new CertificateRequest("CN=x", key, HashAlgorithmName.SHA256).CreateSigningRequest();
        for (var i = 0; i < whole.Length; i += 3)
        {
            var changed = whole.ToArray();
            changed[i] ^= (byte)(1 << (i % 8));
            foreach (var request in new[] { changed, whole[..i] })
            {
                var response = await _http.PostAsJsonAsync("/" + AttestationCertificatesClient.Path, new { aaGuid = AuthenticatorAaguid.Value.ToString(), certificationRequest = Base64Url(request) }, Token);
                Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
            }
        }
    }

    private static string Base64Url(byte[] bytes) => new Latchkey.Protocol.ByteString(bytes).ToBase64Url();

    private static byte[] ForeignRequest(string kind)
    {
        using var ecdsa = ECDsa.Create(kind == "p384" ? ECCurve.NamedCurves.nistP384 : ECCurve.NamedCurves.nistP256);
        using var rsa = RSA.Create(2048);
        return kind switch
        {
            "rsa" => new CertificateRequest("CN=x", rsa, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1).CreateSigningRequest(),
            "p384" => new CertificateRequest("CN=x", ecdsa, HashAlgorithmName.SHA256).CreateSigningRequest(),
            "nothing" => [],
            "text" => Encoding.UTF8.GetBytes("-----BEGIN CERTIFICATE REQUEST-----"),
            _ => WithParameters(ecdsa, kind == "explicit" ? ExplicitP256(ecdsa) : UnknownCurve()),
        };
    }

    /// <summary>A signed request whose key says its curve in another way.</summary>
    private static byte[] WithParameters(ECDsa ecdsa, byte[] parameters)
    {
        var q = ecdsa.ExportParameters(includePrivateParameters: false).Q;
        var key = new PublicKey(new Oid("1.2.840.10045.2.1"), new AsnEncodedData(parameters), new AsnEncodedData([4, .. q.X!, .. q.Y!]));
        return new CertificateRequest(new X500DistinguishedName("CN=x"), key, HashAlgorithmName.SHA256).CreateSigningRequest(X509SignatureGenerator.CreateForECDsa(ecdsa));
    }

    private static byte[] UnknownCurve()
    {
        var writer = new AsnWriter(AsnEncodingRules.DER);
        writer.WriteObjectIdentifier("1.3.6.1.4.1.99999.1");
        return writer.Encode();
    }

    private static byte[] ExplicitP256(ECDsa ecdsa)
    {
        var curve = ecdsa.ExportExplicitParameters(includePrivateParameters: false).Curve;
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence()) // SpecifiedECDomain, RFC 3279 §2.3.5
        {
            writer.WriteInteger(1);
            using (writer.PushSequence())
            {
                writer.WriteObjectIdentifier("1.2.840.10045.1.1");
                writer.WriteIntegerUnsigned(curve.Prime);
            }

            using (writer.PushSequence())
            {
                writer.WriteOctetString(curve.A);
                writer.WriteOctetString(curve.B);
            }

            writer.WriteOctetString([4, .. curve.G.X!, .. curve.G.Y!]);
            writer.WriteIntegerUnsigned(curve.Order);
            writer.WriteInteger(1);
        }

        return writer.Encode();
    }

    [Fact]
    public async Task The_certificate_is_as_the_standard_demands_and_names_the_model_and_nobody()
    {
        var key = (await Enrolled.AtAsync(_http)).Key;

        Assert.Equal("localhost", key.RpId);
        Assert.Equal(_server.Time.GetUtcNow() + TimeSpan.FromDays(365), key.NotAfter, TimeSpan.FromSeconds(2));
        using var certificate = X509CertificateLoader.LoadCertificate(Assert.Single(key.Certificates).Span);
        Assert.Equal(3, certificate.Version);
        Assert.Equal("C=AA, O=Latchkey, OU=Authenticator Attestation, CN=Latchkey Authenticator", certificate.Subject);
        Assert.False(certificate.Extensions.OfType<X509BasicConstraintsExtension>().Single().CertificateAuthority);
        var aaguid = certificate.Extensions.Single(extension => extension.Oid!.Value == "1.3.6.1.4.1.45724.1.1.4");
        Assert.False(aaguid.Critical);
        Assert.Equal(AuthenticatorAaguid.Value.ToBytes(), new AsnReader(aaguid.RawData, AsnEncodingRules.DER).ReadOctetString());
        Assert.True(await new AttestationCertificatesClient(_http).IsValidAsync(key.Id, Token));

        var authority = await _server.InDatabaseAsync(db => db.AttestationAuthorities.SingleAsync());
        using var issuer = X509CertificateLoader.LoadCertificate(authority.Certificate);
        using var chain = new X509Chain { ChainPolicy = { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck, VerificationTime = _server.Time.GetUtcNow().UtcDateTime } };
        chain.ChainPolicy.CustomTrustStore.Add(issuer);
        Assert.True(chain.Build(certificate), string.Join(' ', chain.ChainStatus.Select(status => status.StatusInformation)));
        Assert.Equal(1, await _server.InDatabaseAsync(db => db.AuditEntries.CountAsync(e => e.Action == "attestation.issued" && e.Outcome == key.Id)));
    }

    [Fact]
    public async Task The_same_key_gets_the_same_certificate_until_it_is_time_for_another_and_needs_nobody_there_for_that()
    {
        var first = (await Enrolled.AtAsync(_http)).Key;
        Assert.Equal(first.Id, (await Enrolled.AtAsync(_http, renewed: first)).Key.Id);

        _server.Time.Advance(TimeSpan.FromDays(340));
        using var later = AppAccount.ClientFor(_server, await AuthorizeAgainAsync());
        _server.Time.Advance(TimeSpan.FromMinutes(6));
        var renewed = (await Enrolled.AtAsync(later, renewed: first)).Key;

        Assert.NotEqual(first.Id, renewed.Id);
        Assert.True(await new AttestationCertificatesClient(later).IsValidAsync(first.Id, Token)); // passkeys made with it stay good
        Assert.Equal("step_up_required", await RefusedAsync(() => Enrolled.AtAsync(later)));
    }

    [Fact]
    public async Task A_new_key_needs_a_recent_second_factor()
    {
        _server.Time.Advance(TimeSpan.FromMinutes(6));
        Assert.Equal("step_up_required", await RefusedAsync(() => Enrolled.AtAsync(_http)));
    }

    [Fact]
    public async Task A_revoked_certificate_is_not_renewed_and_not_stood_for()
    {
        var key = (await Enrolled.AtAsync(_http)).Key;
        await _server.InDatabaseAsync(db => db.AttestationCertificates.ExecuteUpdateAsync(set => set.SetProperty(c => c.RevokedAt, _server.Time.GetUtcNow()), Token));
        _server.Time.Advance(TimeSpan.FromMinutes(6));

        Assert.False(await new AttestationCertificatesClient(_http).IsValidAsync(key.Id, Token));
        Assert.Equal("step_up_required", await RefusedAsync(() => Enrolled.AtAsync(_http, renewed: key)));
    }

    [Fact]
    public async Task A_model_of_anybody_elses_is_refused_in_words()
    {
        var refused = await Assert.ThrowsAsync<ApiException>(() => Enrolled.AtAsync(_http, new Aaguid(Guid.Parse("20000000-0000-0000-0000-000000000000"))));

        Assert.Equal(("attestation_model_not_ours", HttpStatusCode.Forbidden), (refused.Code, refused.Status));
        Assert.NotEmpty(refused.NextStep!);
        Assert.False(await _server.InDatabaseAsync(db => db.AttestationCertificates.AnyAsync()));
    }

    [Fact]
    public async Task The_virtual_phones_model_is_certified_as_what_it_is()
    {
        var key = (await Enrolled.AtAsync(_http, new Aaguid(PasskeyNames.VirtualPhone))).Key;

        Assert.Equal(PasskeyNames.VirtualPhone, await _server.InDatabaseAsync(db => db.AttestationCertificates.Where(c => c.Certificate == key.Certificates[0].ToArray()).Select(c => c.Aaguid).SingleAsync()));
    }

    [Fact]
    public async Task A_request_that_does_not_prove_its_key_is_refused()
    {
        var forged = AttestationKeyRequest.ForNewKey().CertificationRequest.ToArray();
        forged[^1] ^= 1;
        using var other = ECDsa.Create(ECCurve.NamedCurves.nistP384);
        var otherCurve = new CertificateRequest("CN=x", other, HashAlgorithmName.SHA256).CreateSigningRequest();
        using var rsa = RSA.Create(2048);
        var otherKind = new CertificateRequest("CN=x", rsa, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1).CreateSigningRequest();

        foreach (var request in (byte[][])[forged, otherCurve, otherKind, [0x30, 0x00], []])
        {
            Assert.Equal("attestation_request_invalid", await RefusedAsync(() => Enrolled.AskAsync(_http, request)));
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("""{"aaGuid":"ded00605","certificationRequest":"AA"}""")]
    [InlineData("""{"aaGuid":"ded00605-1e89-4610-859f-70eabe866e61","certificationRequest":"+/"}""")]
    public async Task What_is_no_request_is_refused(string body)
    {
        using var content = new StringContent(body, Encoding.UTF8, "application/json");
        var answer = await (await _http.PostAsync("/" + AttestationCertificatesClient.Path, content, Token)).Content.ReadFromJsonAsync(ApiJson.Default.GraphErrorResponse, Token);
        Assert.Equal("request_malformed", answer!.Error.Code);
    }

    [Fact]
    public async Task Nobody_has_more_Authenticators_vouched_for_than_they_could_use()
    {
        for (var count = 0; count < AttestationCertificate.MaxPerUser; count++)
        {
            await Enrolled.AtAsync(_http);
        }

        Assert.Equal("attestation_certificate_limit_reached", await RefusedAsync(() => Enrolled.AtAsync(_http)));
    }

    [Fact]
    public async Task Another_persons_certificate_is_nobodys_to_ask_about_and_a_cookie_opens_nothing()
    {
        var key = (await Enrolled.AtAsync(_http)).Key;
        using var other = _server.NewBrowser();
        using var theirs = AppAccount.ClientFor(_server, await AppAccount.AuthorizeAsync(_server, other, "admin"));

        Assert.False(await new AttestationCertificatesClient(theirs).IsValidAsync(key.Id, Token));
        using var anyone = _server.NewClient();
        Assert.Equal("sign_in_required", await RefusedAsync(() => Enrolled.AtAsync(anyone)));
    }

    private async Task<Latchkey.Api.OpenIdConnect.TokenSet> AuthorizeAgainAsync()
    {
        using var again = _server.NewBrowser();
        return await AppAccount.AuthorizeAsync(_server, again, "regular");
    }

    private static async Task<string> RefusedAsync<T>(Func<Task<T>> act) => (await Assert.ThrowsAsync<ApiException>(act)).Code;
}
