using Microsoft.AspNetCore.Identity;

namespace Latchkey.Server.Storage;

/// <summary>A person with an account. The password is Identity's; every other sign-in method has a table of its own.</summary>
public sealed class User : IdentityUser<Guid>
{
    /// <summary>What an authenticator keeps as the account: random, 32 bytes, never changed, says nothing about the person.</summary>
    public byte[] UserHandle { get; set; } = [];

    public string DisplayName { get; set; } = "";

    public DateTimeOffset CreatedAt { get; set; }

    public DateTimeOffset? PasswordSetAt { get; set; }

    public DateTimeOffset? PasswordLastUsedAt { get; set; }

    /// <summary>Lets nobody in until an administrator enables it: Identity's own lock, without an end. (Wrong attempts are counted elsewhere.)</summary>
    public bool IsDisabled
    {
        get => LockoutEnd is { Year: 9999 };
        set => LockoutEnd = value ? DateTimeOffset.MaxValue : null;
    }
}

/// <summary>A named set of people.</summary>
public sealed class Group
{
    public Guid Id { get; set; }

    public string Name { get; set; } = "";

    public string NormalizedName { get; set; } = "";

    public DateTimeOffset CreatedAt { get; set; }
}

public sealed class GroupMember
{
    public Guid GroupId { get; set; }

    public Guid UserId { get; set; }
}

/// <summary>The organisation this server belongs to: one row.</summary>
public sealed class Organisation
{
    public const int TheOne = 1;

    public int Id { get; set; } = TheOne;

    public string DisplayName { get; set; } = "Latchkey";

    /// <summary>Whether a person without any second factor may register an authenticator code straight after the password.</summary>
    public bool AllowsCodeAsFirstFactor { get; set; }

    /// <summary>The tunnel service this organisation meets at, as CTAP numbers them (§11.5); none until an administrator names one.</summary>
    public ushort? TunnelDomain { get; set; }

    public bool IsDemo { get; set; }

    /// <summary>The form its names are kept in, by <see cref="Storage.NameForm.Version"/>.</summary>
    public int NameForm { get; set; }
}
