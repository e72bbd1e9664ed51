using Latchkey.Api;
using Latchkey.Client;
using Latchkey.Hybrid;
using Latchkey.Hybrid.Proximity;
using Latchkey.Protocol.Ctap;

namespace Latchkey.Cli.Commands;

/// <summary>What can go wrong between this computer, the other device and the server, each in one sentence with a way on.</summary>
internal static class OtherDeviceProblems
{
    public static async Task<int> TellAsync(Func<Task<int>> act)
    {
        try
        {
            return await act();
        }
        catch (WebAuthnClientException e) when (e.Name == DomExceptionName.InvalidStateError)
        {
            return await CommandOutput.FailAsync("That device already has a passkey for you. Use it, or delete it there and under My Security info before making a new one.");
        }
        catch (WebAuthnClientException e) when (e.Status == CtapStatus.NoCredentials)
        {
            return await CommandOutput.FailAsync("That device has no passkey for this server. Register one with `latchkey passkey register --cross-device`.");
        }
        catch (WebAuthnClientException e)
        {
            return await CommandOutput.FailAsync(e.Status is CtapStatus.OperationDenied ? "Declined on the other device. Nothing has changed." : $"{e.Message} ({e.Name})");
        }
        catch (HybridException e)
        {
            return await CommandOutput.FailAsync(HybridStory.Describe(e));
        }
        catch (ProximityException e)
        {
            return await CommandOutput.FailAsync(e.Message);
        }
        catch (ApiException e)
        {
            return await CommandOutput.FailAsync(CommandOutput.Describe(e));
        }
        catch (OperationCanceledException)
        {
            return await CommandOutput.FailAsync("Stopped.");
        }
    }
}
