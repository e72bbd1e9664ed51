using System.Globalization;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text.Json.Serialization.Metadata;

namespace Latchkey.Api.Administration;

/// <summary>The running server's local door for administration: a Unix socket in its data directory that answers only the account the server runs under.</summary>
/// <param name="http">An HTTP client that speaks over that socket: <see cref="OverSocket"/>.</param>
public sealed class AdministrationClient(HttpClient http)
{
    /// <summary>The routes, below the socket.</summary>
    public const string Root = "local";

    /// <summary>The name of the socket in the server's data directory.</summary>
    public const string SocketName = "admin.sock";

    /// <summary>Says that the names in the path are escaped once more than a path needs, so that it can carry any: <c>..</c>, or one with a slash.</summary>
    public const string EscapedNamesHeader = "Latchkey-Escaped-Names";

    /// <summary>An HTTP client whose every connection is the given Unix socket.</summary>
    /// <param name="socketPath">Path of <c>admin.sock</c>.</param>
    public static HttpClient OverSocket(string socketPath) => new(new SocketsHttpHandler
    {
        UseProxy = false,
        ConnectCallback = async (_, cancellationToken) =>
        {
            var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            try
            {
                await socket.ConnectAsync(new UnixDomainSocketEndPoint(socketPath), cancellationToken);
                return new NetworkStream(socket, ownsSocket: true);
            }
            catch
            {
                socket.Dispose();
                throw;
            }
        },
    })
    { BaseAddress = new Uri("http://localhost/") };

    /// <summary>Makes an account.</summary>
    /// <exception cref="ApiException">A refusal, or no answer.</exception>
    public Task<Person> AddPersonAsync(NewPerson person, CancellationToken cancellationToken) =>
        ApiJson.SendAsync(http, Post("users", person, ApiJson.Default.NewPerson), ApiJson.Default.Person, cancellationToken);

    /// <summary>One page of people, after the given name.</summary>
    /// <exception cref="ApiException">A refusal, or no answer.</exception>
    public Task<PersonPage> ListPeopleAsync(string? after, CancellationToken cancellationToken) =>
        ApiJson.SendAsync(http, new(HttpMethod.Get, $"{Root}/users{(after is null ? "" : "?after=" + Uri.EscapeDataString(after))}"), ApiJson.Default.PersonPage, cancellationToken);

    /// <summary>One person.</summary>
    /// <exception cref="ApiException">A refusal, or no answer.</exception>
    public Task<Person> GetPersonAsync(string name, CancellationToken cancellationToken) =>
        ApiJson.SendAsync(http, Named(HttpMethod.Get, "users/{0}", name), ApiJson.Default.Person, cancellationToken);

    /// <summary>Changes what is given of an account, and leaves the rest.</summary>
    /// <exception cref="ApiException">A refusal, or no answer.</exception>
    public Task<Person> ChangePersonAsync(string name, PersonChange change, CancellationToken cancellationToken) => ApiJson.SendAsync(
        http, Named(HttpMethod.Patch, "users/{0}", name, with: JsonContent.Create(change, ApiJson.Default.PersonChange)), ApiJson.Default.Person, cancellationToken);

    /// <summary>For a lost device: deletes every passkey, Authenticator, code, recovery code and pass of a person, ends their sessions, and gives a new pass.</summary>
    /// <param name="name">Whose.</param>
    /// <param name="pass">The pass to give; none when absent.</param>
    /// <param name="cancellationToken">Stops waiting; the server may have acted all the same.</param>
    /// <exception cref="ApiException">A refusal, or no answer: then nothing was deleted, or nobody knows.</exception>
    public Task<PersonReset> ResetPersonAsync(string name, NewTemporaryAccessPass? pass, CancellationToken cancellationToken) => ApiJson.SendAsync(
        http,
        Named(HttpMethod.Post, "users/{0}/reset", name, with: pass is null ? null : JsonContent.Create(pass, ApiJson.Default.NewTemporaryAccessPass)),
        ApiJson.Default.PersonReset,
        cancellationToken);

    /// <summary>Rows of the audit log, the newest first.</summary>
    /// <param name="person">Whose; everybody's when absent.</param>
    /// <param name="before">Only rows before this number; from the newest on when absent.</param>
    /// <param name="top">How many at most.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="ApiException">A refusal, or no answer.</exception>
    public Task<AuditPage> ListAuditAsync(string? person, long? before, int top, CancellationToken cancellationToken) => ApiJson.SendAsync(
        http,
        new(HttpMethod.Get, string.Create(
            CultureInfo.InvariantCulture,
            $"{Root}/audit?top={top}{(before is { } number ? $"&before={number}" : "")}{(person is null ? "" : "&person=" + Uri.EscapeDataString(person))}")),
        ApiJson.Default.AuditPage,
        cancellationToken);

    /// <summary>Deletes an account and everything that belongs to it.</summary>
    /// <exception cref="ApiException">A refusal, or no answer.</exception>
    public Task DeletePersonAsync(string name, CancellationToken cancellationToken) => SendAsync(Named(HttpMethod.Delete, "users/{0}", name), cancellationToken);

    /// <summary>Sets a password; every session of the person ends.</summary>
    /// <exception cref="ApiException">A refusal, or no answer.</exception>
    public Task SetPasswordAsync(string name, string password, CancellationToken cancellationToken) =>
        SendAsync(Named(HttpMethod.Put, "users/{0}/password", name, with: JsonContent.Create(new(password), ApiJson.Default.NewPassword)), cancellationToken);

    /// <summary>Takes off the lock that wrong attempts put on a name.</summary>
    /// <exception cref="ApiException">A refusal, or no answer.</exception>
    public Task UnlockAsync(string name, CancellationToken cancellationToken) => SendAsync(Named(HttpMethod.Post, "users/{0}/unlock", name), cancellationToken);

    /// <summary>Makes a Temporary Access Pass; an older one is gone.</summary>
    /// <exception cref="ApiException">A refusal, or no answer.</exception>
    public Task<CreatedTemporaryAccessPass> CreatePassAsync(string name, NewTemporaryAccessPass pass, CancellationToken cancellationToken) =>
        ApiJson.SendAsync(
            http,
            Named(HttpMethod.Post, "users/{0}/temporary-access-pass", name, with: JsonContent.Create(pass, ApiJson.Default.NewTemporaryAccessPass)),
            ApiJson.Default.CreatedTemporaryAccessPass,
            cancellationToken);

    /// <summary>Deletes a person's Temporary Access Pass and ends the sessions it opened.</summary>
    /// <param name="name">Whose.</param>
    /// <param name="cancellationToken">Stops waiting; the server may have acted all the same.</param>
    /// <param name="askIfLast">Whether it stays, with <see cref="LastMethod.Code"/>, if the person has no other way to sign in.</param>
    /// <exception cref="ApiException">A refusal, or no answer.</exception>
    public Task DeletePassAsync(string name, CancellationToken cancellationToken, bool askIfLast = false) =>
        SendAsync(Named(HttpMethod.Delete, "users/{0}/temporary-access-pass", name).Says(askIfLast ? LastMethod.Ask : null), cancellationToken);

    /// <summary>The organisation's settings.</summary>
    /// <exception cref="ApiException">A refusal, or no answer.</exception>
    public Task<OrganisationSettings> GetOrganisationAsync(CancellationToken cancellationToken) =>
        ApiJson.SendAsync(http, new(HttpMethod.Get, $"{Root}/organisation"), ApiJson.Default.OrganisationSettings, cancellationToken);

    /// <summary>Changes the settings that are given, and leaves the others.</summary>
    /// <exception cref="ApiException">A refusal, or no answer.</exception>
    public Task<OrganisationSettings> ChangeOrganisationAsync(OrganisationSettings change, CancellationToken cancellationToken) =>
        ApiJson.SendAsync(
            http,
            new(HttpMethod.Patch, $"{Root}/organisation") { Content = JsonContent.Create(change, ApiJson.Default.OrganisationSettings) },
            ApiJson.Default.OrganisationSettings,
            cancellationToken);

    /// <summary>Takes the organisation's tunnel domain away.</summary>
    /// <exception cref="ApiException">A refusal, or no answer.</exception>
    public Task RemoveTunnelDomainAsync(CancellationToken cancellationToken) =>
        SendAsync(new(HttpMethod.Delete, $"{Root}/organisation/tunnel-domain"), cancellationToken);

    /// <summary>The authentication methods policy.</summary>
    /// <exception cref="ApiException">A refusal, or no answer.</exception>
    public Task<PolicyDocument> GetPolicyAsync(CancellationToken cancellationToken) =>
        ApiJson.SendAsync(http, new(HttpMethod.Get, $"{Root}/policy"), ApiJson.Default.PolicyDocument, cancellationToken);

    /// <summary>Changes the members of the policy that are given (JSON Merge Patch), or says what that would bring.</summary>
    /// <param name="mergePatch">The change, JSON in UTF-8: the members as <see cref="GetPolicyAsync"/> answers them.</param>
    /// <param name="ifVersion">The version the change is for; any when absent.</param>
    /// <param name="isDryRun">Whether nothing is to be changed.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="ApiException">A refusal, or no answer.</exception>
    public Task<PolicyChange> ChangePolicyAsync(ReadOnlyMemory<byte> mergePatch, int? ifVersion, bool isDryRun, CancellationToken cancellationToken)
    {
        var request = new HttpRequestMessage(HttpMethod.Patch, $"{Root}/policy{DryRun(isDryRun)}") { Content = new ReadOnlyMemoryContent(mergePatch) };
        request.Content.Headers.ContentType = new("application/merge-patch+json");
        if (ifVersion is { } version)
        {
            request.Headers.IfMatch.Add(new($"\"{version.ToString(CultureInfo.InvariantCulture)}\""));
        }

        return ApiJson.SendAsync(http, request, ApiJson.Default.PolicyChange, cancellationToken);
    }

    /// <summary>The attestation authorities, oldest first.</summary>
    /// <exception cref="ApiException">A refusal, or no answer.</exception>
    public async Task<IReadOnlyList<AttestationAuthorityInfo>> ListAttestationAuthoritiesAsync(CancellationToken cancellationToken) =>
        (await ApiJson.SendAsync(http, new(HttpMethod.Get, $"{Root}/attestation/authorities"), ApiJson.Default.AttestationAuthorityCollection, cancellationToken)).Value;

    /// <summary>The certificates they issued, oldest first.</summary>
    /// <param name="person">Whose; everybody's when absent.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="ApiException">A refusal, or no answer.</exception>
    public async Task<IReadOnlyList<AttestationCertificateInfo>> ListAttestationCertificatesAsync(string? person, CancellationToken cancellationToken) =>
        (await ApiJson.SendAsync(
            http,
            new(HttpMethod.Get, $"{Root}/attestation/certificates{(person is null ? "" : "?person=" + Uri.EscapeDataString(person))}"),
            ApiJson.Default.AttestationCertificateCollection,
            cancellationToken)).Value;

    /// <summary>Puts a new authority in the active one's place, or says what that would bring.</summary>
    /// <exception cref="ApiException">A refusal, or no answer.</exception>
    public Task<AttestationChange> RotateAttestationAsync(bool isDryRun, CancellationToken cancellationToken) =>
        ApiJson.SendAsync(http, new(HttpMethod.Post, $"{Root}/attestation/rotate{DryRun(isDryRun)}"), ApiJson.Default.AttestationChange, cancellationToken);

    /// <summary>Takes back what was vouched for, or says what that would bring.</summary>
    /// <exception cref="ApiException">A refusal, or no answer.</exception>
    public Task<AttestationChange> RevokeAttestationAsync(AttestationRevocation what, bool isDryRun, CancellationToken cancellationToken) =>
        ApiJson.SendAsync(http, Post($"attestation/revoke{DryRun(isDryRun)}", what, ApiJson.Default.AttestationRevocation), ApiJson.Default.AttestationChange, cancellationToken);

    /// <summary>A person's passkeys, oldest first.</summary>
    /// <exception cref="ApiException">A refusal, or no answer.</exception>
    public async Task<IReadOnlyList<PersonPasskey>> ListPasskeysAsync(string name, CancellationToken cancellationToken) =>
        (await ApiJson.SendAsync(http, Named(HttpMethod.Get, "users/{0}/passkeys", name), ApiJson.Default.PersonPasskeyCollection, cancellationToken)).Value;

    /// <summary>Deletes a person's passkey; the sessions it opened end, and the Authenticator that holds it drops it.</summary>
    /// <param name="name">Whose.</param>
    /// <param name="id">Which.</param>
    /// <param name="cancellationToken">Stops waiting; the server may have acted all the same.</param>
    /// <param name="askIfLast">Whether it stays, with <see cref="LastMethod.Code"/>, if the person has no other way to sign in.</param>
    /// <exception cref="ApiException">A refusal, or no answer.</exception>
    public Task DeletePasskeyAsync(string name, string id, CancellationToken cancellationToken, bool askIfLast = false) =>
        SendAsync(Named(HttpMethod.Delete, "users/{0}/passkeys/{1}", name, id).Says(askIfLast ? LastMethod.Ask : null), cancellationToken);

    /// <summary>Where a person is signed in, the one used last first.</summary>
    /// <exception cref="ApiException">A refusal, or no answer.</exception>
    public async Task<IReadOnlyList<PersonSession>> ListSessionsAsync(string name, CancellationToken cancellationToken) =>
        (await ApiJson.SendAsync(http, Named(HttpMethod.Get, "users/{0}/sessions", name), ApiJson.Default.PersonSessionCollection, cancellationToken)).Value;

    /// <summary>Signs a person out of one place, or of all when none is named; what hangs on it ends with it.</summary>
    /// <exception cref="ApiException">A refusal, or no answer.</exception>
    public Task EndSessionsAsync(string name, string? id, CancellationToken cancellationToken) =>
        SendAsync(Named(HttpMethod.Delete, id is null ? "users/{0}/sessions" : "users/{0}/sessions/{1}", name, id), cancellationToken);

    /// <summary>Makes new keys for tokens and pending ceremonies; they take over at the server's next start.</summary>
    /// <exception cref="ApiException">A refusal, or no answer.</exception>
    public Task RotateKeysAsync(CancellationToken cancellationToken) => SendAsync(new(HttpMethod.Post, $"{Root}/keys/rotate"), cancellationToken);

    /// <summary>Makes a group.</summary>
    /// <exception cref="ApiException">A refusal, or no answer.</exception>
    public Task<PeopleGroup> AddGroupAsync(string name, CancellationToken cancellationToken) =>
        ApiJson.SendAsync(http, Post("groups", new(name), ApiJson.Default.NewPeopleGroup), ApiJson.Default.PeopleGroup, cancellationToken);

    /// <summary>All groups.</summary>
    /// <exception cref="ApiException">A refusal, or no answer.</exception>
    public async Task<IReadOnlyList<PeopleGroup>> ListGroupsAsync(CancellationToken cancellationToken) =>
        (await ApiJson.SendAsync(http, new(HttpMethod.Get, $"{Root}/groups"), ApiJson.Default.PeopleGroupCollection, cancellationToken)).Value;

    /// <summary>Deletes a group; the people stay.</summary>
    /// <exception cref="ApiException">A refusal, or no answer.</exception>
    public Task DeleteGroupAsync(string name, CancellationToken cancellationToken) => SendAsync(Named(HttpMethod.Delete, "groups/{0}", name), cancellationToken);

    /// <summary>The people in a group.</summary>
    /// <exception cref="ApiException">A refusal, or no answer.</exception>
    public async Task<IReadOnlyList<Person>> ListMembersAsync(string group, CancellationToken cancellationToken) =>
        (await ApiJson.SendAsync(http, Named(HttpMethod.Get, "groups/{0}/members", group), ApiJson.Default.PersonPage, cancellationToken)).Value;

    /// <summary>Puts a person into a group.</summary>
    /// <exception cref="ApiException">A refusal, or no answer.</exception>
    public Task AddMemberAsync(string group, string name, CancellationToken cancellationToken) =>
        SendAsync(Named(HttpMethod.Put, "groups/{0}/members/{1}", group, name), cancellationToken);

    /// <summary>Takes a person out of a group.</summary>
    /// <exception cref="ApiException">A refusal, or no answer.</exception>
    public Task RemoveMemberAsync(string group, string name, CancellationToken cancellationToken) =>
        SendAsync(Named(HttpMethod.Delete, "groups/{0}/members/{1}", group, name), cancellationToken);

    private static string DryRun(bool isDryRun) => isDryRun ? "?dryRun" : "";

    /// <summary>A request about something by its name. A path step of dots alone is taken for a step in the path, and a slash ends one:
    /// such names travel escaped twice.</summary>
    private static HttpRequestMessage Named(HttpMethod method, string path, string name, string? second = null, HttpContent? with = null)
    {
        var twice = IsUnusual(name) || IsUnusual(second);
        var request = new HttpRequestMessage(method, $"{Root}/{string.Format(CultureInfo.InvariantCulture, path, Segment(name), Segment(second ?? ""))}") { Content = with };
        if (twice)
        {
            request.Headers.Add(EscapedNamesHeader, "1");
        }

        return request;

        string Segment(string text) => twice ? Uri.EscapeDataString(Uri.EscapeDataString(text).Replace(".", "%2E", StringComparison.Ordinal)) : Uri.EscapeDataString(text);
    }

    private static bool IsUnusual(string? name) => name is "." or ".." || name?.Contains('/', StringComparison.Ordinal) is true;

    private static HttpRequestMessage Post<T>(string path, T body, JsonTypeInfo<T> type) =>
        new(HttpMethod.Post, $"{Root}/{path}") { Content = JsonContent.Create(body, type) };

    private async Task SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) => (await ApiJson.SendAsync(http, request, cancellationToken)).Dispose();
}
