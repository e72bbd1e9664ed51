using Latchkey.Server.Hosting;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Design;

namespace Latchkey.Server.Storage;

internal static class StorageServices
{
    public static void AddStorage(this IServiceCollection services, ServerOptions options)
    {
        services.AddDbContext<LatchkeyDb>(db => Configure(db, Path.Combine(options.DataDirectory, "latchkey.db")));
        services.AddIdentityCore<User>(identity =>
            {
                identity.Stores.SchemaVersion = IdentitySchemaVersions.Version2;
                // Length is what counts; rules about kinds of characters make passwords worse.
                identity.Password = new PasswordOptions
                {
                    RequiredLength = 10,
                    RequireDigit = false,
                    RequireLowercase = false,
                    RequireUppercase = false,
                    RequireNonAlphanumeric = false,
                    RequiredUniqueChars = 4,
                };
            })
            .AddRoles<IdentityRole<Guid>>()
            .AddEntityFrameworkStores<LatchkeyDb>()
            .AddUserStore<RecoveryCodeUserStore>();
        services.AddScoped<People>().AddScoped<OrganisationStore>().AddScoped<SessionStore>().AddScoped<PasskeyStore>().AddScoped<AuthenticatorStore>().AddScoped<ApprovalDesk>().AddScoped<ApprovalGuards>().AddSingleton<AccountChanges>().AddScoped<SecondFactorStore>().AddScoped<AttemptStore>().AddScoped<AuditLog>()
            .AddScoped<RegistrationDesk>().AddScoped<CodeDesk>().AddScoped<AuthenticationDesk>().AddScoped<HandoffStore>().AddScoped<PolicyStore>().AddScoped<AttestationAuthorities>().AddSingleton<PasskeyNames>().AddSingleton<Downloads>()
            .AddHostedService<Housekeeping>();
    }

    private static void Configure(DbContextOptionsBuilder db, string file) =>
        db.UseSqlite($"Data Source={file}").AddInterceptors(new SqliteDurability(), new Commits(), new StoredTimes()).UseOpenIddict();

    /// <summary>For <c>dotnet ef migrations add</c> alone.</summary>
    internal sealed class DesignTime : IDesignTimeDbContextFactory<LatchkeyDb>
    {
        public LatchkeyDb CreateDbContext(string[] args)
        {
            var options = new DbContextOptionsBuilder<LatchkeyDb>();
            Configure(options, "design-time.db");
            return new LatchkeyDb(options.Options);
        }
    }
}
