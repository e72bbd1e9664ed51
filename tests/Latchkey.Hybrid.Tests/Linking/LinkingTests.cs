using Latchkey.Authenticator;
using Latchkey.Hybrid.Advert;
using Latchkey.Hybrid.Linking;
using Latchkey.Hybrid.Qr;
using Latchkey.Hybrid.Tests.Meetings;
using Latchkey.Protocol;
using Latchkey.Protocol.Ctap;
using Latchkey.Protocol.WebAuthn;

namespace Latchkey.Hybrid.Tests.Linking;

/// <summary>Two devices that met by QR code once meet again without one.</summary>
public sealed class LinkingTests : IDisposable, ILinkStore
{
    private static readonly MakeCredentialRequest Create = new(ClientDataHash.Of("x"u8), new(Meeting.RpId, "Example"), new(new("ada"u8.ToArray())), [-7]) { Rk = true, Uv = true };
    private static readonly GetAssertionRequest Get = new(Meeting.RpId, ClientDataHash.Of("x"u8)) { Uv = true };

    private readonly Meeting _meeting = new();
    private readonly List<PhoneLink> _computerKeeps = [];
    private readonly List<ComputerLink> _phoneKeeps = [];
    private readonly ContactId _contact = new(ByteString.Random(20));
    private Task<HybridOutcome> _called = Task.FromResult(new HybridOutcome());

    private HybridResponder Phone => new(_meeting.Phone.Authenticator, _meeting.Air, _meeting.Relay, new TunnelDomain(266), _meeting.Time)
    {
        Link = new(_contact, "Work phone", (link, _) =>
        {
            _phoneKeeps.Add(link);
            return Task.CompletedTask;
        }),
    };

    Task ILinkStore.KeepAsync(PhoneLink link, CancellationToken cancellationToken)
    {
        _computerKeeps.Add(link);
        return Task.CompletedTask;
    }

    Task ILinkStore.ForgetAsync(PhoneLink link, CancellationToken cancellationToken)
    {
        Assert.True(_computerKeeps.Remove(link));
        return Task.CompletedTask;
    }

    public void Dispose() => _meeting.Dispose();

    [Fact]
    public async Task A_linked_phone_signs_in_without_a_QR_code()
    {
        await MeetByQrCodeAsync(this);
        var link = Assert.Single(_computerKeeps);
        Assert.Equal("Work phone", link.PhoneName);
        Assert.Equal(_contact, link.ContactId);
        Assert.Equal(new TunnelDomain(266), link.Domain);
        Wait();

        await using (var phone = await new HybridLinkedInitiator(link, this, _meeting.Time).ConnectAsync(HybridOperation.GetAssertion, _meeting.Air, _meeting.Relay, null, Meeting.Token))
        {
            Assert.NotEmpty((await phone.GetAssertionAsync(Get, Meeting.Token)).Signature.ToArray());
        }

        Assert.True((await _called).Succeeded);
        _meeting.NothingIsLeft();
    }

    [Fact]
    public async Task A_computer_that_keeps_no_links_is_offered_none()
    {
        await MeetByQrCodeAsync(null);

        Assert.Empty(_phoneKeeps);
    }

    [Fact]
    public async Task A_link_is_not_given_for_a_refusal()
    {
        _meeting.Phone.Person.Answer = (_, _) => Task.FromResult<AuthorizationAnswer>(new AuthorizationAnswer.Declined());

        await Assert.ThrowsAsync<CtapException>(() => MeetByQrCodeAsync(this));

        Assert.Empty(_phoneKeeps);
        Assert.Empty(_computerKeeps);
    }

    [Fact]
    public async Task A_link_whose_phone_is_gone_is_forgotten()
    {
        await MeetByQrCodeAsync(this);
        var link = Assert.Single(_computerKeeps);

        var failure = await Assert.ThrowsAsync<HybridException>(() =>
            new HybridLinkedInitiator(link, this, _meeting.Time).ConnectAsync(HybridOperation.GetAssertion, _meeting.Air, _meeting.Relay, null, Meeting.Token));

        Assert.Equal(HybridProblem.LinkGone, failure.Problem);
        Assert.Empty(_computerKeeps);
        _meeting.NothingIsLeft();
    }

    [Fact]
    public async Task Somebody_with_the_links_secret_but_another_key_is_not_believed()
    {
        await MeetByQrCodeAsync(this);
        using var other = P256KeyPair.Generate();
        _phoneKeeps[0] = _phoneKeeps[0] with { PrivateKey = other.ExportPrivateKey() };
        Wait();

        var failure = await Assert.ThrowsAsync<HybridException>(() =>
            new HybridLinkedInitiator(_computerKeeps[0], this, _meeting.Time).ConnectAsync(HybridOperation.GetAssertion, _meeting.Air, _meeting.Relay, null, Meeting.Token));

        Assert.Equal(HybridProblem.PeerClosed, failure.Problem);
        Assert.Equal(HybridProblem.HandshakeFailed, (await _called).Problem);
        _meeting.NothingIsLeft();
    }

    [Fact]
    public async Task A_linked_phone_that_is_not_near_is_not_met()
    {
        await MeetByQrCodeAsync(this);
        _meeting.Air.Weather = _ => [];
        Wait();

        var connecting = new HybridLinkedInitiator(_computerKeeps[0], this, _meeting.Time).ConnectAsync(HybridOperation.GetAssertion, _meeting.Air, _meeting.Relay, null, Meeting.Token);
        _meeting.Time.Advance(TimeSpan.FromMinutes(3));

        Assert.Equal(HybridProblem.TimedOut, (await Assert.ThrowsAsync<HybridException>(() => connecting)).Problem);
        Assert.NotNull((await _called).Problem);
        _meeting.NothingIsLeft();
    }

    [Fact]
    public void Linking_information_of_another_meeting_is_not_from_this_one()
    {
        using var computer = P256KeyPair.Generate();
        var hash = ByteString.Random(32);
        var (_, information) = Phone.Link!.Make(computer.Public, hash);

        Assert.True(LinkingInformation.ParseUpdate(information.EncodeUpdate())!.IsFrom(computer, hash));
        Assert.False(information.IsFrom(computer, ByteString.Random(32)));
        using var other = P256KeyPair.Generate();
        Assert.False(information.IsFrom(other, hash));
        Assert.False((information with { PhoneKey = other.Public }).IsFrom(computer, hash));
    }

    private async Task MeetByQrCodeAsync(ILinkStore? links)
    {
        using var initiator = HybridInitiator.Begin(HybridOperation.MakeCredential, _meeting.Time, links);
        var answering = Phone.AnswerAsync(initiator.Code, null, _meeting.Phone.DeliverOrDropAsync, Meeting.Token);
        try
        {
            await using var phone = await initiator.ConnectAsync(_meeting.Air, _meeting.Relay, null, Meeting.Token);
            await phone.MakeCredentialAsync(Create, Meeting.Token);
        }
        finally
        {
            await answering;
        }
    }

    /// <summary>The phone waits to be called.</summary>
    private void Wait() => _meeting.Relay.Contacts[_contact] = (tunnelId, sent) =>
    {
        var payload = ClientPayload.Parse(sent);
        var link = _phoneKeeps.Single(link => link.LinkId == payload.LinkId);
        _called = Phone.AnswerAsync(tunnelId, payload, link, null, _meeting.Phone.DeliverOrDropAsync, Meeting.Token);
    };
}
