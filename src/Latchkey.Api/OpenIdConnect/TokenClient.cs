using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using Latchkey.Api.Passkeys;
using Latchkey.Protocol.WebAuthn;

namespace Latchkey.Api.OpenIdConnect;

/// <summary>An access token, and what renews it.</summary>
/// <param name="AccessToken">For the <c>Authorization</c> header.</param>
/// <param name="ExpiresAt">Until when it is good.</param>
/// <param name="RefreshToken">Buys the next one, once.</param>
public sealed record TokenSet(string AccessToken, DateTimeOffset ExpiresAt, string? RefreshToken)
{
    /// <summary>Never the tokens.</summary>
    public override string ToString() => $"tokens until {ExpiresAt:O}";
}

/// <summary>A sign-in that is finished in a browser elsewhere. <see href="https://www.rfc-editor.org/rfc/rfc8628#section-3.2"/></summary>
/// <param name="DeviceCode">What this program shows the token endpoint.</param>
/// <param name="UserCode">What the person types.</param>
/// <param name="VerificationUri">Where the person types it.</param>
/// <param name="ExpiresIn">Life in seconds.</param>
/// <param name="Interval">Seconds between two questions.</param>
/// <param name="VerificationUriComplete">The address with the code filled in.</param>
public sealed record DeviceAuthorization(
    [property: JsonPropertyName("device_code")] string DeviceCode,
    [property: JsonPropertyName("user_code")] string UserCode,
    [property: JsonPropertyName("verification_uri")] Uri VerificationUri,
    [property: JsonPropertyName("expires_in")] int ExpiresIn,
    [property: JsonPropertyName("interval")] int Interval = 5,
    [property: JsonPropertyName("verification_uri_complete")] Uri? VerificationUriComplete = null);

/// <summary>Gets tokens.</summary>
/// <param name="http">Base address: the server's root; no authorization.</param>
/// <param name="time">The clock, for expiry and for the pace of asking.</param>
public sealed class TokenClient(HttpClient http, TimeProvider time)
{
    /// <summary>Trades the code the browser brought back.</summary>
    /// <exception cref="ApiException">A refusal, or no answer.</exception>
    public Task<TokenSet> RedeemAsync(AuthorizationRequest request, string code, CancellationToken cancellationToken) => TokenAsync(
        cancellationToken,
        ("grant_type", "authorization_code"),
        ("client_id", OpenIdConnectContract.AuthenticatorClientId),
        ("code", code),
        ("redirect_uri", request.Redirect.AbsoluteUri),
        ("code_verifier", request.Verifier));

    /// <summary>Trades a refresh token; the old one is spent.</summary>
    /// <exception cref="ApiException">A refusal (<c>invalid_grant</c>: sign in again), or no answer.</exception>
    public Task<TokenSet> RefreshAsync(string clientId, string refreshToken, CancellationToken cancellationToken) => TokenAsync(
        cancellationToken, ("grant_type", "refresh_token"), ("client_id", clientId), ("refresh_token", refreshToken));

    /// <summary>Gives a refresh token back: its session ends, and with it every token of it. One that is good no longer counts as given back.</summary>
    /// <exception cref="ApiException">A refusal, or no answer.</exception>
    public async Task RevokeAsync(string clientId, string refreshToken, CancellationToken cancellationToken)
    {
        using var content = new FormUrlEncodedContent([new("token", refreshToken), new("token_type_hint", "refresh_token"), new("client_id", clientId)]);
        try
        {
            using var response = await http.PostAsync(new Uri(OpenIdConnectContract.RevocationPath, UriKind.Relative), content, cancellationToken);

            // RFC 7009 §2.2: of a token that is known no longer, what was asked for is so already. A server that takes none back will not do so later.
            if (!response.IsSuccessStatusCode && (int)response.StatusCode is 408 or 429 or >= 500)
            {
                throw new ApiException(response.StatusCode, $"http_{(int)response.StatusCode}", "The server did not sign this device out.");
            }
        }
        catch (Exception e) when (e is HttpRequestException or IOException || (e is TaskCanceledException && !cancellationToken.IsCancellationRequested))
        {
            throw new ApiException("The server could not be reached.", e);
        }
    }

    /// <summary>Trades a passkey's answer to <see cref="PasskeySignInClient.OptionsAsync"/>: a sign-in without a browser, good once.</summary>
    /// <exception cref="ApiException">A refusal, by the problem table's code where it is about the passkey; or no answer.</exception>
    public async Task<TokenSet> SignInAsync(AuthenticationResponseJson response, CancellationToken cancellationToken)
    {
        try
        {
            return await TokenAsync(
                cancellationToken,
                ("grant_type", OpenIdConnectContract.PasskeyGrantType),
                ("client_id", OpenIdConnectContract.CliClientId),
                ("scope", OpenIdConnectContract.Scopes),
                ("assertion", Encoding.UTF8.GetString(response.Encode())));
        }
        catch (ApiException e) when (e.Code is "invalid_grant" or "invalid_request" && e.Message.Split(": ", 2) is [var code, var text])
        {
            throw new ApiException(e.Status!.Value, code, text);
        }
    }

    /// <summary>Begins a sign-in that is finished in a browser elsewhere.</summary>
    /// <exception cref="ApiException">A refusal, or no answer.</exception>
    public async Task<DeviceAuthorization> BeginDeviceAsync(CancellationToken cancellationToken) => await PostAsync(
        OpenIdConnectContract.DevicePath,
        TokenJson.Default.DeviceAuthorization,
        cancellationToken,
        ("client_id", OpenIdConnectContract.CliClientId),
        ("scope", OpenIdConnectContract.Scopes));

    /// <summary>Waits until the person has signed in elsewhere.</summary>
    /// <exception cref="ApiException">Declined (<c>access_denied</c>), too late (<c>expired_token</c>), or no answer.</exception>
    public async Task<TokenSet> WaitForDeviceAsync(DeviceAuthorization device, CancellationToken cancellationToken)
    {
        // Whatever the server says: a wait, and one that ends.
        var interval = TimeSpan.FromSeconds(Math.Clamp(device.Interval, 0, 600));
        while (true)
        {
            try
            {
                return await TokenAsync(
                    cancellationToken,
                    ("grant_type", "urn:ietf:params:oauth:grant-type:device_code"),
                    ("client_id", OpenIdConnectContract.CliClientId),
                    ("device_code", device.DeviceCode));
            }
            catch (ApiException e) when (e.Code is "authorization_pending" or "slow_down" or ApiException.Unreachable)
            {
                // §3.5: "slow_down … the interval MUST be increased by 5 seconds"
                interval += e.Code == "slow_down" ? TimeSpan.FromSeconds(5) : TimeSpan.Zero;
                await Task.Delay(interval, time, cancellationToken);
            }
        }
    }

    private async Task<TokenSet> TokenAsync(CancellationToken cancellationToken, params (string Name, string Value)[] form)
    {
        var answer = await PostAsync(OpenIdConnectContract.TokenPath, TokenJson.Default.TokenAnswer, cancellationToken, form);
        if (string.IsNullOrEmpty(answer.AccessToken)) throw new ApiException(System.Net.HttpStatusCode.OK, "answer_not_understood", "The server's answer has no token in it.");
        return new(answer.AccessToken, time.GetUtcNow() + TimeSpan.FromSeconds(answer.ExpiresIn), answer.RefreshToken);
    }

    private async Task<T> PostAsync<T>(
        string path, System.Text.Json.Serialization.Metadata.JsonTypeInfo<T> type, CancellationToken cancellationToken, params (string Name, string Value)[] form)
    {
        try
        {
            using var content = new FormUrlEncodedContent(form.Select(field => KeyValuePair.Create(field.Name, field.Value)));
            using var response = await http.PostAsync(new Uri(path, UriKind.Relative), content, cancellationToken);
            if (response.IsSuccessStatusCode)
            {
                return await response.Content.ReadFromJsonAsync(type, cancellationToken) ?? throw new JsonException("empty");
            }

            var error = (int)response.StatusCode < 500 ? await response.Content.ReadFromJsonAsync(TokenJson.Default.TokenError, cancellationToken) : null;
            throw new ApiException(response.StatusCode, error?.Error ?? $"http_{(int)response.StatusCode}", error?.Description ?? "The server did not sign you in.");
        }
        catch (Exception e) when (e is HttpRequestException or IOException || (e is TaskCanceledException && !cancellationToken.IsCancellationRequested))
        {
            throw new ApiException("The server could not be reached.", e);
        }
        catch (Exception e) when (e is JsonException or FormatException or InvalidOperationException or NotSupportedException or ArgumentException)
        {
            throw new ApiException(System.Net.HttpStatusCode.OK, "answer_not_understood", "The server's answer is not what this version expects. Is the address right?");
        }
    }
}

// A member that must be there and is not, or is null, makes an answer that is not understood.
internal sealed record TokenAnswer(
    [property: JsonPropertyName("access_token")] string AccessToken,
    [property: JsonPropertyName("expires_in")] int ExpiresIn,
    [property: JsonPropertyName("refresh_token")] string? RefreshToken = null);

internal sealed record TokenError([property: JsonPropertyName("error")] string Error, [property: JsonPropertyName("error_description")] string? Description = null);

[JsonSourceGenerationOptions(RespectNullableAnnotations = true, RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(TokenAnswer))]
[JsonSerializable(typeof(TokenError))]
[JsonSerializable(typeof(DeviceAuthorization))]
internal sealed partial class TokenJson : JsonSerializerContext;
