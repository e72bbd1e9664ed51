using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Latchkey.Hybrid.Tunnel;

/// <summary>
/// Whose certificates are believed: the system's authorities, and those of a file. The name always has to be the right one.
/// </summary>
internal sealed class TunnelTrust(string? caFile)
{
    private const string ServerAuthentication = "1.3.6.1.5.5.7.3.1";

    /// <summary>True once a certificate was turned down: the stack below tells it like any other failure.</summary>
    public bool Refused { get; private set; }

    public bool Validate(X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors)
    {
        var trusted = errors == SslPolicyErrors.None
            || (errors == SslPolicyErrors.RemoteCertificateChainErrors && caFile is not null && certificate is X509Certificate2 server && IsVouchedFor(server, chain));
        Refused |= !trusted;
        return trusted;
    }

    private bool IsVouchedFor(X509Certificate2 server, X509Chain? presented)
    {
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.ApplicationPolicy.Add(new Oid(ServerAuthentication));
        try
        {
            chain.ChainPolicy.CustomTrustStore.ImportFromPemFile(caFile!);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or CryptographicException)
        {
            return false;
        }

        if (presented is null) return chain.Build(server);
        foreach (var element in presented.ChainElements) chain.ChainPolicy.ExtraStore.Add(element.Certificate);
        return chain.Build(server);
    }
}
