using Latchkey.Server.Features.SecurityInfo.AnotherDevice;
using Latchkey.Server.Shell;

namespace Latchkey.Server.Features.SecurityInfo;

/// <summary>Front door: My Security info, where people see and look after their sign-in methods.</summary>
public static class SecurityInfoFeature
{
    public static void MapSecurityInfo(this IEndpointRouteBuilder app)
    {
        var pages = app.MapGroup("/security-info").RequireAuthorization().ValidateAntiforgery();
        pages.MapGet("", ListStep.ShowAsync);

        // The wizard: choose, prove it's you, then the method's own page, and the same end for all.
        pages.MapGet(AddWizard.Choose, AddWizard.ShowChoiceAsync);
        pages.MapPost(AddWizard.Choose, AddWizard.Take);
        pages.MapGet(AddWizard.Authenticator, HandoffStep.BeginAsync).RequireRecentMfa();
        pages.MapGet(AddWizard.Authenticator + "/{code}", HandoffStep.ShowAsync);
        pages.MapGet(AddWizard.Authenticator + "/{code}/status", HandoffStep.WaitAsync);
        pages.MapGet(AddWizard.AnotherDevice, () => Results.Redirect(DevicePath.Address(DevicePage.Start, null)));
        pages.MapGet(AddWizard.AnotherDevice + "/" + DevicePath.NameOf(DevicePage.Start), DeviceStep.ShowStart);
        pages.MapGet(AddWizard.AnotherDevice + "/{page}", DeviceStep.ShowAsync).RequireRecentMfa();
        pages.MapPost(AddWizard.AnotherDevice + "/options", DeviceStep.BeginAsync).RequireRecentMfa();
        pages.MapPost(AddWizard.AnotherDevice, DeviceStep.CompleteAsync); // its sealed pending ceremony is the proof
        pages.MapGet(AddWizard.AnotherDevice + "/elsewhere/{id:guid}", ElsewhereStep.ShowAsync);
        pages.MapPost(AddWizard.AnotherDevice + "/elsewhere/{id:guid}", ElsewhereStep.UndoAsync).RequireRecentMfa("delete");
        pages.MapGet(AddWizard.Passkey, PasskeyStep.ShowAsync).RequireRecentMfa();
        pages.MapPost("/passkeys/options", PasskeyStep.BeginAsync).RequireRecentMfa();
        pages.MapPost("/passkeys", PasskeyStep.CompleteAsync); // its sealed pending ceremony is the proof
        pages.MapGet(AddWizard.Code, CodeStep.ShowAsync).RequireRecentMfa();
        pages.MapPost(AddWizard.Code, CodeStep.AddAsync).RequireRecentMfa();
        pages.MapGet(AddWizard.RecoveryCodes, RecoveryCodesStep.ShowAsync).RequireRecentMfa("codes");
        pages.MapPost(AddWizard.RecoveryCodes, RecoveryCodesStep.CreateAsync).RequireRecentMfa("codes");
        pages.MapGet("/{kind}/{id:guid}/created", NameStep.ShowCreatedAsync);
        pages.MapGet("/{kind}/{id:guid}/name", NameStep.ShowAsync);
        pages.MapPost("/{kind}/{id:guid}/name", NameStep.SaveAsync);

        pages.MapGet("/{kind}/{id:guid}/delete", DeleteStep.ShowAsync).RequireRecentMfa("delete");
        pages.MapPost("/{kind}/{id:guid}/delete", DeleteStep.DeleteAsync).RequireRecentMfa("delete");
        pages.MapGet("/password", PasswordStep.Show).RequireRecentMfa("password");
        pages.MapPost("/password", PasswordStep.ChangeAsync).RequireRecentMfa("password");
    }

    public static void AddSecurityInfo(this IServiceCollection services) => services.AddScoped<MethodList>();
}
