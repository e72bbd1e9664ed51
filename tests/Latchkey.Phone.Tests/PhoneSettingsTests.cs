using Latchkey.AuthenticatorApp.Device.Platforms;
using Latchkey.Phone.Settings;

namespace Latchkey.Phone.Tests;

public sealed class PhoneSettingsTests
{
    [Theory]
    [InlineData(nameof(PhoneSystem.Ios), 16, false)]
    [InlineData(nameof(PhoneSystem.Ios), 17, true)]
    [InlineData(nameof(PhoneSystem.Ios), 18, true)]
    [InlineData(nameof(PhoneSystem.Android), 13, false)]
    [InlineData(nameof(PhoneSystem.Android), 14, true)]
    [InlineData(nameof(PhoneSystem.Android), 15, true)]
    public void Only_a_version_with_a_place_for_passkey_apps_offers_the_Authenticator(string system, int number, bool offers)
    {
        var settings = Of(system);
        settings.TurnOn(PhoneProfile.Personal, Provider.Authenticator, on: true);

        settings.Version = PhoneVersion.Of(settings.Version.System).Single(version => version.Number == number);

        Assert.Equal(offers, settings.Offered(PhoneProfile.Personal).Contains(Provider.Authenticator));
        Assert.Equal(offers ? SystemReadiness.Ready : SystemReadiness.TooOld, settings.ReadinessOf(PhoneProfile.Personal));
    }

    [Fact]
    public void A_new_phone_offers_its_own_place_for_passkeys_and_no_other()
    {
        var settings = Of(nameof(PhoneSystem.Ios));

        Assert.Equal([Provider.BuiltIn], settings.Offered(PhoneProfile.Personal));
        Assert.Equal(SystemReadiness.NotTurnedOn, settings.ReadinessOf(PhoneProfile.Personal));
    }

    [Fact]
    public void Without_a_screen_lock_nothing_keeps_passkeys()
    {
        var settings = Of(nameof(PhoneSystem.Android));
        settings.TurnOn(PhoneProfile.Personal, Provider.Authenticator, on: true);

        settings.HasScreenLock = false;

        Assert.Empty(settings.Offered(PhoneProfile.Personal));
        Assert.Equal(SystemReadiness.NoScreenLock, settings.ReadinessOf(PhoneProfile.Personal));
    }

    [Fact]
    public void Where_nothing_is_filled_in_no_app_is_asked()
    {
        var settings = Of(nameof(PhoneSystem.Ios));
        settings.TurnOn(PhoneProfile.Personal, Provider.Authenticator, on: true);

        settings.AutoFill(PhoneProfile.Personal, on: false);

        Assert.Empty(settings.Offered(PhoneProfile.Personal));
    }

    [Fact]
    public void The_work_profile_turns_its_Authenticator_on_for_itself()
    {
        var settings = Of(nameof(PhoneSystem.Android));

        settings.TurnOn(PhoneProfile.Personal, Provider.Authenticator, on: true);

        Assert.Equal(SystemReadiness.Ready, settings.ReadinessOf(PhoneProfile.Personal));
        Assert.Equal(SystemReadiness.NotTurnedOn, settings.ReadinessOf(PhoneProfile.Work));
    }

    [Theory]
    [InlineData(nameof(PhoneSystem.Ios), 17, "Settings", "Passwords", "Password Options")]
    [InlineData(nameof(PhoneSystem.Ios), 18, "Settings", "General", "AutoFill & Passwords")]
    [InlineData(nameof(PhoneSystem.Android), 14, "Settings", "Passwords & accounts")]
    public void The_way_to_the_switch_is_the_one_the_portal_tells(string system, int number, params string[] titles)
    {
        var settings = Of(system);
        settings.Version = PhoneVersion.Of(settings.Version.System).Single(version => version.Number == number);
        var pages = SettingsPage.Of(settings, PhoneProfile.Personal);
        var page = pages[0];

        foreach (var title in titles.Skip(1))
        {
            Assert.Contains(page.Lines, line => line is SettingsLine.Link link && link.Text == title);
            page = pages.Single(one => one.Title == title);
        }

        Assert.Contains(page.Lines, line => line is SettingsLine.Switch { Text: "Authenticator", On: false });
    }

    [Theory]
    [InlineData(nameof(PhoneSystem.Ios))]
    [InlineData(nameof(PhoneSystem.Android))]
    public void Every_switch_and_choice_of_every_page_can_be_switched(string system)
    {
        var settings = Of(system);

        foreach (var version in PhoneVersion.Of(settings.Version.System))
        {
            settings.Version = version;
            foreach (var key in SettingsPage.Of(settings, PhoneProfile.Personal).SelectMany(page => page.Lines).Select(KeyOf).OfType<string>())
            {
                Assert.True(SettingsPage.TrySwitch(settings, PhoneProfile.Personal, key, on: true), key);
            }
        }
    }

    private static PhoneSettings Of(string system) => new(Enum.Parse<PhoneSystem>(system));

    private static string? KeyOf(SettingsLine line) => line switch
    {
        SettingsLine.Switch one => one.Key,
        SettingsLine.Choice one => one.Key,
        _ => null,
    };
}
