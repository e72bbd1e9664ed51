using Latchkey.Protocol.Ctap;
using Latchkey.Protocol.WebAuthn;

namespace Latchkey.Protocol.Tests.Ctap;

/// <summary>
/// The messages the CTAP document prints as examples (§6.1, §6.2, §6.4), as data: our two sides must not only agree with each other.
/// <see href="https://fidoalliance.org/specs/fido-v2.0-ps-20190130/fido-client-to-authenticator-protocol-v2.0-ps-20190130.html"/>
/// </summary>
public sealed class CtapDocumentTests
{
    private const string UserHandleHex = "3082019330820138a0030201023082019330820138a003020102308201933082";
    private const string ClientDataHashHex = "687134968222ec17202e42505f8ed2b16ae22f16bb05b88c25db9e602645f141";
    private const string CredentialIdHex = "f22006de4f905af68a43942f024f2a5ece603d9c6d4b3df8be08ed01fc442646d034858ac75bed3fd580bf9808d94fcbee82b9b2ef6677af0adcc35852ea6b9e";

    private const string MakeCredentialRequestHex = """
        a5                                      # map(5)
           01                                   # unsigned(1) - clientDataHash
           58 20                                # bytes(32)
              687134968222ec17202e42505f8ed2b1
              6ae22f16bb05b88c25db9e602645f141
           02                                   # unsigned(2) - rp
           a2                                   # map(2)
              62 6964                           # "id"
              6b 6578616d706c652e636f6d         # "example.com"
              64 6e616d65                       # "name"
              64 41636d65                       # "Acme"
           03                                   # unsigned(3) - user
           a4                                   # map(4)
              62 6964                           # "id"
              58 20                             # bytes(32)
                 3082019330820138a003020102
                 3082019330820138a003020102
                 308201933082
              64 69636f6e                       # "icon", of CTAP 2.0 only
              78 2b                             # "https://pics.example.com/00/p/aBjjjpqPb.png"
                 68747470733a2f2f706963732e6578
                 616d706c652e636f6d2f30302f702f
                 61426a6a6a707150622e706e67
              64 6e616d65                       # "name"
              76                                # "johnpsmith@example.com"
                 6a6f686e70736d697468406578616d706c652e636f6d
              6b 646973706c61794e616d65         # "displayName"
              6d 4a6f686e20502e20536d697468     # "John P. Smith"
           04                                   # unsigned(4) - pubKeyCredParams
           82                                   # array(2)
              a2
                 63 616c67 26                   # "alg": -7 (ES256)
                 64 74797065                    # "type"
                 6a 7075626C69632D6B6579        # "public-key"
              a2
                 63 616c67 390100               # "alg": -257 (RS256)
                 64 74797065                    # "type"
                 6a 7075626C69632D6B6579        # "public-key"
           07                                   # unsigned(7) - options
           a1
              62 726b f5                        # "rk": true
        """;

    private const string MakeCredentialResponseHex = """
        a3                                      # map(3)
           01                                   # unsigned(1) - fmt
           66 7061636b6564                      # "packed"
           02                                   # unsigned(2) - authData
           58 9a                                # bytes(154)
              c289c5ca9b0460f9346ab4e42d842743
              404d31f4846825a6d065be597a87051d
              410000000bf8a011f38c0a4d15800617
              111f9edc7d00108959cead5b5c48164e
              8abcd6d9435c6fa363616c6765455332
              353661785820f7c4f4a6f1d79538dfa4
              c9ac50848df708bc1c99f5e60e51b42a
              521b35d3b69a61795820de7b7d6ca564
              e70ea321a4d5d96ea00ef0e2db89dd61
              d4894c15ac585bd23684
           03                                   # unsigned(3) - attStmt
           a2                                   # "alg" and "sig"; the document's x5c left out
              63 616c67 26
              63 736967
              58 47
                 3045022013f73c5d9d530e8cc15cc9bd96ad586d393664e462d5f0561235
                 e6350f2b728902210090357ff910ccb56ac5b596511948581c8fddb4a2b7
                 9959948078b09f4bdc6229
        """;

    private const string GetAssertionRequestHex = """
        a4                                      # map(4)
           01                                   # unsigned(1) - rpId
           6b 6578616d706c652e636f6d            # "example.com"
           02                                   # unsigned(2) - clientDataHash
           58 20
              687134968222ec17202e42505f8ed2b16ae22f16bb05b88c25db9e602645f141
           03                                   # unsigned(3) - allowList
           82
              a2
                 62 6964                        # "id"
                 58 40
                    f22006de4f905af68a43942f024f2a5ece603d9c6d4b3df8be08ed01fc442646
                    d034858ac75bed3fd580bf9808d94fcbee82b9b2ef6677af0adcc35852ea6b9e
                 64 74797065                    # "type"
                 6a 7075626C69632D6B6579        # "public-key"
              a2
                 62 6964                        # "id"
                 58 32
                    0303030303030303030303030303030303030303030303030303
                    030303030303030303030303030303030303030303030303
                 64 74797065
                 6a 7075626C69632D6B6579
           05                                   # unsigned(5) - options
           a1
              62 7576 f5                        # "uv": true
        """;

    private const string GetAssertionResponseHex = """
        a5                                      # map(5)
           01                                   # unsigned(1) - credential
           a2
              62 6964
              58 40
                 f22006de4f905af68a43942f024f2a5ece603d9c6d4b3df8be08ed01fc442646
                 d034858ac75bed3fd580bf9808d94fcbee82b9b2ef6677af0adcc35852ea6b9e
              64 74797065
              6a 7075626C69632D6B6579
           02                                   # unsigned(2) - authData
           58 25
              625ddadf743f5727e66bba8c2e387922
              d1af43c503d9114a8fba104d84d02bfa
              0100000011
           03                                   # unsigned(3) - signature
           58 47
              304502204a5a9dd39298149d904769b51a451433006f182a34fbdf66de5fc717
              d75fb350022100a46b8ea3c3b933821c6e7f5ef9daae94ab47f18db474c74790
              eaabb14411e7a0
           04                                   # unsigned(4) - user
           a4
              62 6964
              58 20
                 3082019330820138a0030201023082019330820138a003020102308201933082
              64 69636f6e
              782b
                 68747470733a2f2f706963732e6578616d706c652e636f6d2f30302f702f61426a6a6a707150622e706e67
              64 6e616d65
              76 6a6f686e70736d697468406578616d706c652e636f6d
              6b 646973706c61794e616d65
              6d 4a6f686e20502e20536d697468
           05                                   # unsigned(5) - numberOfCredentials
           01
        """;

    private const string GetInfoResponseHex = """
        a6                                      # map(6)
           01                                   # versions
           82
              66 5532465f5632                   # "U2F_V2"
              68 4649444f5f325f30               # "FIDO_2_0"
           02                                   # extensions
           81
              6b 686d61632d736563726574         # "hmac-secret"
           03                                   # aaguid
           50 f8a011f38c0a4d15800617111f9edc7d
           04                                   # options
           a4
              62 726b f5                        # "rk": true
              62 7570 f5                        # "up": true
              64 706c6174 f4                    # "plat": false
              69 636c69656e7450696e f4          # "clientPin": false
           05                                   # maxMsgSize
           19 04b0                              # 1200
           06                                   # pinUvAuthProtocols
           81 01
        """;

    [Fact]
    public void The_makeCredential_request_of_the_document_reads_as_it_says()
    {
        var request = MakeCredentialRequest.Parse(AnnotatedHex.Read(MakeCredentialRequestHex));

        Assert.Equal(ClientDataHashHex, request.ClientDataHash.Bytes.ToHex());
        Assert.Equal(new CtapRelyingParty("example.com", "Acme"), request.Rp);
        Assert.Equal(new CtapUser(new(ByteString.FromHex(UserHandleHex)), "johnpsmith@example.com", "John P. Smith"), request.User);
        Assert.Equal([-7, -257], request.PubKeyCredParams);
        Assert.True(request.Rk);
        Assert.Null(request.Uv);
        Assert.Empty(request.ExcludeList);
    }

    [Fact]
    public void A_makeCredential_request_is_written_as_the_document_prints_it()
    {
        // without the icon, which later versions dropped
        var printed = AnnotatedHex.Read(MakeCredentialRequestHex).ToHex()
            .Replace("6469636f6e782b68747470733a2f2f706963732e6578616d706c652e636f6d2f30302f702f61426a6a6a707150622e706e67", "", StringComparison.Ordinal)
            .Replace("03a46269", "03a36269", StringComparison.Ordinal);

        var request = new MakeCredentialRequest(
            new(ByteString.FromHex(ClientDataHashHex)),
            new("example.com", "Acme"),
            new(new(ByteString.FromHex(UserHandleHex)), "johnpsmith@example.com", "John P. Smith"),
            [-7, -257]) { Rk = true };

        Assert.Equal(printed, request.Encode().ToHex());
    }

    [Fact]
    public void The_makeCredential_response_of_the_document_reads_as_it_says()
    {
        var bytes = AnnotatedHex.Read(MakeCredentialResponseHex);

        var response = MakeCredentialResponse.Parse(bytes);

        Assert.Equal("packed", response.Fmt);
        Assert.Equal(154, response.AuthData.Length);
        Assert.StartsWith("a263616c6726637369675847", response.AttStmt.ToHex(), StringComparison.Ordinal);
        Assert.Equal(bytes, response.Encode());
    }

    [Fact]
    public void The_getAssertion_request_of_the_document_reads_and_writes_as_printed()
    {
        var bytes = AnnotatedHex.Read(GetAssertionRequestHex);

        var request = GetAssertionRequest.Parse(bytes);

        Assert.Equal("example.com", request.RpId);
        Assert.Equal(ClientDataHashHex, request.ClientDataHash.Bytes.ToHex());
        Assert.Equal([CredentialIdHex, string.Concat(Enumerable.Repeat("03", 50))], request.AllowList.Select(allowed => allowed.Id.Bytes.ToHex()));
        Assert.True(request.Uv);
        Assert.Equal(bytes, request.Encode());
    }

    [Fact]
    public void The_getAssertion_response_of_the_document_reads_as_it_says()
    {
        var response = GetAssertionResponse.Parse(AnnotatedHex.Read(GetAssertionResponseHex));

        Assert.Equal(CredentialIdHex, response.Credential?.Id.Bytes.ToHex());
        Assert.Equal(0x11u, AuthenticatorData.Parse(response.AuthData).SignCount);
        Assert.Equal(71, response.Signature.Length);
        Assert.Equal(new CtapUser(new(ByteString.FromHex(UserHandleHex)), "johnpsmith@example.com", "John P. Smith"), response.User);
        Assert.Equal(1u, response.NumberOfCredentials);
    }

    [Fact]
    public void The_getInfo_response_of_the_document_reads_as_it_says()
    {
        var info = GetInfoResponse.Parse(AnnotatedHex.Read(GetInfoResponseHex));

        Assert.Equal(["U2F_V2", "FIDO_2_0"], info.Versions);
        Assert.Equal(["hmac-secret"], info.Extensions);
        Assert.Equal("f8a011f3-8c0a-4d15-8006-17111f9edc7d", info.Aaguid.ToString());
        Assert.True(info.Rk);
        Assert.True(info.Up);
        Assert.False(info.Plat);
        Assert.Null(info.Uv);
        Assert.False(info.Option("clientPin"));
        Assert.Equal(1200u, info.MaxMsgSize);
    }
}
