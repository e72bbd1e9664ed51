namespace Latchkey.Hybrid.Qr;

/// <summary>What a computer wants from a phone.</summary>
public enum HybridOperation
{
    /// <summary>Sign in with a passkey (<c>ga</c>).</summary>
    GetAssertion,

    /// <summary>Make a passkey (<c>mc</c>).</summary>
    MakeCredential,
}

/// <summary>The operations as QR code and client payload write them.</summary>
public static class HybridOperationHints
{
    /// <summary>authenticatorGetAssertion.</summary>
    public const string GetAssertion = "ga";

    /// <summary>authenticatorMakeCredential.</summary>
    public const string MakeCredential = "mc";

    /// <summary>The hint of an operation.</summary>
    public static string Of(HybridOperation operation) => operation == HybridOperation.MakeCredential ? MakeCredential : GetAssertion;
}
