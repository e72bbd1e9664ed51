using System.Text.Json;
using Latchkey.Server.Hosting;
using Latchkey.Server.Storage;
using Latchkey.Server.Tests.Hosts;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace Latchkey.Server.Tests.CommandLines;

/// <summary>Names as nobody should give them: none reaches a terminal raw, and none is taken.</summary>
public sealed class ForeignNamesTests : AdministrationTest
{
    private const string Hostile = "key\u001b[31mRED\u001b[0m\u001b]0;owned\u0007 \u001b[1A\u001b[2K\u009b31m\u202Egro.knab\nadmin\tadmin\0\U000E0041";

    private string Data => App.Services.GetRequiredService<ServerOptions>().DataDirectory;

    [Fact]
    public async Task No_character_that_controls_a_terminal_reaches_it_whatever_people_groups_and_passkeys_are_called()
    {
        var joan = Guid.Parse((await Admin.AddPersonAsync(new("joan", "Joan"), Token)).Id);
        var staff = Guid.Parse((await Admin.AddGroupAsync("staff", Token)).Id);
        await Admin.AddMemberAsync("staff", "joan", Token);
        await using (var scope = App.Services.CreateAsyncScope())
        {
            // Kept by a release that did not look at names.
            var db = scope.ServiceProvider.GetRequiredService<LatchkeyDb>();
            await db.Users.Where(user => user.Id == joan).ExecuteUpdateAsync(set => set.SetProperty(user => user.DisplayName, Hostile), Token);
            await db.Groups.Where(group => group.Id == staff).ExecuteUpdateAsync(set => set.SetProperty(group => group.Name, Hostile), Token);
            await db.Organisations.ExecuteUpdateAsync(set => set.SetProperty(organisation => organisation.DisplayName, Hostile), Token);
            db.Add(new Passkey { Id = Guid.CreateVersion7(), UserId = joan, DisplayName = Hostile, CredentialId = Guid.NewGuid().ToByteArray(), CreatedAt = DateTimeOffset.UnixEpoch });
            db.Add(new Session { Id = Guid.CreateVersion7(), UserId = joan, Kind = SessionKind.Browser, Device = Hostile, Amr = "pwd", ExpiresAt = DateTimeOffset.MaxValue });
            await db.SaveChangesAsync(Token);
        }

        foreach (var command in new string[][]
        {
            ["user", "list"], ["user", "show", "joan"], ["user", "passkey", "list", "joan"], ["user", "session", "list", "joan"],
            ["group", "list"], ["organisation", "show"], ["user", "passkey", "delete", "joan", "nobody's\u001b[2K"],
        })
        {
            foreach (var columns in (int?[])[null, 80])
            {
                var ended = await CommandLine.RunAsync(Data, columns, command);
                var said = ended.Out + ended.Error;
                Assert.DoesNotContain(said, c => c != '\n' && (char.IsControl(c) || c is '\u202E'));
                Assert.DoesNotContain(said.Split('\n'), line => line.StartsWith("admin", StringComparison.Ordinal));
                if (ended.Code == 0) Assert.Contains(@"\x1b[31mRED\x1b[0m\x1b]0;owned\x07 \x1b[1A\x1b[2K\x9b31m\u202egro.knab\x0aadmin", said, StringComparison.Ordinal);
            }

            // A program gets the names as they are, in JSON's own escapes, and a terminal nothing that it obeys.
            if (command[^1].Contains('\u001b', StringComparison.Ordinal)) continue;
            var json = await CommandLine.RunAsync(Data, null, [.. command, "--json"]);
            Assert.DoesNotContain(json.Out, c => c != '\n' && (char.IsControl(c) || c is '\u202E'));
            Assert.All(json.Out.Split('\n', StringSplitOptions.RemoveEmptyEntries), line => Assert.Contains("gro.knab", JsonDocument.Parse(line).RootElement.ToString(), StringComparison.Ordinal));
        }
    }

    [Fact]
    public async Task An_endless_name_takes_two_lines_at_most()
    {
        var joan = Guid.Parse((await Admin.AddPersonAsync(new("joan", "Joan"), Token)).Id);
        await using (var scope = App.Services.CreateAsyncScope())
        {
            var db = scope.ServiceProvider.GetRequiredService<LatchkeyDb>();
            await db.Users.Where(user => user.Id == joan).ExecuteUpdateAsync(set => set.SetProperty(user => user.DisplayName, new string('R', 3000)), Token);
        }

        var people = await CommandLine.RunAsync(Data, 80, "user", "list");

        Assert.InRange(people.Out.Count(c => c == 'R'), 64, 170);
        Assert.Contains("…", people.Out, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("josé")]
    [InlineData("kim doe")]
    [InlineData("a\u001b[2K")]
    [InlineData("kim\u202e")]
    public async Task A_name_to_sign_in_with_that_is_refused_is_told_what_it_may_have(string name)
    {
        var refused = await CommandLine.RunAsync(Data, null, "user", "add", name, "--display-name", "Somebody");

        Assert.NotEqual(0, refused.Code);
        Assert.Contains("a-z", refused.Error, StringComparison.Ordinal);
        Assert.Contains("- . _ @ +", refused.Error, StringComparison.Ordinal);
        Assert.DoesNotContain(refused.Error, c => c != '\n' && (char.IsControl(c) || c is '\u202E'));
        Assert.Empty((await Admin.ListPeopleAsync(null, Token)).Value);
    }

    [Fact]
    public async Task The_letters_it_names_are_taken_and_so_are_emoji_where_a_person_is_shown()
    {
        Assert.Equal(0, (await CommandLine.RunAsync(Data, null, "user", "add", "kim@example.org", "--display-name", "Kim 👩🏽‍🚀")).Code);

        var refused = await CommandLine.RunAsync(Data, null, "user", "add", "joan", "--display-name", "Joan\u202e");
        Assert.NotEqual(0, refused.Code);
        Assert.Contains("can be seen", refused.Error, StringComparison.Ordinal);
        refused = await CommandLine.RunAsync(Data, null, "user", "edit", "kim@example.org", "--display-name", "a\u001b[2K");
        Assert.Contains("can be seen", refused.Error, StringComparison.Ordinal);
        Assert.Contains("can be seen", (await CommandLine.RunAsync(Data, null, "group", "add", "staff\u202e")).Error, StringComparison.Ordinal);
        Assert.Contains("can be seen", (await CommandLine.RunAsync(Data, null, "organisation", "set", "--name", "a\nb")).Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_judge_of_recorded_responses_writes_a_case_s_name_in_escapes()
    {
        var file = Path.Combine(Data, "case.json");
        await File.WriteAllTextAsync(file, "[{\"id\":\"a\u009b2K\u202eb\"},{\"id\":7},{\"id\":\"\\ud800\"}]", Token);

        var judged = await CommandLine.RunAsync(Data, null, "webauthn", "verify", file, "--strict");

        Assert.Equal(1, judged.Code);
        var lines = judged.Out.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.DoesNotContain(judged.Out, c => c != '\n' && (char.IsControl(c) || c is '\u202E'));
        Assert.Equal("a\u009b2K\u202eb", JsonDocument.Parse(lines[0]).RootElement.GetProperty("id").GetString());
        Assert.All(lines, line => Assert.Equal(0, JsonDocument.Parse(line).RootElement.GetProperty("warnings").GetArrayLength()));
    }
}
