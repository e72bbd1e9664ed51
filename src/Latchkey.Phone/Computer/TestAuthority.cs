using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Latchkey.Phone.Computer;

/// <summary>
/// A certificate authority that only the rehearsal's own browser profile and Authenticator trust: made fresh, its key never written down.
/// </summary>
/// <param name="directory">Where the certificates are kept while the rehearsal lasts.</param>
internal sealed class TestAuthority(DirectoryInfo directory)
{
    private static readonly TimeSpan Lifetime = TimeSpan.FromDays(7);

    /// <summary>The authority's own certificate, PEM.</summary>
    public string AuthorityFile => Path.Combine(directory.FullName, "ca.pem");

    /// <summary>The certificate for the meeting point's name, PEM.</summary>
    public string CertificateFile => Path.Combine(directory.FullName, "relay.pem");

    /// <summary>Its private key, PEM.</summary>
    public string KeyFile => Path.Combine(directory.FullName, "relay.key");

    /// <summary>Makes both, for one name and for loopback.</summary>
    public async Task IssueAsync(string name, DateTimeOffset now, CancellationToken cancellationToken)
    {
        using var authorityKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var authority = new CertificateRequest("CN=Latchkey rehearsal (not to be trusted)", authorityKey, HashAlgorithmName.SHA256);
        authority.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, hasPathLengthConstraint: true, 0, critical: true));
        authority.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, critical: true));
        using var root = authority.CreateSelfSigned(now - TimeSpan.FromHours(1), now + Lifetime);

        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName(name);
        names.AddDnsName("localhost");
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: false, hasPathLengthConstraint: false, 0, critical: true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid("1.3.6.1.5.5.7.3.1")], critical: false));
        request.CertificateExtensions.Add(X509AuthorityKeyIdentifierExtension.CreateFromCertificate(root, includeKeyIdentifier: false, includeIssuerAndSerial: true));
        using var certificate = request.Create(root, now - TimeSpan.FromHours(1), now + Lifetime - TimeSpan.FromMinutes(1), RandomNumberGenerator.GetBytes(16));

        await File.WriteAllTextAsync(AuthorityFile, root.ExportCertificatePem() + "\n", cancellationToken);
        await File.WriteAllTextAsync(CertificateFile, certificate.ExportCertificatePem() + "\n", cancellationToken);
        await File.WriteAllTextAsync(KeyFile, key.ExportPkcs8PrivateKeyPem() + "\n", cancellationToken);
        if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(KeyFile, UnixFileMode.UserRead | UnixFileMode.UserWrite);
    }

    /// <summary>Lets the browser that lives in this home trust it: an NSS database, which is where Chromium on Linux looks.</summary>
    public async Task TrustInAsync(DirectoryInfo home, CancellationToken cancellationToken)
    {
        var database = home.CreateSubdirectory(Path.Combine(".pki", "nssdb")).FullName;
        await ChildProgram.RunAsync("certutil", ["-d", $"sql:{database}", "-N", "--empty-password"], cancellationToken);
        await ChildProgram.RunAsync("certutil", ["-d", $"sql:{database}", "-A", "-n", "latchkey-rehearsal", "-t", "C,,", "-i", AuthorityFile], cancellationToken);
    }
}
