using System.Text;
using Latchkey.Protocol.WebAuthn;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Identity;
using Microsoft.AspNetCore.Identity.EntityFrameworkCore;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Latchkey.Scenarios.Foreign;

/// <summary>ASP.NET Core Identity's own passkeys, with its own handler and its own store.</summary>
internal sealed class IdentityParty : ForeignParty
{
    private readonly WebApplication _app;
    private readonly SqliteConnection _database;

    private IdentityParty(WebApplication app, SqliteConnection database, Uri address) => (_app, _database, Address) = (app, database, address);

    public override Uri Address { get; }

    public static async Task<ForeignParty> StartAsync()
    {
        var database = new SqliteConnection("Data Source=:memory:");
        await database.OpenAsync(TestContext.Current.CancellationToken);
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Services.AddDataProtection().UseEphemeralDataProtectionProvider();
        builder.Services.AddDbContext<ShopDb>(options => options.UseSqlite(database));
        builder.Services.AddIdentity<IdentityUser, IdentityRole>(options => options.Stores.SchemaVersion = IdentitySchemaVersions.Version3).AddEntityFrameworkStores<ShopDb>();
        builder.Services.Configure<IdentityPasskeyOptions>(options =>
        {
            options.ServerDomain = RpId;
            options.UserVerificationRequirement = "required";
            options.ResidentKeyRequirement = "required";
            options.AttestationConveyancePreference = "direct";
        });
        var app = builder.Build();
        await using (var scope = app.Services.CreateAsyncScope())
        {
            await scope.ServiceProvider.GetRequiredService<ShopDb>().Database.EnsureCreatedAsync(TestContext.Current.CancellationToken);
        }

        Map(app);
        await app.StartAsync(TestContext.Current.CancellationToken);
        var port = new Uri(app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single()).Port;
        return new IdentityParty(app, database, new($"http://{RpId}:{port}"));
    }

    public override async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        await _database.DisposeAsync();
    }

    private static void Map(WebApplication app)
    {
        app.MapGet("/", () => Results.File(PageFile, "text/html; charset=utf-8"));
        app.MapPost("/register/options", async (Visitor visitor, UserManager<IdentityUser> users, SignInManager<IdentityUser> signIn) =>
        {
            var user = await users.FindByNameAsync(visitor.Name);
            if (user is null)
            {
                user = new IdentityUser(visitor.Name);
                await users.CreateAsync(user);
            }

            return Results.Text(await signIn.MakePasskeyCreationOptionsAsync(new() { Id = user.Id, Name = visitor.Name, DisplayName = visitor.Name }), "application/json");
        });
        app.MapPost("/register", async (HttpContext context, UserManager<IdentityUser> users, SignInManager<IdentityUser> signIn) =>
        {
            var result = await signIn.PerformPasskeyAttestationAsync(await BodyAsync(context));
            if (!result.Succeeded) return Refused(result.Failure.Message);
            var user = await users.FindByIdAsync(result.UserEntity.Id);
            var added = await users.AddOrUpdatePasskeyAsync(user!, result.Passkey);
            if (!added.Succeeded) return Refused(string.Join(' ', added.Errors.Select(error => error.Description)));
            var attestation = AttestationObject.Parse(new(result.Passkey.AttestationObject));
            return Results.Json(new Kept(
                user!.UserName!, attestation.Format, result.Passkey.SignCount, AuthenticatorData.Parse(attestation.AuthData).AttestedCredentialData!.Value.Aaguid.Value, result.Passkey.IsBackedUp));
        });
        app.MapPost("/sign-in/options", async (SignInManager<IdentityUser> signIn) => Results.Text(await signIn.MakePasskeyRequestOptionsAsync(null!), "application/json"));
        app.MapPost("/sign-in", async (HttpContext context, UserManager<IdentityUser> users, SignInManager<IdentityUser> signIn) =>
        {
            var json = await BodyAsync(context);
            var result = await signIn.PerformPasskeyAssertionAsync(json);
            if (!result.Succeeded) return Refused(result.Failure.Message);
            await users.AddOrUpdatePasskeyAsync(result.User, result.Passkey);
            return Results.Json(new Known(result.User.UserName!, result.Passkey.SignCount));
        });
    }

    private static async Task<string> BodyAsync(HttpContext context)
    {
        using var reader = new StreamReader(context.Request.Body, Encoding.UTF8);
        return await reader.ReadToEndAsync(context.RequestAborted);
    }

    private static IResult Refused(string why) => Results.Json(new { error = why }, statusCode: StatusCodes.Status400BadRequest);

    internal sealed record Visitor(string Name);

    private sealed class ShopDb(DbContextOptions<ShopDb> options) : IdentityDbContext(options);
}
