using Latchkey.Protocol;
using Microsoft.AspNetCore.Identity;

namespace Latchkey.Server.Storage;

/// <summary>What Identity refuses, in words that say what is allowed.</summary>
internal sealed class AccountWords : IdentityErrorDescriber
{
    public override IdentityError InvalidUserName(string? userName) =>
        new() { Code = nameof(InvalidUserName), Description = string.Format(System.Globalization.CultureInfo.CurrentCulture, StorageTexts.PersonNameInvalid, ForeignText.Of(userName)) };

    public override IdentityError DuplicateUserName(string userName) => new() { Code = nameof(DuplicateUserName), Description = StorageTexts.PersonNameTaken };
}
