using System.CommandLine;
using Latchkey.Api;

namespace Latchkey.Cli.Commands;

/// <summary><c>latchkey group</c>: groups of people.</summary>
internal static class GroupCommand
{
    public static Command Create() => new("group", "Looks after groups of people.") { Add(), List(), Members(), AddMember(), RemoveMember(), Delete() };

    private static Command Add()
    {
        var group = Group();
        return AdministrationConnection.Command("add", "Makes a group.", [group], async (client, parsed, output, cancellation) =>
        {
            var made = await client.AddGroupAsync(parsed.GetRequiredValue(group), cancellation);
            await Console.Error.WriteLineAsync($"{made.Name} was added.");
            output.Json(made, ApiJson.Default.PeopleGroup);
            if (!output.IsJson) Console.WriteLine(made.Name);
        });
    }

    private static Command List() => AdministrationConnection.Command("list", "Lists groups and how many people are in them.", [], async (client, _, output, cancellation) =>
        output.List(
            await client.ListGroupsAsync(cancellation), ApiJson.Default.PeopleGroup, "There is no group yet. `latchkey group add GROUP` makes one.",
            ("Group", group => group.Name), ("People", group => $"{group.Members}")));

    private static Command Members()
    {
        var group = Group();
        return AdministrationConnection.Command("members", "Lists the people in a group.", [group], async (client, parsed, output, cancellation) =>
            output.List(
                await client.ListMembersAsync(parsed.GetRequiredValue(group), cancellation), ApiJson.Default.Person, $"Nobody is in {parsed.GetValue(group)}.",
                ("Name", person => person.Name), ("Person", person => person.DisplayName)));
    }

    private static Command AddMember()
    {
        var (group, name) = (Group(), new Argument<string>("NAME"));
        return AdministrationConnection.Command("add-member", "Puts a person into a group.", [group, name], async (client, parsed, output, cancellation) =>
        {
            await client.AddMemberAsync(parsed.GetRequiredValue(group), parsed.GetRequiredValue(name), cancellation);
            await output.DoneAsync($"{parsed.GetValue(name)} is in {parsed.GetValue(group)}.", new() { ["group"] = parsed.GetValue(group), ["added"] = parsed.GetValue(name) });
        });
    }

    private static Command RemoveMember()
    {
        var (group, name) = (Group(), new Argument<string>("NAME"));
        return AdministrationConnection.Command("remove-member", "Takes a person out of a group.", [group, name], async (client, parsed, output, cancellation) =>
        {
            await client.RemoveMemberAsync(parsed.GetRequiredValue(group), parsed.GetRequiredValue(name), cancellation);
            await output.DoneAsync($"{parsed.GetValue(name)} is not in {parsed.GetValue(group)}.", new() { ["group"] = parsed.GetValue(group), ["removed"] = parsed.GetValue(name) });
        });
    }

    private static Command Delete()
    {
        var (group, yes) = (Group(), Sure.Option());
        return AdministrationConnection.Command("delete", "Deletes a group; the people stay.", [group, yes], async (client, parsed, output, cancellation) =>
        {
            var wanted = parsed.GetRequiredValue(group);
            var members = await client.ListMembersAsync(wanted, cancellation);
            await Sure.DemandAsync(parsed.GetValue(yes), $"Delete the group {wanted}? People in it: {members.Count}; they stay.", cancellation);
            await client.DeleteGroupAsync(wanted, cancellation);
            await output.DoneAsync($"The group {wanted} was deleted.", new() { ["deleted"] = wanted });
        });
    }

    private static Argument<string> Group() => new("GROUP");
}
