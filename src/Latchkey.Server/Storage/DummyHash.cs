using Microsoft.AspNetCore.Identity;

namespace Latchkey.Server.Storage;

/// <summary>The hash of a password nobody knows: checked for names nobody has, so that they take as long as the others.</summary>
internal static class DummyHash
{
    public static string Value { get; } = new PasswordHasher<User>().HashPassword(new User(), Guid.NewGuid().ToString());
}
