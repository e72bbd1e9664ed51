using System.CommandLine;
using System.Globalization;
using System.Security.Cryptography;
using Latchkey.Api.Administration;
using Spectre.Console;

namespace Latchkey.Cli.Commands;

/// <summary><c>latchkey user</c>: people and their accounts.</summary>
internal static class UserCommand
{
    public static Command Create() => new("user", "Looks after people's accounts.") { Add(), List(), Show(), Delete(), Password(), Unlock(), UserPasskeyCommand.Create(), UserSessionCommand.Create() };

    private static Command Add()
    {
        var name = new Argument<string>("NAME");
        var displayName = new Option<string?>("--display-name") { Description = "The person's name." };
        var email = new Option<string?>("--email") { Description = "The e-mail address." };
        var password = new Option<bool>("--password") { Description = "Makes up a password and shows it once." };
        var admin = new Option<bool>("--admin") { Description = "Makes the person an administrator." };
        return AdministrationConnection.Command("add", "Makes an account; latchkey tap create lets its owner in.", [name, displayName, email, password, admin], async (client, parsed, cancellation) =>
        {
            var secret = parsed.GetValue(password) ? MakePassword() : null;
            var person = await client.AddPersonAsync(
                new NewPerson(parsed.GetRequiredValue(name), parsed.GetValue(displayName), parsed.GetValue(email), secret, parsed.GetValue(admin)), cancellation);
            await Console.Error.WriteLineAsync($"{person.Name} was added.");
            Console.WriteLine(secret is null ? person.Id : $"password  {secret}");
        });
    }

    private static Command List() => AdministrationConnection.Command("list", "Lists people.", [], async (client, _, cancellation) =>
    {
        var table = new Table().Border(TableBorder.Simple).AddColumns("Name", "Person", "Role", "Sign-in methods");
        for (string? after = null; ;)
        {
            var page = await client.ListPeopleAsync(after, cancellation);
            foreach (var person in page.Value)
            {
                table.AddRow(Markup.Escape(person.Name), Markup.Escape(person.DisplayName), person.IsAdmin ? "admin" : "", Markup.Escape(string.Join(", ", person.Methods)));
            }

            if (page.NextAfter is null) break;
            after = page.NextAfter;
        }

        AnsiConsole.Write(table);
    });

    private static Command Show()
    {
        var name = new Argument<string>("NAME");
        return AdministrationConnection.Command("show", "Shows one person.", [name], async (client, parsed, cancellation) =>
        {
            var person = await client.GetPersonAsync(parsed.GetRequiredValue(name), cancellation);
            Console.WriteLine($"name             {person.Name}");
            Console.WriteLine($"id               {person.Id}");
            Console.WriteLine($"display name     {person.DisplayName}");
            Console.WriteLine($"e-mail           {person.Email}");
            Console.WriteLine($"role             {(person.IsAdmin ? "admin" : "")}");
            Console.WriteLine($"added            {person.CreatedAt.ToString("u", CultureInfo.InvariantCulture)}");
            Console.WriteLine($"groups           {string.Join(", ", person.Groups)}");
            Console.WriteLine($"sign-in methods  {string.Join(", ", person.Methods)}");
            if (person.ApprovalsLockedUntil is { } quiet) Console.WriteLine($"approvals locked until {quiet.ToString("u", CultureInfo.InvariantCulture)}");
            if (person.LockedUntil is { } until) Console.WriteLine($"locked until     {until.ToString("u", CultureInfo.InvariantCulture)}");
        });
    }

    private static Command Delete()
    {
        var name = new Argument<string>("NAME");
        return AdministrationConnection.Command("delete", "Deletes an account with everything that belongs to it.", [name], async (client, parsed, cancellation) =>
        {
            await client.DeletePersonAsync(parsed.GetRequiredValue(name), cancellation);
            await Console.Error.WriteLineAsync($"{parsed.GetValue(name)} was deleted.");
        });
    }

    private static Command Password()
    {
        var name = new Argument<string>("NAME");
        var fromInput = new Option<bool>("--stdin") { Description = "Takes the password from the first line of standard input; else one is made up and shown once." };
        return AdministrationConnection.Command("password", "Sets a password and ends all of the person's sessions.", [name, fromInput], async (client, parsed, cancellation) =>
        {
            var typed = parsed.GetValue(fromInput) ? await Console.In.ReadLineAsync(cancellation) ?? "" : null;
            var password = typed ?? MakePassword();
            await client.SetPasswordAsync(parsed.GetRequiredValue(name), password, cancellation);
            await Console.Error.WriteLineAsync($"The password of {parsed.GetValue(name)} was changed.");
            if (typed is null) Console.WriteLine($"password  {password}");
        });
    }

    private static Command Unlock()
    {
        var name = new Argument<string>("NAME");
        return AdministrationConnection.Command("unlock", "Takes off the locks that wrong attempts put on a name, and refused requests on its approvals.", [name], async (client, parsed, cancellation) =>
        {
            await client.UnlockAsync(parsed.GetRequiredValue(name), cancellation);
            await Console.Error.WriteLineAsync($"{parsed.GetValue(name)} may try again.");
        });
    }

    // Without letters that look alike; three groups of four are a little under 60 bits.
    private static string MakePassword() =>
        string.Join('-', Enumerable.Range(0, 4).Select(_ => RandomNumberGenerator.GetString("23456789abcdefghjkmnpqrstuvwxyz", 4)));
}
