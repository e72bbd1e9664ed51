using System.Globalization;
using System.Text;
using Latchkey.Server.Features.Policies;
using Latchkey.Server.Hosting;
using Latchkey.Server.Shell;
using Latchkey.Server.Storage;
using Microsoft.EntityFrameworkCore;
using OtpNet;

namespace Latchkey.Server.Features.Admin;

/// <summary>An organisation to try things in: five people and what its policy says to each, credentials made up at the first start and kept in one file.</summary>
internal static class DemoOrganisation
{
    public static readonly string[] Names = ["newcomer", "regular", "admin", "clerk", "visitor"];

    /// <summary>Whether people are there whose credentials the demo wrote into a file.</summary>
    public static async Task<bool> AnyLeftAsync(LatchkeyDb db)
    {
        string[] forms = [.. Names.Select(NameForm.Of)];
        return await db.Organisations.AnyAsync(organisation => organisation.IsDemo) && await db.Users.AnyAsync(user => forms.Contains(user.NormalizedUserName));
    }

    public static async Task CreateOnceAsync(IServiceProvider services, ServerOptions options)
    {
        var db = services.GetRequiredService<LatchkeyDb>();
        var organisation = await db.Organisations.SingleAsync(o => o.Id == Organisation.TheOne);
        if (organisation.IsDemo || await db.Users.AnyAsync())
        {
            return; // later starts keep the data
        }

        var people = services.GetRequiredService<People>();
        var factors = services.GetRequiredService<SecondFactorStore>();
        var lines = new StringBuilder("# The demo organisation's people. Anyone who reads this file can sign in as them.\n");
        await using var transaction = await db.Database.BeginTransactionAsync();

        var newcomer = await people.CreateAsync("newcomer", AdminTexts.DemoNewcomer, email: null, password: null, admin: false);
        var pass = await factors.CreatePassAsync(newcomer, PassConfiguration.MostMinutes, once: false, startsAt: null, CancellationToken.None);
        Line(lines, "newcomer", "temporary-access-pass", pass);
        await CreateWithCodeAsync("regular", AdminTexts.DemoRegular, admin: false);
        await CreateWithCodeAsync("admin", AdminTexts.DemoAdmin, admin: true);

        // Two to whom policy says something else: no codes at the counter, and for visitors codes alone.
        var clerk = await people.CreateAsync("clerk", AdminTexts.DemoClerk, email: null, password: null, admin: false);
        Line(lines, "clerk", "temporary-access-pass", await factors.CreatePassAsync(clerk, PassConfiguration.MostMinutes, once: false, startsAt: null, CancellationToken.None));
        var visitor = await CreateWithCodeAsync("visitor", AdminTexts.DemoVisitor, admin: false);
        var now = services.GetRequiredService<TimeProvider>().GetUtcNow();
        var (counter, visitors) = (AddGroup(AdminTexts.DemoCounter, clerk), AddGroup(AdminTexts.DemoVisitors, visitor));
        var policy = AuthenticationMethodsPolicy.Default;
        await services.GetRequiredService<PolicyStore>().ReplaceAsync(
            policy with
            {
                Fido2 = policy.Fido2 with { ExcludeTargets = [visitors] },
                Authenticator = policy.Authenticator with { ExcludeTargets = [visitors] },
                SoftwareOath = policy.SoftwareOath with { ExcludeTargets = [counter] },
                TemporaryAccessPass = policy.TemporaryAccessPass with { MaximumLifetimeInMinutes = PassConfiguration.MostMinutes }, // as the two made here need
            },
            now,
            CancellationToken.None);

        organisation.DisplayName = AdminTexts.DemoOrganisation;
        organisation.AllowsCodeAsFirstFactor = true;
        organisation.IsDemo = true;
        await db.SaveChangesAsync();
        // The file first: a start that is killed between the two leaves credentials without people, never people without credentials.
        PrivateFiles.Write(options.DemoFile ?? Path.Combine(options.DataDirectory, "demo.txt"), Encoding.UTF8.GetBytes(lines.ToString()));
        await transaction.CommitAsync();

        GroupTarget AddGroup(string group, User member)
        {
            var added = new Group { Id = Guid.CreateVersion7(now), Name = group, NormalizedName = NameForm.Of(group), CreatedAt = now };
            db.Groups.Add(added);
            db.GroupMembers.Add(new GroupMember { GroupId = added.Id, UserId = member.Id });
            return new(added.Id);
        }

        async Task<User> CreateWithCodeAsync(string name, string displayName, bool admin)
        {
            var password = TypedCode.Create(16);
            var secret = Base32Encoding.ToString(KeyGeneration.GenerateRandomKey(20));
            var user = await people.CreateAsync(name, displayName, email: null, password, admin);
            factors.AddCode(user.Id, secret, usedStep: 0, ShellTexts.CodeDefaultName);
            Line(lines, name, "password", password);
            Line(lines, name, "totp-secret", secret);
            return user;
        }
    }

    /// <summary>Three columns: name, what it is, the secret. <c>latchkey code</c> reads them.</summary>
    private static void Line(StringBuilder lines, string name, string what, string secret) =>
        lines.Append(CultureInfo.InvariantCulture, $"{name,-10}{what,-24}{secret}\n");
}
