using System.CommandLine;

namespace Latchkey.Cli.Commands;

/// <summary><c>latchkey group</c>: groups of people.</summary>
internal static class GroupCommand
{
    public static Command Create() => new("group", "Looks after groups of people.") { Add(), List(), Members(), AddMember(), RemoveMember(), Delete() };

    private static Command Add()
    {
        var group = Group();
        return AdministrationConnection.Command("add", "Makes a group.", [group], async (client, parsed, cancellation) =>
            Console.WriteLine((await client.AddGroupAsync(parsed.GetRequiredValue(group), cancellation)).Id));
    }

    private static Command List() => AdministrationConnection.Command("list", "Lists groups and how many people are in them.", [], async (client, _, cancellation) =>
    {
        foreach (var group in await client.ListGroupsAsync(cancellation))
        {
            Console.WriteLine($"{group.Name}\t{group.Members}");
        }
    });

    private static Command Members()
    {
        var group = Group();
        return AdministrationConnection.Command("members", "Lists the people in a group.", [group], async (client, parsed, cancellation) =>
        {
            foreach (var person in await client.ListMembersAsync(parsed.GetRequiredValue(group), cancellation))
            {
                Console.WriteLine($"{person.Name}\t{person.DisplayName}");
            }
        });
    }

    private static Command AddMember()
    {
        var (group, name) = (Group(), new Argument<string>("NAME"));
        return AdministrationConnection.Command("add-member", "Puts a person into a group.", [group, name], (client, parsed, cancellation) =>
            client.AddMemberAsync(parsed.GetRequiredValue(group), parsed.GetRequiredValue(name), cancellation));
    }

    private static Command RemoveMember()
    {
        var (group, name) = (Group(), new Argument<string>("NAME"));
        return AdministrationConnection.Command("remove-member", "Takes a person out of a group.", [group, name], (client, parsed, cancellation) =>
            client.RemoveMemberAsync(parsed.GetRequiredValue(group), parsed.GetRequiredValue(name), cancellation));
    }

    private static Command Delete()
    {
        var group = Group();
        return AdministrationConnection.Command("delete", "Deletes a group; the people stay.", [group], (client, parsed, cancellation) =>
            client.DeleteGroupAsync(parsed.GetRequiredValue(group), cancellation));
    }

    private static Argument<string> Group() => new("GROUP");
}
