using System.Security.Cryptography;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;

namespace Latchkey.Server.Storage;

/// <summary>Creates, finds and removes accounts.</summary>
public sealed class People(LatchkeyDb db, UserManager<User> users, RoleManager<IdentityRole<Guid>> roles, IPasswordHasher<User> hasher, TimeProvider time)
{
    public const string AdminRole = "admin";

    private const int UserHandleLength = 32;

    /// <exception cref="AccountRuleException">The name is taken or malformed, or the password does not meet the rules; the message is for people.</exception>
    public async Task<User> CreateAsync(string name, string? displayName, string? email, string? password, bool admin)
    {
        var now = time.GetUtcNow();
        var user = new User
        {
            Id = Guid.CreateVersion7(now),
            UserName = name,
            DisplayName = displayName ?? name,
            Email = email,
            UserHandle = RandomNumberGenerator.GetBytes(UserHandleLength),
            CreatedAt = now,
            PasswordSetAt = password is null ? null : now,
        };
        Demand(password is null ? await users.CreateAsync(user) : await users.CreateAsync(user, password));
        if (admin)
        {
            if (!await roles.RoleExistsAsync(AdminRole))
            {
                Demand(await roles.CreateAsync(new IdentityRole<Guid>(AdminRole) { Id = Guid.CreateVersion7(now) }));
            }

            Demand(await users.AddToRoleAsync(user, AdminRole));
        }

        return user;
    }

    /// <summary>Nobody is called by what is no text: half a surrogate pair, or a code point that never will be one.</summary>
    public async Task<User?> FindAsync(string name)
    {
        try
        {
            return await users.FindByNameAsync(name.Trim());
        }
        catch (ArgumentException)
        {
            return null; // it has no normal form
        }
    }

    /// <summary>Checks a password in similar time for people there are and people there are not.</summary>
    public async Task<User?> CheckPasswordAsync(string name, string password)
    {
        var user = await FindAsync(name);
        if (user?.PasswordHash is null)
        {
            hasher.VerifyHashedPassword(new User(), DummyHash.Value, password);
            return null;
        }

        return await users.CheckPasswordAsync(user, password) ? user : null;
    }

    public async Task SetPasswordAsync(User user, string password)
    {
        if (user.PasswordHash is not null)
        {
            foreach (var validator in users.PasswordValidators)
            {
                Demand(await validator.ValidateAsync(users, user, password));
            }

            Demand(await users.RemovePasswordAsync(user));
        }

        user.PasswordSetAt = time.GetUtcNow();
        Demand(await users.AddPasswordAsync(user, password));
    }

    public Task MarkPasswordUsedAsync(Guid userId, CancellationToken cancellation)
    {
        var now = time.GetUtcNow();
        return db.Users.Where(u => u.Id == userId).ExecuteUpdateAsync(set => set.SetProperty(u => u.PasswordLastUsedAt, now), cancellation);
    }

    public async Task DeleteAsync(User user) => Demand(await users.DeleteAsync(user));

    public Task<bool> IsAdminAsync(User user) => users.IsInRoleAsync(user, AdminRole);

    private static void Demand(IdentityResult result)
    {
        if (!result.Succeeded)
        {
            throw new AccountRuleException(string.Join(' ', result.Errors.Select(error => error.Description)));
        }
    }
}

/// <summary>An account cannot be like that; the message is for the person who wanted it.</summary>
public sealed class AccountRuleException(string message) : Exception(message);
