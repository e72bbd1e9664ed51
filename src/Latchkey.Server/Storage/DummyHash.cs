using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.Options;

namespace Latchkey.Server.Storage;

/// <summary>The hash of a password nobody knows, made as all are now: checked for names nobody has, so that they take as long as the others.</summary>
public sealed class DummyHash(IOptions<PasswordHasherOptions> hashing)
{
    private readonly Lazy<string> hash = new(() => new PasswordHasher<User>(hashing).HashPassword(new User(), Guid.NewGuid().ToString()));

    public string Value => hash.Value;
}
