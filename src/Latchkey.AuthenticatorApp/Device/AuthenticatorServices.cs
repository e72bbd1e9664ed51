using Latchkey.AuthenticatorApp.Device.Browsers;
using Latchkey.AuthenticatorApp.Device.Platforms;
using Latchkey.AuthenticatorApp.Device.Platforms.Desktop;
using Latchkey.AuthenticatorApp.Device.Platforms.VirtualPhone;
using Latchkey.AuthenticatorApp.Features.AddAccount;
using Latchkey.AuthenticatorApp.Features.Approvals;
using Latchkey.AuthenticatorApp.Features.ScanQrCode;
using Latchkey.Client;

namespace Latchkey.AuthenticatorApp.Device;

/// <summary>What the pages of this program work on.</summary>
internal static class AuthenticatorServices
{
    public static IServiceCollection AddAuthenticator(this IServiceCollection services, AppOptions options)
    {
        services.AddSingleton<ServerClock>();
        services.AddHttpClient(VaultSession.ServerHttp, http => http.Timeout = TimeSpan.FromSeconds(30))
            .AddHttpMessageHandler(services => new ServerClock.Reader(services.GetRequiredService<ServerClock>()));
        services.AddSingleton(TimeProvider.System);
        services.AddSingleton(options);
        services.AddSingleton(services => new LoopbackGuard(services.GetRequiredService<TimeProvider>()) { ShownIn = options.ShownIn });
        services.AddSingleton<IDevicePlatform>(_ => options.Phone is { } socket ? new VirtualPhonePlatform(socket) : new DesktopPlatform());
        services.AddSingleton<OpenedLinks>();
        services.AddSingleton<FoundKey>();
        services.AddSingleton<AppWindow>();
        services.AddSingleton<IMeetingPlace, HybridMeetingPlace>();
        services.AddSingleton<PinWindow>();
        services.AddSingleton<VaultSession>();
        services.AddSingleton<IdleLock>();
        services.AddSingleton<AddAccountFlow>();
        services.AddSingleton<ScanQrCodeFlow>();
        services.AddSingleton(services => new RelatedOrigins(RelatedOrigins.Connect(), services.GetRequiredService<TimeProvider>()));
        services.AddSingleton<HeardBrowsers>();
        services.AddSingleton<BrowserDesk>();
        services.AddSingleton<WaitingApprovals>();
        return services;
    }
}
