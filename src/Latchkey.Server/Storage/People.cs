using System.Security.Cryptography;
using Latchkey.Protocol;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;

namespace Latchkey.Server.Storage;

/// <summary>Creates, finds and removes accounts.</summary>
public sealed class People(
    LatchkeyDb db, UserManager<User> users, RoleManager<IdentityRole<Guid>> roles, IPasswordHasher<User> hasher, DummyHash dummy, TimeProvider time)
{
    public const string AdminRole = "admin";

    // Nobody has a longer one; it is not hashed to find out.
    private const int LongestChecked = 4096;

    private const int UserHandleLength = 32, MaxDisplayName = 256;

    /// <exception cref="AccountRuleException">The name is taken or malformed, or the password does not meet the rules; the message is for people.</exception>
    public async Task<User> CreateAsync(string name, string? displayName, string? email, string? password, bool admin)
    {
        DemandAddress(email);
        DemandShown(displayName);
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
        // With the role, or not at all; within a transaction of the caller's, if there is one.
        await using var transaction = db.Database.CurrentTransaction is null ? await db.Database.BeginTransactionAsync() : null;
        try
        {
            Demand(password is null ? await users.CreateAsync(user) : await users.CreateAsync(user, PasswordRules.FormOf(password)));
        }
        catch (DbUpdateException)
        {
            db.ChangeTracker.Clear();
            throw new AccountRuleException(StorageTexts.PersonNameTaken); // made twice at once
        }

        if (admin)
        {
            await MakeAdminAsync(user);
        }

        if (transaction is not null)
        {
            await transaction.CommitAsync();
        }

        return user;
    }

    /// <summary>Changes what is given, within the caller's transaction; an empty address takes it away.</summary>
    /// <exception cref="AccountRuleException">That cannot be; the message is for people.</exception>
    public async Task ChangeAsync(User user, string? displayName, string? email, bool? admin)
    {
        if (displayName is not null)
        {
            DemandShown(displayName.Trim() is { Length: > 0 } given ? given : null);
            user.DisplayName = displayName.Trim() is { Length: > 0 } shown ? shown : user.UserName!;
        }

        if (email is not null)
        {
            var address = email is "" ? null : email;
            DemandAddress(address);
            user.Email = address;
        }

        Demand(await users.UpdateAsync(user));
        if (admin is { } wanted && wanted != await IsAdminAsync(user))
        {
            if (wanted) await MakeAdminAsync(user);
            else Demand(await users.RemoveFromRoleAsync(user, AdminRole));
        }
    }

    private async Task MakeAdminAsync(User user)
    {
        if (!await roles.RoleExistsAsync(AdminRole))
        {
            Demand(await roles.CreateAsync(new IdentityRole<Guid>(AdminRole) { Id = Guid.CreateVersion7(time.GetUtcNow()) }));
        }

        Demand(await users.AddToRoleAsync(user, AdminRole));
    }

    private static void DemandShown(string? displayName)
    {
        if (displayName is not null && !ForeignText.IsName(displayName, MaxDisplayName))
        {
            throw new AccountRuleException(StorageTexts.PersonDisplayNameInvalid);
        }
    }

    /// <summary>An address mail can be sent to: one, alone, without a name around it (RFC 5321 §4.5.3.1.3 has its length).</summary>
    private static void DemandAddress(string? email)
    {
        if (email is not null && (email.Length > 254 || email.Any(c => char.IsWhiteSpace(c) || char.IsControl(c) || char.GetUnicodeCategory(c) is System.Globalization.UnicodeCategory.Format)
            || !System.Net.Mail.MailAddress.TryCreate(email, out var read) || read.Address != email))
        {
            throw new AccountRuleException(StorageTexts.EmailInvalid);
        }
    }

    public Task<User?> FindAsync(string name) => users.FindByNameAsync(name);

    /// <summary>Checks a password in similar time for people there are and people there are not.</summary>
    public async Task<User?> CheckPasswordAsync(string name, string password)
    {
        var user = await FindAsync(name);
        return await IsPasswordAsync(user, password) ? user : null;
    }

    /// <summary>Checks a password; for nobody it takes as long. One that was set before passwords had a form of their own is good as it was typed.</summary>
    public async Task<bool> IsPasswordAsync(User? user, string password)
    {
        if (password.Length > LongestChecked)
        {
            return false;
        }

        var (kept, form) = (user?.PasswordHash, PasswordRules.FormOf(password));
        var result = hasher.VerifyHashedPassword(user ?? new User(), kept ?? dummy.Value, form);
        if (result is PasswordVerificationResult.Failed && form != password
            && hasher.VerifyHashedPassword(user ?? new User(), kept ?? dummy.Value, password) is not PasswordVerificationResult.Failed)
        {
            result = PasswordVerificationResult.SuccessRehashNeeded;
        }

        if (user is null || kept is null || result is PasswordVerificationResult.Failed)
        {
            return false;
        }

        if (result is PasswordVerificationResult.SuccessRehashNeeded)
        {
            // Past the change tracker: a hash that somebody else renewed meanwhile stays as it is.
            var renewed = hasher.HashPassword(user, form);
            await db.Users.Where(u => u.Id == user.Id && u.PasswordHash == kept).ExecuteUpdateAsync(set => set.SetProperty(u => u.PasswordHash, renewed));
        }

        return true;
    }

    public async Task SetPasswordAsync(User user, string password)
    {
        password = PasswordRules.FormOf(password);
        foreach (var validator in users.PasswordValidators)
        {
            Demand(await validator.ValidateAsync(users, user, password));
        }

        if (user.PasswordHash is not null)
        {
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
