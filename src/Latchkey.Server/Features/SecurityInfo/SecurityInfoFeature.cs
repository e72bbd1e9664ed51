using Latchkey.Server.Shell;

namespace Latchkey.Server.Features.SecurityInfo;

/// <summary>Front door: My Security info, where people see and look after their sign-in methods.</summary>
public static class SecurityInfoFeature
{
    public static void MapSecurityInfo(this IEndpointRouteBuilder app)
    {
        var pages = app.MapGroup("/security-info").RequireAuthorization().ValidateAntiforgery();
        pages.MapGet("", ListPages.ShowAsync);
    }

    public static void AddSecurityInfo(this IServiceCollection services) => services.AddScoped<MethodList>();
}
