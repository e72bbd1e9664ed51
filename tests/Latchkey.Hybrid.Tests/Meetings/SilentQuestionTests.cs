using Latchkey.Authenticator;
using Latchkey.Hybrid.Qr;
using Latchkey.Protocol.Ctap;
using Latchkey.Protocol.WebAuthn;

namespace Latchkey.Hybrid.Tests.Meetings;

/// <summary>What a computer learns of a phone whose owner has said yes to nothing.</summary>
public sealed class SilentQuestionTests : IDisposable
{
    private static readonly ClientDataHash Hash = ClientDataHash.Of("x"u8);

    private readonly Meeting _meeting = new();

    public void Dispose() => _meeting.Dispose();

    [Theory]
    [InlineData(Meeting.RpId, null)]
    [InlineData(Meeting.RpId, true)]
    [InlineData("another.example", null)]
    [InlineData("", false)]
    public async Task A_silent_question_is_refused_in_the_same_way_whatever_there_is(string rpId, bool? uv)
    {
        await _meeting.CreateAsync();
        await _meeting.CreateAsync(Meeting.CreationOptions with { User = new(new("bob"u8.ToArray()), "bob@example.org", "Bob") });
        var listed = new PublicKeyCredentialDescriptor(_meeting.Phone.Store.Credentials[0].Id, []);
        _meeting.Phone.Person.Asked.Clear();

        var (statuses, failure, _) = await _meeting.MeetAsync(HybridOperation.GetAssertion, async phone => new[]
        {
            await StatusAsync(() => phone.GetAssertionAsync(new(rpId, Hash) { Up = false, Uv = uv }, Meeting.Token)),
            await StatusAsync(() => phone.GetAssertionAsync(new(rpId, Hash) { Up = false, Uv = uv, AllowList = [listed] }, Meeting.Token)),
            await StatusAsync(() => phone.GetNextAssertionAsync(Meeting.Token)),
        });

        Assert.Null(failure);
        Assert.Equal([CtapStatus.UpRequired, CtapStatus.UpRequired, CtapStatus.NotAllowed], statuses);
        Assert.Empty(_meeting.Phone.Person.Asked);
        Assert.All(_meeting.Phone.Store.Credentials, passkey => Assert.Null(passkey.LastUsedAt));
    }

    [Theory]
    [InlineData(Meeting.RpId)]
    [InlineData("another.example")]
    public async Task Whether_there_is_a_passkey_is_told_by_the_person_alone(string rpId)
    {
        await _meeting.CreateAsync();
        _meeting.Phone.Person.Asked.Clear();
        _meeting.Phone.Person.Answer = (_, _) => Task.FromResult<AuthorizationAnswer>(new AuthorizationAnswer.Declined());

        // without user verification, as a computer may ask
        var (status, failure, _) = await _meeting.MeetAsync(HybridOperation.GetAssertion, phone => StatusAsync(() => phone.GetAssertionAsync(new(rpId, Hash), Meeting.Token)));

        Assert.Null(failure);
        Assert.Equal(CtapStatus.OperationDenied, status);
        Assert.NotNull(Assert.Single(_meeting.Phone.Person.Asked).Pin);
    }

    [Fact]
    public async Task A_client_that_would_look_for_an_AppID_first_signs_in_without_looking()
    {
        var (created, _, _) = await _meeting.CreateAsync();

        var (assertion, failure, _) = await _meeting.GetAsync(Meeting.RequestOptions with
        {
            AllowCredentials = [new(created.Id, [])],
            Extensions = new() { AppId = "https://example.org/u2f" },
        });

        Assert.Null(failure);
        Assert.Equal((created.Id, false), (assertion.Id, assertion.AppIdUsed));
    }

    private static async Task<CtapStatus> StatusAsync(Func<Task<GetAssertionResponse>> ask)
    {
        try
        {
            await ask();
            return CtapStatus.Success;
        }
        catch (CtapException e)
        {
            return e.Status;
        }
    }
}
