using System.Collections.Concurrent;
using System.Net.Http.Headers;
using Latchkey.Api;
using Latchkey.Api.Me;
using Latchkey.Api.OpenIdConnect;
using Latchkey.Authenticator;
using Latchkey.Authenticator.Vault;
using Latchkey.Protocol.WebAuthn;

namespace Latchkey.Accounts;

/// <summary>The accounts the app is signed in to: adds them, and speaks to their servers with a fresh access token.</summary>
/// <param name="vault">Where accounts and refresh tokens are kept.</param>
/// <param name="connect">Makes a client for a server's root; the caller of this class owns its handler.</param>
/// <param name="clientId">The OAuth client the refresh tokens belong to.</param>
/// <param name="time">The clock.</param>
public sealed class AccountBook(FileCredentialStore vault, Func<Uri, HttpClient> connect, string clientId, TimeProvider time) : IDisposable
{
    /// <summary>The code of an account whose sign-in has ended: sign in again, and the work goes on.</summary>
    public const string SignInRequired = "sign_in_required";

    /// <summary>Whether signing in again, with a second factor, is what a refusal asks for.</summary>
    public static bool IsSignInNeeded(ApiException problem) =>
        problem.Status == System.Net.HttpStatusCode.Unauthorized || problem.Code is SignInRequired or "mfa_required" or "step_up_required";

    // A token about to expire would expire on the way.
    private static readonly TimeSpan Margin = TimeSpan.FromSeconds(30);

    private readonly ConcurrentDictionary<string, TokenSet> _tokens = new(StringComparer.Ordinal);
    private readonly AccountTurns _refreshing = new();
    private AttestationEnrolment? _attestation;

    /// <summary>The model this Authenticator says it is of.</summary>
    public Aaguid Model { get; init; } = AuthenticatorAaguid.Value;

    /// <summary>What vouches for new passkeys at the accounts' servers.</summary>
    public AttestationEnrolment Attestation => LazyInitializer.EnsureInitialized(ref _attestation, () => new(this, Model, time));

    /// <summary>The accounts, oldest first.</summary>
    public IReadOnlyList<VaultAccount> All => vault.Contents.Accounts;

    /// <summary>The account with this ID; null when there is none.</summary>
    public VaultAccount? Find(string id) => vault.Contents.Accounts.Find(account => account.Id == id);

    /// <summary>Keeps an account just signed in to; the same person at the same server is the same account.</summary>
    /// <exception cref="ApiException">The server does not say who is signed in.</exception>
    public async Task<VaultAccount> AddAsync(Uri server, TokenSet tokens, CancellationToken cancellationToken)
    {
        using var http = Authorized(server, tokens.AccessToken);
        var profile = await new ProfileClient(http).GetAsync(cancellationToken);
        var known = All.FirstOrDefault(account => account.Server == server && account.Subject == profile.Id);
        var account = new VaultAccount(known?.Id ?? Guid.CreateVersion7(time.GetUtcNow()).ToString("N"), server, profile.Id, profile.UserPrincipalName, profile.DisplayName, profile.Organization)
        {
            RefreshToken = tokens.RefreshToken,
            TunnelDomain = profile.TunnelDomain,
            AddedAt = time.GetUtcNow(),
        };
        await vault.UpdateAsync(
            contents => contents.Accounts.FindIndex(known => known.Id == account.Id) is var index and >= 0
                ? contents with
                {
                    Accounts = contents.Accounts.SetItem(index, account = contents.Accounts[index] with
                    {
                        UserName = account.UserName,
                        DisplayName = account.DisplayName,
                        Organisation = account.Organisation,
                        RefreshToken = account.RefreshToken,
                        TunnelDomain = account.TunnelDomain,
                    }),
                }
                : contents with { Accounts = contents.Accounts.Add(account) },
            cancellationToken);
        _tokens[account.Id] = tokens;
        await Attestation.EnsureAsync(account, cancellationToken); // the second factor was just given
        return Find(account.Id) ?? account;
    }

    /// <summary>Takes over what the server says of the person and the organisation by now.</summary>
    public Task RefreshAsync(string id, Profile profile, CancellationToken cancellationToken) => ChangeAsync(
        id,
        account => account with { UserName = profile.UserPrincipalName, DisplayName = profile.DisplayName, Organisation = profile.Organization, TunnelDomain = profile.TunnelDomain },
        cancellationToken);

    /// <summary>Changes what is kept of an account, as it is at that moment; nothing is written when it stays the same, or is gone.</summary>
    public Task ChangeAsync(string id, Func<VaultAccount, VaultAccount> change, CancellationToken cancellationToken) => vault.UpdateAsync(
        contents => contents.Accounts.FindIndex(account => account.Id == id) is var index and >= 0 && change(contents.Accounts[index]) is var after && after != contents.Accounts[index]
            ? contents with { Accounts = contents.Accounts.SetItem(index, after) }
            : contents,
        cancellationToken);

    /// <summary>
    /// Forgets an account and what is owed to its server, and ends its sign-in there; this device, if it was registered, is deleted on the server with it.
    /// A server that does not answer is told later (<see cref="SignOutAsync(CancellationToken)"/>).
    /// </summary>
    /// <returns>What kept the server from it, if anything did. Its key is gone here all the same, so that nobody can answer with it.</returns>
    public async Task<ApiException?> RemoveAsync(string id, CancellationToken cancellationToken)
    {
        if (Find(id) is not { } account)
        {
            return null;
        }

        // Not beside a refresh: what is owed is the newest token.
        var owed = await _refreshing.TakeAsync(id, async () =>
        {
            var before = vault.Contents.SignOuts;
            await vault.RemoveAccountAsync(id, cancellationToken);
            return vault.Contents.SignOuts.Find(signOut => !before.Contains(signOut));
        });
        _tokens.TryRemove(id, out _);
        return owed is not null ? await SignOutAsync(owed) : account.Device?.Id is null ? null : SignInEnded();
    }

    /// <summary>Tells servers of the accounts that were removed while they could not be reached.</summary>
    public async Task SignOutAsync(CancellationToken cancellationToken)
    {
        foreach (var owed in vault.Contents.SignOuts)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (time.GetUtcNow() - owed.Since > VaultSignOut.Life) await vault.UpdateAsync(contents => contents.Owed(owed, null), cancellationToken);
            else await SignOutAsync(owed);
        }
    }

    /// <summary>A client for the account's server, with the person's access token.</summary>
    /// <exception cref="ApiException"><see cref="SignInRequired"/> when the sign-in has ended; or no answer.</exception>
    public async Task<HttpClient> ConnectAsync(VaultAccount account, CancellationToken cancellationToken) =>
        Authorized(account.Server, await TokenAsync(account, cancellationToken));

    /// <summary>The person's access token, fresh.</summary>
    /// <exception cref="ApiException"><see cref="SignInRequired"/> when the sign-in has ended; or no answer.</exception>
    // Who gives up does not take the exchange along: the old refresh token is spent as soon as the server has seen it, and the new one would be lost.
    public Task<string> TokenAsync(VaultAccount account, CancellationToken cancellationToken) => FreshTokenAsync(account).WaitAsync(cancellationToken);

    /// <summary>A client for a server, with nobody's access token.</summary>
    public HttpClient ConnectAnonymously(Uri server) => connect(server);

    /// <summary>Frees the guard.</summary>
    public void Dispose()
    {
        _refreshing.Dispose();
        _attestation?.Dispose();
    }

    private Task<string> FreshTokenAsync(VaultAccount account) => _refreshing.TakeAsync(account.Id, async () =>
        (_tokens.TryGetValue(account.Id, out var tokens) && tokens.ExpiresAt - Margin > time.GetUtcNow() ? tokens : await RefreshAsync(Find(account.Id) ?? account)).AccessToken);

    private async Task<TokenSet> RefreshAsync(VaultAccount account)
    {
        if (account.RefreshToken is null)
        {
            throw SignInEnded();
        }

        using var http = connect(account.Server);
        TokenSet tokens;
        try
        {
            tokens = await new TokenClient(http, time).RefreshAsync(clientId, account.RefreshToken, CancellationToken.None);
        }
        catch (ApiException e) when (e.Code == "invalid_grant")
        {
            await ChangeAsync(account.Id, known => known with { RefreshToken = null }, CancellationToken.None);
            throw SignInEnded();
        }

        // The old token is spent: the new one is on disk before anything else happens.
        await ChangeAsync(account.Id, known => known with { RefreshToken = tokens.RefreshToken ?? known.RefreshToken }, CancellationToken.None);
        return _tokens[account.Id] = tokens;
    }

    // Not given up half-way: a refresh token on its way would be lost.
    private async Task<ApiException?> SignOutAsync(VaultSignOut owed)
    {
        ApiException? problem = null;
        try
        {
            using var http = connect(owed.Server);
            var tokens = new TokenClient(http, time);
            if (owed.Device is { } device)
            {
                var fresh = await tokens.RefreshAsync(clientId, owed.RefreshToken, CancellationToken.None);
                owed = await OweAsync(owed, owed with { RefreshToken = fresh.RefreshToken ?? owed.RefreshToken });
                using var authorized = Authorized(owed.Server, fresh.AccessToken);
                problem = await RemoveAsync(authorized, owed, device);
                owed = await OweAsync(owed, owed with { Device = null });
            }

            await tokens.RevokeAsync(clientId, owed.RefreshToken, CancellationToken.None);
        }
        catch (ApiException e) when (e.IsTransient)
        {
            return e; // owed still
        }
        catch (ApiException e)
        {
            problem = e.Code != "invalid_grant" ? e : owed.Device is null ? null : SignInEnded();
        }

        await vault.UpdateAsync(contents => contents.Owed(owed, null), CancellationToken.None);
        return problem;
    }

    /// <summary>The device goes: it signs for that itself, so that no second factor is asked for.</summary>
    private static async Task<ApiException?> RemoveAsync(HttpClient http, VaultSignOut owed, VaultDevice device)
    {
        try
        {
            await DeviceRegistration.RemoveAsync(http, owed.Server, owed.Subject, device, evenIfLast: true, CancellationToken.None);
            return null;
        }
        catch (ApiException e) when (!e.IsTransient)
        {
            return e;
        }
    }

    private async Task<VaultSignOut> OweAsync(VaultSignOut owed, VaultSignOut left)
    {
        await vault.UpdateAsync(contents => contents.Owed(owed, left), CancellationToken.None);
        return left;
    }

    private HttpClient Authorized(Uri server, string accessToken)
    {
        var http = connect(server);
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", accessToken);
        return http;
    }

    private static ApiException SignInEnded() =>
        new(System.Net.HttpStatusCode.Unauthorized, SignInRequired, "Your sign-in has ended. Sign in again.");
}
