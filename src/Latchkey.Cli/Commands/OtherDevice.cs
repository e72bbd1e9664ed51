using System.CommandLine;
using Latchkey.Hybrid;
using Latchkey.Hybrid.Proximity;
using Latchkey.Hybrid.Tunnel;
using Latchkey.Hybrid.Qr;
using QRCoder;

namespace Latchkey.Cli.Commands;

/// <summary>The command line as the computer: draws the QR code, and waits for the phone that reads it.</summary>
internal static class OtherDevice
{
    /// <summary>Adds the switch that says where the passkey is. So far there is no other place, and nobody should find a QR code where they expected something else.</summary>
    public static void AddSwitchTo(Command command)
    {
        var crossDevice = new Option<bool>("--cross-device") { Description = "The passkey is on another device: shows a QR code to scan there." };
        command.Options.Add(crossDevice);
        command.Validators.Add(result =>
        {
            if (!result.GetValue(crossDevice)) result.AddError("Say --cross-device: the passkey is on another device, and a QR code is shown to scan there.");
        });
    }

    /// <summary>Shows the code and connects.</summary>
    /// <exception cref="HybridException">Nobody came.</exception>
    public static async Task<HybridAuthenticator> ConnectAsync(HybridOperation operation, TunnelConnector tunnels, CancellationToken cancellationToken)
    {
        using var initiator = HybridInitiator.Begin(operation, TimeProvider.System);
        var text = initiator.Code.Encode();
        await Console.Error.WriteLineAsync(Draw(text));
        await Console.Error.WriteLineAsync(text);
        await Console.Error.WriteLineAsync("Scan this with the device that has your passkeys. Bluetooth and internet must be on at both.");
        return await initiator.ConnectAsync(Bluetooth.Scanner, tunnels, new HybridStory(Words), cancellationToken);
    }

    private static string? Words(HybridProgress progress) => progress switch
    {
        HybridProgress.Connecting => "A device answers. Connecting …",
        HybridProgress.Connected => "Connected.",
        HybridProgress.Asking => "Go on there.",
        _ => null,
    };

    /// <summary>Two rows of the code in each line of text.</summary>
    private static string Draw(string text)
    {
        using var data = QRCodeGenerator.GenerateQrCode(text, QRCodeGenerator.ECCLevel.L);
        using var drawing = new AsciiQRCode(data);
        return drawing.GetGraphicSmall(drawQuietZones: true, invert: Console.IsErrorRedirected);
    }
}
