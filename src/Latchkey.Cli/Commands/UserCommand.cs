using System.CommandLine;
using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Nodes;
using Latchkey.Api;
using Latchkey.Api.Administration;
using Latchkey.Protocol;

namespace Latchkey.Cli.Commands;

/// <summary><c>latchkey user</c>: people and their accounts.</summary>
internal static class UserCommand
{
    public static Command Create() => new("user", "Looks after people's accounts.")
    {
        Add(), List(), Show(), Edit(), Disable(), Enable(), UserResetCommand.Create(), Delete(), Password(), Unlock(), UserPasskeyCommand.Create(), UserSessionCommand.Create(),
    };

    private static Command Add()
    {
        var (name, displayName, email) = (Name(), DisplayName(), Email());
        var password = new Option<bool>("--password") { Description = "Makes up a password and shows it once." };
        var admin = new Option<bool>("--admin") { Description = "Makes the person an administrator." };
        return AdministrationConnection.Command("add", "Makes an account; latchkey tap create lets its owner in.", [name, displayName, email, password, admin], async (client, parsed, output, cancellation) =>
        {
            var secret = parsed.GetValue(password) ? MakePassword() : null;
            var person = await client.AddPersonAsync(
                new NewPerson(parsed.GetRequiredValue(name), parsed.GetValue(displayName), parsed.GetValue(email), secret, parsed.GetValue(admin)), cancellation);
            await Console.Error.WriteLineAsync(secret is null ? $"{person.Name} was added. Let them in with `latchkey tap create {person.Name}`." : $"{person.Name} was added.");
            var facts = JsonSerializer.SerializeToNode(person, ApiJson.Default.Person)!.AsObject();
            if (secret is not null) facts["password"] = secret;
            output.Json(facts);
            if (!output.IsJson) Console.WriteLine(secret is null ? person.Name : $"password  {secret}");
        });
    }

    private static Command List() => AdministrationConnection.Command("list", "Lists people.", [], async (client, _, output, cancellation) =>
    {
        var people = new List<Person>();
        for (string? after = null; ;)
        {
            var page = await client.ListPeopleAsync(after, cancellation);
            people.AddRange(page.Value);
            if ((after = page.NextAfter) is null) break;
        }

        output.List(
            people, ApiJson.Default.Person, "There is nobody yet. `latchkey user add NAME` adds somebody.", ("Name", one => one.Name), ("Person", one => one.DisplayName),
            ("Role", RoleOf), ("Sign-in methods", one => string.Join(", ", one.Methods)));
    });

    private static Command Show()
    {
        var name = Name();
        return AdministrationConnection.Command("show", "Shows one person.", [name], async (client, parsed, output, cancellation) =>
            Print(output, await client.GetPersonAsync(parsed.GetRequiredValue(name), cancellation)));
    }

    private static Command Edit()
    {
        var (name, displayName, email) = (Name(), DisplayName(), Email());
        var admin = new Option<bool?>("--admin") { Description = "Whether the person is an administrator.", HelpName = "true|false" };
        var command = AdministrationConnection.Command("edit", "Changes what is given of an account; an empty text takes it away.", [name, displayName, email, admin], async (client, parsed, output, cancellation) =>
            Print(output, await client.ChangePersonAsync(
                parsed.GetRequiredValue(name), new(parsed.GetValue(displayName), parsed.GetValue(email), parsed.GetValue(admin)), cancellation)));
        command.Validators.Add(result =>
        {
            if (result.GetValue(displayName) is null && result.GetValue(email) is null && result.GetValue(admin) is null) result.AddError("Say what to change: --display-name, --email or --admin.");
        });
        return command;
    }

    private static Command Disable()
    {
        var name = Name();
        return AdministrationConnection.Command("disable", "Keeps a person out, and ends all of their sessions. Nothing of theirs is deleted.", [name], async (client, parsed, output, cancellation) =>
        {
            var person = await client.ChangePersonAsync(parsed.GetRequiredValue(name), new(IsDisabled: true), cancellation);
            await Console.Error.WriteLineAsync($"{person.Name} is disabled, and signed out everywhere. `latchkey user enable {person.Name}` lets them in again.");
            output.Json(person, ApiJson.Default.Person);
        });
    }

    private static Command Enable()
    {
        var name = Name();
        return AdministrationConnection.Command("enable", "Lets a disabled person in again.", [name], async (client, parsed, output, cancellation) =>
        {
            var person = await client.ChangePersonAsync(parsed.GetRequiredValue(name), new(IsDisabled: false), cancellation);
            await Console.Error.WriteLineAsync($"{person.Name} is enabled.");
            output.Json(person, ApiJson.Default.Person);
        });
    }

    private static Command Delete()
    {
        var (name, yes) = (Name(), Sure.Option());
        return AdministrationConnection.Command("delete", "Deletes an account with everything that belongs to it.", [name, yes], async (client, parsed, output, cancellation) =>
        {
            var person = await client.GetPersonAsync(parsed.GetRequiredValue(name), cancellation);
            await Sure.DemandAsync(
                parsed.GetValue(yes), $"Delete {person.Name} ({ForeignText.Of(person.DisplayName).Plain}) with {(person.Methods.Count == 0 ? "everything" : string.Join(", ", person.Methods))}? It can't be undone.", cancellation);
            await client.DeletePersonAsync(person.Name, cancellation);
            await output.DoneAsync($"{person.Name} was deleted.", new() { ["deleted"] = person.Name });
        });
    }

    private static Command Password()
    {
        var name = Name();
        var fromInput = new Option<bool>("--stdin") { Description = "Takes the password from the first line of standard input; else one is made up and shown once." };
        return AdministrationConnection.Command("password", "Sets a password and ends all of the person's sessions.", [name, fromInput], async (client, parsed, output, cancellation) =>
        {
            var typed = parsed.GetValue(fromInput) ? await Console.In.ReadLineAsync(cancellation) ?? "" : null;
            var password = typed ?? MakePassword();
            await client.SetPasswordAsync(parsed.GetRequiredValue(name), password, cancellation);
            var facts = new JsonObject { ["name"] = parsed.GetValue(name) };
            if (typed is null) facts["password"] = password;
            await output.DoneAsync($"The password of {parsed.GetValue(name)} was changed.", facts);
            if (typed is null && !output.IsJson) Console.WriteLine($"password  {password}");
        });
    }

    private static Command Unlock()
    {
        var name = Name();
        return AdministrationConnection.Command("unlock", "Takes off the locks that wrong attempts put on a name, and refused requests on its approvals.", [name], async (client, parsed, output, cancellation) =>
        {
            await client.UnlockAsync(parsed.GetRequiredValue(name), cancellation);
            await output.DoneAsync($"{parsed.GetValue(name)} may try again.", new() { ["unlocked"] = parsed.GetValue(name) });
        });
    }

    private static void Print(CommandOutput output, Person person) => output.Show(
        person, ApiJson.Default.Person, ("name", person.Name), ("id", person.Id), ("display name", person.DisplayName), ("e-mail", person.Email), ("role", RoleOf(person)),
        ("state", person.IsDisabled ? "disabled" : null), ("added", Time(person.CreatedAt)), ("groups", string.Join(", ", person.Groups)),
        ("sign-in methods", string.Join(", ", person.Methods)), ("approvals locked until", Time(person.ApprovalsLockedUntil)), ("locked until", Time(person.LockedUntil)));

    private static string RoleOf(Person person) => string.Join(", ", new[] { person.IsAdmin ? "admin" : "", person.IsDisabled ? "disabled" : "" }.Where(word => word.Length > 0));

    private static string? Time(DateTimeOffset? moment) => moment?.ToString("u", CultureInfo.InvariantCulture);

    private static Argument<string> Name() => new("NAME");

    private static Option<string?> DisplayName() => new("--display-name") { Description = "The person's name.", HelpName = "NAME" };

    private static Option<string?> Email() => new("--email") { Description = "The e-mail address.", HelpName = "ADDRESS" };

    // Without letters that look alike; three groups of four are a little under 60 bits.
    private static string MakePassword() =>
        string.Join('-', Enumerable.Range(0, 4).Select(_ => RandomNumberGenerator.GetString("23456789abcdefghjkmnpqrstuvwxyz", 4)));
}
