using Latchkey.AuthenticatorApp.Device.Platforms;
using Latchkey.AuthenticatorApp.Device.Platforms.VirtualPhone;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Logging;

namespace Latchkey.AuthenticatorApp.Tests;

public sealed class VirtualPhonePlatformTests : IAsyncLifetime
{
    private readonly string _directory = Directory.CreateTempSubdirectory("latchkey-phone").FullName;
    private readonly TaskCompletionSource<string> _asked = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private WebApplication _phone = null!;

    private string Socket => Path.Combine(_directory, "s");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.ListenUnixSocket(Socket));
        _phone = builder.Build();
        _phone.MapGet("/system/readiness", () => nameof(SystemReadiness.NoScreenLock));
        _phone.MapPost("/system/{what}", async (string what, HttpRequest request) =>
        {
            using var reader = new StreamReader(request.Body);
            _asked.TrySetResult($"{what} {await reader.ReadToEndAsync(Token)}");
        });
        await _phone.StartAsync(Token);
    }

    public async ValueTask DisposeAsync()
    {
        await _phone.DisposeAsync();
        Directory.Delete(_directory, recursive: true);
    }

    [Fact]
    public async Task What_is_in_the_way_is_what_the_phone_says_now()
    {
        using var platform = new VirtualPhonePlatform(Socket);

        Assert.Equal(SystemReadiness.NoScreenLock, await platform.CheckAsync(Token));
    }

    [Fact]
    public async Task The_settings_that_are_opened_are_those_that_are_in_the_way()
    {
        using var platform = new VirtualPhonePlatform(Socket);

        await platform.OpenSettingsAsync(SystemReadiness.NotTurnedOn, Token);

        Assert.Equal("settings NotTurnedOn", await _asked.Task.WaitAsync(Token));
    }

    [Fact]
    public async Task A_link_leaves_the_app_for_the_phones_browser()
    {
        using var platform = new VirtualPhonePlatform(Socket);

        platform.Open(new Uri("https://login.example.org/connect"));

        Assert.Equal("browser https://login.example.org/connect", await _asked.Task.WaitAsync(Token));
    }
}
