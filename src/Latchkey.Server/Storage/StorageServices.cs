using Latchkey.Server.Hosting;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Design;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Latchkey.Server.Storage;

internal static class StorageServices
{
    public static void AddStorage(this IServiceCollection services, ServerOptions options)
    {
        services.AddDbContext<LatchkeyDb>(db => Configure(db, Path.Combine(options.DataDirectory, "latchkey.db")));
        services.AddIdentityCore<User>(identity =>
            {
                identity.Stores.SchemaVersion = IdentitySchemaVersions.Version2;
            })
            .AddRoles<IdentityRole<Guid>>()
            .AddEntityFrameworkStores<LatchkeyDb>()
            .AddUserStore<RecoveryCodeUserStore>()
            .AddErrorDescriber<AccountWords>();
        services.AddSingleton<ILookupNormalizer, NameForm>().AddSingleton<DummyHash>();
        services.RemoveAll<IPasswordValidator<User>>().AddScoped<IPasswordValidator<User>, PasswordRules>(); // instead of Identity's own
        services.AddScoped<People>().AddScoped<MethodGuard>().AddScoped<MethodChanges>().AddScoped<OrganisationStore>().AddScoped<SessionStore>().AddScoped<PasskeyStore>()
            .AddScoped<AuthenticatorStore>().AddScoped<ApprovalDesk>().AddScoped<ApprovalGuards>().AddSingleton<AccountChanges>().AddScoped<SecondFactorStore>()
            .AddScoped<AttemptStore>().AddScoped<Refusals>().AddScoped<NameRenewal>().AddScoped<AuditLog>()
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
