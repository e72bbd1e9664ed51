using Latchkey.Api;
using Latchkey.Server.Tests.Hosts;

namespace Latchkey.Server.Tests.Hosting;

/// <summary>Two administrators, or one who presses twice.</summary>
public sealed class AdministrationRaceTests : AdministrationTest
{
    [Fact]
    public async Task What_is_made_twice_at_once_is_made_once_and_refused_in_words_or_in_it_already()
    {
        Assert.Equal(["request_invalid", "request_invalid", "request_invalid"], await AtOnceAsync(() => Admin.AddPersonAsync(new("joan", "Joan", IsAdmin: true), Token)));
        Assert.Equal(["group_exists", "group_exists", "group_exists"], await AtOnceAsync(() => Admin.AddGroupAsync("Staff", Token)));
        Assert.Empty(await AtOnceAsync(() => Admin.AddMemberAsync("staff", "joan", Token)));
        Assert.Empty(await AtOnceAsync(() => Admin.CreatePassAsync("joan", new(), Token)));

        Assert.Equal(["temporary_access_pass"], (await Admin.GetPersonAsync("joan", Token)).Methods);
        Assert.Equal("joan", Assert.Single(await Admin.ListMembersAsync("\uFF33taff", Token)).Name);
    }

    [Fact]
    public async Task A_group_that_nobody_can_tell_from_another_is_not_made()
    {
        await Admin.AddGroupAsync("Staff", Token);

        Assert.Equal("group_exists", (await Assert.ThrowsAsync<ApiException>(() => Admin.AddGroupAsync("\uFF33TAFF", Token))).Code);
        Assert.Equal("group_name_invalid", (await Assert.ThrowsAsync<ApiException>(() => Admin.AddGroupAsync("St\u200Baff", Token))).Code);
        Assert.Equal("group_name_invalid", (await Assert.ThrowsAsync<ApiException>(() => Admin.AddGroupAsync("\u200B", Token))).Code);
    }

    private static async Task<IReadOnlyList<string>> AtOnceAsync(Func<Task> act)
    {
        var codes = await Task.WhenAll(Enumerable.Range(0, 4).Select(async _ =>
        {
            try
            {
                await act();
                return null;
            }
            catch (ApiException refused)
            {
                return refused.Code;
            }
        }));
        return [.. codes.OfType<string>()];
    }
}
