using System.Security.Cryptography;
using Latchkey.Api.Me;
using Latchkey.Api.OpenIdConnect;
using Latchkey.Protocol;
using Latchkey.RelyingParty.Ceremonies;
using Latchkey.Server.Hosting;
using Latchkey.Server.Tests.Api;
using Latchkey.Server.Tests.Hosts;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace Latchkey.Server.Tests.Hosting;

/// <summary>New keys for tokens and pending ceremonies, beside the old ones.</summary>
public sealed class KeyRotationTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("latchkey-keys").FullName;
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 5, 3, 12, 0, 0, TimeSpan.Zero));

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public async Task Tokens_of_before_a_rotation_are_taken_after_it_and_new_ones_are_signed_with_the_new_key()
    {
        var directory = await RunningServer.NewDirectoryAsync();
        var before = await RunningServer.StartAsync(directory);
        using var browser = before.NewBrowser();
        var tokens = await AppAccount.AuthorizeAsync(before, browser, "regular");
        var key = "";
        await before.WithServicesAsync(services =>
        {
            var keys = services.GetRequiredService<ServerKeys>();
            key = Fingerprint(keys.TokenSigning[0].Rsa);
            keys.Rotate(Path.Combine(directory, "keys"), before.Time);
            return Task.CompletedTask;
        });
        await before.StopAsync();

        await using var after = await RunningServer.StartAsync(directory, before.Time);
        using var app = AppAccount.ClientFor(after, tokens);
        Assert.Equal("regular", (await new ProfileClient(app).GetAsync(Token)).UserPrincipalName);
        using var plain = after.NewClient();
        var renewed = await new TokenClient(plain, after.Time).RefreshAsync(OpenIdConnectContract.AuthenticatorClientId, tokens.RefreshToken!, Token);
        using var again = AppAccount.ClientFor(after, renewed);
        Assert.Equal("regular", (await new ProfileClient(again).GetAsync(Token)).UserPrincipalName);
        await after.WithServicesAsync(services =>
        {
            var keys = services.GetRequiredService<ServerKeys>();
            Assert.Equal(2, keys.TokenSigning.Count);
            Assert.NotEqual(key, Fingerprint(keys.TokenSigning[0].Rsa));
            return Task.CompletedTask;
        });
    }

    [Fact]
    public void A_ceremony_begun_before_a_rotation_is_completed_after_it_also_one_that_0_1_0_began()
    {
        var first = Load();
        var pending = new PendingAuthentication { Id = new CeremonyId(Guid.NewGuid()), Kind = CeremonyKind.SignIn, Expires = _time.GetUtcNow() + TimeSpan.FromMinutes(10), SessionBinding = ByteString.Empty, User = null, UserVerificationRequired = true };
        using var old = new CeremonySeal("localhost", first.CeremonySeal); // as 0.1.0 called its key
        using var mine = SealOf(first);
        var challenges = new[] { old.Seal(pending), mine.Seal(pending) };
        for (var rotation = 0; rotation < 3; rotation++)
        {
            Load().Rotate(_directory, _time);
            _time.Advance(TimeSpan.FromSeconds(1));
            using var seal = SealOf(Load());
            Assert.All(challenges, challenge => Assert.Equal(pending.Id, seal.Open(challenge.Bytes.Span)?.Id));
        }
    }

    [Fact]
    public void Nothing_changes_before_the_next_start()
    {
        var keys = Load();
        keys.Rotate(_directory, _time);

        Assert.Equal(keys.CeremonySeal, File.ReadAllBytes(Path.Combine(_directory, "ceremony-seal.key")));
        Assert.NotEqual(keys.CeremonySeal, Load().CeremonySeal);
    }

    [Fact]
    public void Retired_keys_go_once_nothing_they_issued_can_live()
    {
        Load().Rotate(_directory, _time);
        Assert.Equal(2, Load().TokenSigning.Count);
        _time.Advance(KeyFiles.KeepsOld);
        Assert.Equal(2, Load().TokenSigning.Count);
        _time.Advance(TimeSpan.FromSeconds(2));

        var kept = Load();

        Assert.Equal((1, 1), (kept.TokenSigning.Count, kept.TokenEncryption.Count));
        Assert.Equal(3, Directory.GetFiles(_directory).Length);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_start_killed_between_two_renames_goes_on_at_the_next(bool isRetired)
    {
        var keys = Load();
        keys.Rotate(_directory, _time);
        var next = File.ReadAllBytes(Path.Combine(_directory, "token-encryption.next.key"));
        if (isRetired) File.Move(Path.Combine(_directory, "token-encryption.key"), Path.Combine(_directory, "token-encryption.20260503T115959Z.old.key"));
        File.WriteAllText(Path.Combine(_directory, "token-encryption.next.key.new"), "half of another rotation");

        var after = Load();

        Assert.Equal(next, after.TokenEncryption[0].Key);
        Assert.Equal(keys.TokenEncryption[0].Key, after.TokenEncryption[1].Key);
    }

    [Fact]
    public void Every_file_of_a_key_belongs_to_the_servers_own_account()
    {
        Load().Rotate(_directory, _time);
        AssertPrivate();
        Load();
        AssertPrivate();
    }

    private void AssertPrivate()
    {
        if (OperatingSystem.IsWindows()) return;
        foreach (var file in Directory.GetFiles(_directory)) Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
    }

    private ServerKeys Load() => ServerKeys.LoadOrCreate(_directory, _time);

    private static CeremonySeal SealOf(ServerKeys keys) => new("localhost", keys.CeremonySeal, keys.CeremonySealId, keys.OlderSeals);

    private static string Fingerprint(RSA rsa) => Convert.ToHexString(SHA256.HashData(rsa.ExportSubjectPublicKeyInfo()));
}
