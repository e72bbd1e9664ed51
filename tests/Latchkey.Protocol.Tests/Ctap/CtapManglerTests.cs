using CsCheck;
using Latchkey.Protocol.Ctap;

namespace Latchkey.Protocol.Tests.Ctap;

public sealed class CtapManglerTests
{
    public static TheoryData<string> Parsers => [.. ByName.Keys];

    private static readonly Dictionary<string, (ByteString Good, Func<byte[], ByteString> Again)> ByName = new(StringComparer.Ordinal)
    {
        ["makeCredential request"] = (CtapMessages.MakeCredentialRequest.Encode(), bytes => MakeCredentialRequest.Parse(bytes).Encode()),
        ["makeCredential response"] = (CtapMessages.MakeCredentialResponse.Encode(), bytes => MakeCredentialResponse.Parse(bytes).Encode()),
        ["getAssertion request"] = (CtapMessages.GetAssertionRequest.Encode(), bytes => GetAssertionRequest.Parse(bytes).Encode()),
        ["getAssertion response"] = (CtapMessages.GetAssertionResponse.Encode(), bytes => GetAssertionResponse.Parse(bytes).Encode()),
        ["getInfo response"] = (CtapMessages.GetInfoResponse.Encode(), bytes => GetInfoResponse.Parse(bytes).Encode()),
    };

    [Theory]
    [MemberData(nameof(Parsers))]
    public void A_message_cut_or_flipped_parses_or_is_refused(string parser)
    {
        var (good, again) = ByName[parser];

        Assert.NotEqual(0, Mangler.Mangle(good, bytes => again(bytes)));
    }

    [Theory]
    [MemberData(nameof(Parsers))]
    public void A_message_written_again_is_the_same_bytes(string parser)
    {
        var (good, again) = ByName[parser];

        Assert.Equal(good, again(good.ToArray()));
    }

    [Fact]
    public void Whatever_bytes_come_the_dispatcher_answers_one_status()
    {
        var dispatcher = new CtapDispatcher(new RefusingAuthenticator());
        Gen.Byte.Array[0, 64].Sample(bytes =>
        {
            var answer = dispatcher.DispatchAsync(bytes, TestContext.Current.CancellationToken).GetAwaiter().GetResult();
            Assert.NotEqual(CtapStatus.Success, answer.Status);
            Assert.Equal([(byte)answer.Status], answer.Bytes.ToArray());
        });
    }
}
