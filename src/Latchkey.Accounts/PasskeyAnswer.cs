using Latchkey.Api;

namespace Latchkey.Accounts;

/// <summary>What a server said when it was asked about a passkey; one of the types below.</summary>
public abstract record PasskeyAnswer
{
    private PasskeyAnswer()
    {
    }

    /// <summary>It keeps the passkey.</summary>
    public sealed record Known : PasskeyAnswer;

    /// <summary>It does not keep it, or was not convinced.</summary>
    public sealed record Unknown : PasskeyAnswer;

    /// <summary>It is not the relying party of this passkey, so its word is nothing.</summary>
    public sealed record NotItsOwn : PasskeyAnswer;

    /// <summary>No answer; that says nothing of the passkey.</summary>
    /// <param name="Problem">What kept it; absent when the authenticator was busy with a ceremony.</param>
    public sealed record None(ApiException? Problem) : PasskeyAnswer;
}
