using System.Collections.Frozen;
using System.Text.Json;
using Latchkey.RelyingParty.Authentication;
using Latchkey.RelyingParty.Registration;

namespace Latchkey.RelyingParty;

/// <summary>The codes of refusals: the member's name in snake_case, the same on every layer.</summary>
public static class ErrorCodes
{
    private static readonly FrozenDictionary<RegistrationError, string> Registration = Names<RegistrationError>();
    private static readonly FrozenDictionary<AuthenticationError, string> Authentication = Names<AuthenticationError>();

    /// <summary>Such as <c>challenge_mismatch</c>.</summary>
    public static string Code(this RegistrationError error) => Registration[error];

    /// <summary>Such as <c>challenge_mismatch</c>.</summary>
    public static string Code(this AuthenticationError error) => Authentication[error];

    private static FrozenDictionary<T, string> Names<T>()
        where T : struct, Enum =>
        Enum.GetValues<T>().ToFrozenDictionary(e => e, e => JsonNamingPolicy.SnakeCaseLower.ConvertName(e.ToString()));
}
