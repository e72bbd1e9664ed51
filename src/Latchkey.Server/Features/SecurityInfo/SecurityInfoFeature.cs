using Latchkey.Server.Features.SecurityInfo.BrowserWays;
using Latchkey.Server.Features.SecurityInfo.ThisDevice;
using Latchkey.Server.Shell;

namespace Latchkey.Server.Features.SecurityInfo;

/// <summary>Front door: My Security info, where people see and look after their sign-in methods.</summary>
public static class SecurityInfoFeature
{
    public static void MapSecurityInfo(this IEndpointRouteBuilder app)
    {
        var pages = app.MapGroup("/security-info").RequireAuthorization().ValidateAntiforgery();
        pages.MapGet("", ListStep.ShowAsync);
        pages.MapPost("/notices/read", ListStep.ReadNoticesAsync);

        // The wizard: choose, prove it's you, then the method's own page, and the same end for all.
        pages.MapGet(AddWizard.Choose, AddWizard.ShowChoiceAsync);
        pages.MapPost(AddWizard.Choose, AddWizard.Take);
        pages.MapGet(AddWizard.Authenticator, HandoffStep.BeginAsync).RequireOffered().RequireRecentMfa();
        pages.MapGet(AddWizard.Authenticator + "/{code}", HandoffStep.ShowAsync).RequireOffered();
        pages.MapGet(AddWizard.Authenticator + "/{code}/status", HandoffStep.WaitAsync);
        MapBrowserWays(pages);
        pages.MapGet(AddWizard.Passkey, PasskeyStep.ShowAsync).RequireOffered().RequireRecentMfa();
        pages.MapPost("/passkeys/options", PasskeyStep.BeginAsync).RequireOffered().RequireRecentMfa();
        pages.MapPost("/passkeys", PasskeyStep.CompleteAsync); // its sealed pending ceremony is the proof
        pages.MapGet("/passkeys/{id:guid}/use", PasskeyStep.UseAsync);
        pages.MapPost("/passkeys/{id:guid}/test/options", PasskeyStep.BeginTestAsync);
        pages.MapPost("/passkeys/{id:guid}/test", PasskeyStep.TestAsync);
        pages.MapGet(AddWizard.Code, CodeStep.ShowAsync).RequireCodesOffered().RequireRecentMfa();
        pages.MapPost(AddWizard.Code, CodeStep.AddAsync).RequireCodesOffered().RequireRecentMfa();
        pages.MapGet(AddWizard.RecoveryCodes, RecoveryCodesStep.ShowAsync).RequireRecentMfa("codes");
        pages.MapPost(AddWizard.RecoveryCodes, RecoveryCodesStep.CreateAsync).RequireRecentMfa("codes");
        pages.MapGet("/{kind}/{id:guid}/created", NameStep.ShowCreatedAsync);
        pages.MapGet("/{kind}/{id:guid}/name", NameStep.ShowAsync).RequireRecentMfa("rename");
        pages.MapPost("/{kind}/{id:guid}/name", NameStep.SaveAsync).RequireRecentMfa("rename");

        pages.MapGet("/{kind}/{id:guid}/delete", DeleteStep.ShowAsync).RequireRecentMfa("delete");
        pages.MapPost("/{kind}/{id:guid}/delete", DeleteStep.DeleteAsync).RequireRecentMfa("delete");
        pages.MapGet("/sessions", SessionsStep.ShowAsync);
        pages.MapPost("/sessions/{id:guid}/end", SessionsStep.EndAsync);
        pages.MapPost("/sessions/end-others", SessionsStep.EndOthersAsync);
        pages.MapGet("/password", PasswordStep.Show).RequireRecentMfa("password");
        pages.MapPost("/password", PasswordStep.ChangeAsync).RequireRecentMfa("password");
    }

    /// <summary>The ways over the browser's own dialog, one like the other.</summary>
    private static void MapBrowserWays(RouteGroupBuilder pages)
    {
        pages.MapGet($"{AddWizard.Choose}/{ThisDeviceWay.Name}", Cannot.Begin).RequireOffered();
        pages.MapGet($"{AddWizard.Choose}/{ThisDeviceWay.Name}/cannot", Cannot.Show);
        var ways = pages.MapGroup($"{AddWizard.Choose}/{{way:regex(^({string.Join('|', BrowserWay.All.Select(way => way.Name))})$)}}");
        ways.MapGet("", (BrowserWay way) => Results.Redirect(way.First(null))).RequireOffered();
        ways.MapGet($"/{{page:regex(^({string.Join('|', BrowserWay.All.SelectMany(way => way.OpenPages).Distinct())})$)}}", WayStep.ShowAsync).RequireOffered();
        ways.MapGet("/{page}", WayStep.ShowAsync).RequireOffered().RequireRecentMfa();
        ways.MapPost("/options", WayStep.BeginAsync).RequireOffered().RequireRecentMfa();
        ways.MapPost("", WayStep.CompleteAsync); // its sealed pending ceremony is the proof
        ways.MapGet("/elsewhere/{id:guid}", ElsewhereStep.ShowAsync);
        ways.MapPost("/elsewhere/{id:guid}", ElsewhereStep.UndoAsync).RequireRecentMfa("delete");
    }

    public static void AddSecurityInfo(this IServiceCollection services) => services.AddScoped<MethodList>();
}
