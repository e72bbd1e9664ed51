using System.Text.Json;
using System.Text.RegularExpressions;
using Latchkey.Server.Hosting;
using Latchkey.Server.Storage;
using Latchkey.Server.Tests.Hosts;
using Microsoft.Extensions.DependencyInjection;

namespace Latchkey.Server.Tests.CommandLines;

/// <summary>The command line as a tool: run as a program against a server, with pipes where a terminal would be.</summary>
public sealed partial class CommandLineTests : AdministrationTest
{
    private const string LongName = "Wolfeschlegelsteinhausenbergerdorff-and-more-of-it-without-an-end";

    private string Data => App.Services.GetRequiredService<ServerOptions>().DataDirectory;

    [Theory]
    [InlineData(null)]
    [InlineData(80)]
    public async Task A_table_is_whole_in_a_pipe_and_at_eighty_columns(int? columns)
    {
        var joan = Guid.Parse((await Admin.AddPersonAsync(new("joan", LongName), Token)).Id);
        await AddSessionsAsync(joan, 2);
        var people = await CommandLine.RunAsync(Data, columns, "user", "list");
        var sessions = await CommandLine.RunAsync(Data, columns, "user", "session", "list", "joan");

        Assert.Contains(LongName, people.Out, StringComparison.Ordinal);
        Assert.Equal(0, people.Code);
        foreach (var session in await Admin.ListSessionsAsync("joan", Token))
        {
            // what is shown of an ID is enough to name it
            var shown = Assert.Single(ShownIds().Matches(sessions.Out).Select(match => match.Value), id => session.Id.StartsWith(id, StringComparison.Ordinal));
            Assert.Contains(session.Device!, sessions.Out, StringComparison.Ordinal);
            Assert.Equal(0, (await CommandLine.RunAsync(Data, null, "user", "session", "end", "joan", shown)).Code);
        }

        if (columns is null) Assert.Contains(people.Out.Split('\n'), line => line.Contains("joan", StringComparison.Ordinal) && line.Contains(LongName, StringComparison.Ordinal));
        else Assert.All(sessions.Out.Split('\n'), line => Assert.True(line.Length <= columns, line));
    }

    [Fact]
    public async Task Every_command_of_the_administration_answers_in_JSON()
    {
        async Task<JsonElement[]> RunAsync(params string[] command)
        {
            var ended = await CommandLine.RunAsync(Data, null, [.. command, "--json"]);
            Assert.True(ended.Code == 0, $"{string.Join(' ', command)}: {ended.Error}");
            return [.. ended.Out.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonDocument.Parse(line).RootElement)];
        }

        Assert.Equal("joan", Assert.Single(await RunAsync("user", "add", "joan", "--password"))!.GetProperty("name").GetString());
        Assert.Equal("joan", Assert.Single(await RunAsync("user", "list")).GetProperty("name").GetString());
        Assert.Equal("joan@example.org", Assert.Single(await RunAsync("user", "edit", "joan", "--email", "joan@example.org")).GetProperty("email").GetString());
        Assert.True(Assert.Single(await RunAsync("user", "disable", "joan")).GetProperty("isDisabled").GetBoolean());
        Assert.False(Assert.Single(await RunAsync("user", "enable", "joan")).GetProperty("isDisabled").GetBoolean());
        Assert.Equal("Joan", Assert.Single(await RunAsync("user", "edit", "joan", "--display-name", "Joan")).GetProperty("displayName").GetString());
        Assert.Equal("staff", Assert.Single(await RunAsync("group", "add", "staff")).GetProperty("name").GetString());
        foreach (var command in new string[][]
        {
            ["user", "show", "joan"], ["user", "unlock", "joan"], ["user", "password", "joan"], ["group", "list"], ["group", "add-member", "staff", "joan"], ["group", "members", "staff"],
            ["group", "remove-member", "staff", "joan"], ["group", "delete", "staff", "--yes"], ["tap", "create", "joan"], ["tap", "delete", "joan", "--yes"], ["policy", "show"],
            ["organisation", "show"], ["organisation", "set", "--name", "Example"], ["attestation", "show"], ["attestation", "rotate", "--dry-run"], ["keys", "rotate"],
            ["user", "session", "end", "joan"], ["tunnel", "domain", "1"], ["user", "reset", "joan", "--yes"], ["user", "delete", "joan", "--yes"],
        })
        {
            Assert.NotEmpty(await RunAsync(command));
        }

        Assert.Equal("person.deleted", (await RunAsync("audit", "show", "--last", "1"))[0].GetProperty("action").GetString());
        Assert.Equal(3, (await RunAsync("audit", "show", "--last", "3")).Length);
    }

    [Theory]
    [InlineData("user", "delete", "joan")]
    [InlineData("user", "reset", "joan")]
    [InlineData("tap", "delete", "joan")]
    [InlineData("group", "delete", "staff")]
    [InlineData("attestation", "revoke", "person", "joan")]
    [InlineData("user", "passkey", "delete", "joan", "Work phone")]
    public async Task What_is_deleted_for_good_is_asked_about_and_refused_where_nobody_can_answer(params string[] command)
    {
        var joan = Guid.Parse((await Admin.AddPersonAsync(new("joan"), Token)).Id);
        await Admin.AddGroupAsync("staff", Token);
        await Admin.CreatePassAsync("joan", new(), Token);
        await AddPasskeyAsync(joan, "Work phone");

        var refused = await CommandLine.RunAsync(Data, null, command);
        Assert.Equal(1, refused.Code);
        Assert.Contains("--yes", refused.Error, StringComparison.Ordinal);
        Assert.Equal(["passkey", "temporary_access_pass"], (await Admin.GetPersonAsync("joan", Token)).Methods);
        Assert.Single(await Admin.ListGroupsAsync(Token));

        Assert.Equal(0, (await CommandLine.RunAsync(Data, null, [.. command, "--yes", .. command[1] is "passkey" ? ["--last"] : Array.Empty<string>()])).Code);
    }

    [Theory]
    [InlineData("tap", "create", "joan", "--lifetime", "soon")]
    [InlineData("tap", "create", "joan", "--once", "perhaps")]
    [InlineData("tap", "create", "joan", "--start", "later")]
    [InlineData("tunnel", "domain", "many")]
    [InlineData("tunnel", "domain", "70000")]
    [InlineData("organisation", "set", "--tunnel-domain", "-1")]
    [InlineData("organisation", "set", "--code-as-first-factor", "x")]
    [InlineData("policy", "set", "-", "--if-version", "v")]
    [InlineData("user", "edit", "joan", "--admin", "x")]
    [InlineData("user", "edit", "joan")]
    [InlineData("audit", "show", "--last", "x")]
    [InlineData("audit", "show", "--last", "0")]
    [InlineData("user", "list", "--nothing")]
    [InlineData("nothing")]
    [InlineData("user")]
    public async Task A_wrong_command_line_is_told_of_in_words_of_the_command_and_never_of_the_program(params string[] command)
    {
        var wrong = await CommandLine.RunAsync(Data, null, command);

        Assert.Equal(2, wrong.Code);
        Assert.Empty(wrong.Out);
        Assert.DoesNotMatch("System\\.|Nullable|Exception|Int32", wrong.Error);
        Assert.Contains(" --help` tells how to use it.", wrong.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_that_cannot_be_read_is_named_without_a_trace()
    {
        Directory.CreateDirectory(Path.Combine(Data, "demo.txt"));
        foreach (var command in new string[][] { ["code", "admin"], ["policy", "set", Data], ["webauthn", "verify", Data] })
        {
            var ended = await CommandLine.RunAsync(Data, null, command);
            Assert.NotEqual(0, ended.Code);
            Assert.DoesNotMatch("System\\.|Exception|   at ", ended.Error);
        }
    }

    [Fact]
    public async Task A_passkey_is_meant_by_its_name_or_by_the_beginning_of_its_ID_when_no_other_begins_so()
    {
        var joan = Guid.Parse((await Admin.AddPersonAsync(new("joan"), Token)).Id);
        var first = await AddPasskeyAsync(joan, "Work phone", "0f000000-0000-0000-0000-000000000001");
        await AddPasskeyAsync(joan, "Tablet", "0f000000-0000-0000-0000-000000000002");
        await AddPasskeyAsync(joan, "Laptop", "ab000000-0000-0000-0000-000000000003");

        async Task<CommandLine.Ended> DeleteAsync(string which) => await CommandLine.RunAsync(Data, null, "user", "passkey", "delete", "joan", which, "--yes", "--last");
        Assert.Contains("Several are meant by 0f00", (await DeleteAsync("0f00")).Error, StringComparison.Ordinal);
        Assert.Contains("There is no passkey of joan called none", (await DeleteAsync("none")).Error, StringComparison.Ordinal);
        Assert.Equal(3, (await Admin.ListPasskeysAsync("joan", Token)).Count);
        Assert.Equal(0, (await DeleteAsync("ab")).Code);
        Assert.Equal(0, (await DeleteAsync("Tablet")).Code);
        Assert.Equal(first.ToString(), Assert.Single(await Admin.ListPasskeysAsync("joan", Token)).Id);
    }

    [Fact]
    public async Task The_policy_names_groups_as_people_do_and_what_is_shown_can_be_set_again()
    {
        await Admin.AddGroupAsync("staff", Token);
        var file = Path.Combine(Data, "change.json");
        await File.WriteAllTextAsync(file, """{"authenticationMethodConfigurations":{"Fido2":{"excludeTargets":[{"targetType":"group","id":"staff"}]}}}""", Token);
        Assert.Equal(0, (await CommandLine.RunAsync(Data, null, "policy", "set", file)).Code);

        var shown = await CommandLine.RunAsync(Data, null, "policy", "show");
        Assert.Contains("\"staff\"", shown.Out, StringComparison.Ordinal);
        await File.WriteAllTextAsync(file, shown.Out, Token);
        Assert.Equal(0, (await CommandLine.RunAsync(Data, null, "policy", "set", file)).Code);
        var id = Assert.Single(await Admin.ListGroupsAsync(Token)).Id;
        Assert.Contains(id, (await CommandLine.RunAsync(Data, null, "policy", "show", "--json")).Out, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Latchkey.Server")]
    [InlineData("Latchkey.TunnelService")]
    [InlineData("Latchkey.AuthenticatorApp")]
    public async Task Each_program_tells_its_options_when_asked(string project)
    {
        var help = await CommandLine.RunProgramAsync(project, "--help");

        Assert.Equal((0, ""), (help.Code, help.Error));
        Assert.Contains("--port N", help.Out, StringComparison.Ordinal);
    }

    private async Task AddSessionsAsync(Guid person, int count)
    {
        await using var scope = App.Services.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<LatchkeyDb>();
        db.AddRange(Enumerable.Range(0, count).Select(n => new Session
        {
            Id = Guid.CreateVersion7(), UserId = person, Kind = SessionKind.Browser, Device = $"Some browser on some computer of hers, number {n}", Amr = "pwd", ExpiresAt = DateTimeOffset.MaxValue,
        }));
        await db.SaveChangesAsync(Token);
    }

    private async Task<Guid> AddPasskeyAsync(Guid person, string name, string? id = null)
    {
        await using var scope = App.Services.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<LatchkeyDb>();
        var passkey = new Passkey { Id = id is null ? Guid.CreateVersion7() : Guid.Parse(id), UserId = person, DisplayName = name, CredentialId = Guid.NewGuid().ToByteArray(), CreatedAt = DateTimeOffset.UnixEpoch };
        db.Add(passkey);
        await db.SaveChangesAsync(Token);
        return passkey.Id;
    }

    [GeneratedRegex("\\b[0-9a-f]{8}[0-9a-f-]*", RegexOptions.None, 1000)]
    private static partial Regex ShownIds();
}
