using System.Globalization;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Latchkey.TunnelService;

/// <summary>A name's certificate and key, as PEM files, looked at before anybody is answered with them.</summary>
public static class ServerCertificate
{
    /// <summary>Reads them.</summary>
    /// <param name="file">The certificate, with those of its issuers after it.</param>
    /// <param name="keyFile">The key.</param>
    /// <param name="now">When it has to be valid.</param>
    /// <returns>The certificate with its key, and all that stand in the file: clients need those of an authority between.</returns>
    /// <exception cref="StartException">They can't be used; the message says why and what to do.</exception>
    public static (X509Certificate2 Identity, X509Certificate2Collection Chain) Load(string file, string keyFile, DateTimeOffset now)
    {
        var chain = new X509Certificate2Collection();
        try
        {
            chain.ImportFromPemFile(file);
        }
        catch (Exception problem) when (problem is CryptographicException or IOException or UnauthorizedAccessException)
        {
            throw new StartException($"The certificate {file} can't be read: {problem.Message}", problem);
        }

        if (chain.Count == 0)
        {
            throw new StartException($"The certificate {file} has no certificate in it: --certificate takes a PEM file, with -----BEGIN CERTIFICATE-----.");
        }

        DemandPrivate(keyFile);
        X509Certificate2 identity;
        try
        {
            identity = X509Certificate2.CreateFromPemFile(file, keyFile);
        }
        catch (Exception problem) when (problem is CryptographicException or ArgumentException or IOException or UnauthorizedAccessException)
        {
            throw new StartException(
                $"The key {keyFile} can't be used with the certificate {file}: --key takes the PEM file of that certificate's own key, without a passphrase. ({FirstLine(problem.Message)})", problem);
        }

        if (identity.NotAfter.ToUniversalTime() <= now.UtcDateTime)
        {
            throw new StartException($"The certificate {file} expired on {Day(identity.NotAfter)}: no browser takes it any more. Renew it.");
        }

        if (identity.NotBefore.ToUniversalTime() > now.UtcDateTime)
        {
            throw new StartException($"The certificate {file} is not valid before {Day(identity.NotBefore)}. Check this machine's clock, or take another certificate.");
        }

        return (identity, chain);
    }

    // A key's group may read it, as many systems have it; all the world may not.
    private static void DemandPrivate(string keyFile)
    {
        if (OperatingSystem.IsWindows()) return;
        try
        {
            using var key = File.OpenHandle(keyFile); // follows links, as those of a certificate that is renewed by itself
            if ((File.GetUnixFileMode(key) & (UnixFileMode.OtherRead | UnixFileMode.OtherWrite)) != 0)
            {
                throw new StartException($"The key {keyFile} can be read by every account of this machine: chmod o-rwx it, and replace it if somebody may have read it.");
            }
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            throw new StartException($"The key {keyFile} can't be read: {problem.Message}", problem);
        }
    }

    private static string Day(DateTime time) => time.ToUniversalTime().ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    private static string FirstLine(string text) => text.Split('\n')[0].TrimEnd();
}
