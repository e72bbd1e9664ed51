using Latchkey.Server.Hosting;
using Latchkey.Server.Shell;

namespace Latchkey.Server.Features.SignIn;

/// <summary>Front door: from a name to a session. Passkey, or password and second factor, or a Temporary Access Pass.</summary>
public static class SignInFeature
{
    public static void MapSignIn(this IEndpointRouteBuilder app)
    {
        var pages = app.MapGroup("").ValidateAntiforgery();
        pages.MapGet("/sign-in", NameStep.ShowAsync);
        pages.MapPost("/sign-in", NameStep.TakeAsync);
        pages.MapGet("/sign-in/password", PasswordStep.Show);
        pages.MapPost("/sign-in/password", PasswordStep.CheckAsync);
        pages.MapGet("/sign-in/pass", PassStep.Show);
        pages.MapPost("/sign-in/pass", PassStep.CheckAsync);
        pages.MapGet("/sign-in/second-factor", SecondFactorStep.ShowAsync);
        pages.MapPost("/sign-in/second-factor", SecondFactorStep.CheckAsync);
        pages.MapPost(ApprovalStep.AfterPassword, ApprovalStep.BeginAfterPasswordAsync);
        pages.MapPost(ApprovalStep.ByPhone, ApprovalStep.BeginByPhoneAsync);
        pages.MapGet(ApprovalStep.Root + "/{id:guid}", ApprovalStep.ShowAsync);
        pages.MapGet(ApprovalStep.Root + "/{id:guid}/status", ApprovalStep.WaitAsync);
        pages.MapPost(ApprovalStep.Root + "/{id:guid}", ApprovalStep.CompleteAsync);
        pages.MapPost(ApprovalStep.Root + "/{id:guid}/other", ApprovalStep.OtherAsync);
        pages.MapGet("/sign-in/first-code", FirstCodeStep.ShowAsync);
        pages.MapPost("/sign-in/first-code", FirstCodeStep.AddAsync);
        pages.MapPost("/sign-in/passkey/options", PasskeyStep.BeginAsync);
        pages.MapPost("/sign-in/passkey", PasskeyStep.CompleteAsync);
        pages.MapPost("/sign-out", SignOut.HandleAsync);
    }

    public static void AddSignIn(this IServiceCollection services) =>
        services.AddScoped<Visit>().AddScoped<SignInState>().AddScoped<SignInCompletion>().AddScoped<AskingProgram>().AddScoped<AskingApp>().AddScoped<ApprovalSender>();
}
