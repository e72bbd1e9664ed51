using System.Security.Cryptography;
using Latchkey.Server.Shell;
using Latchkey.Server.Storage;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.Http.HttpResults;
using OtpNet;

namespace Latchkey.Server.Features.SecurityInfo;

/// <summary>An authenticator app that shows codes. The new secret travels in the page, sealed, until its first code proves it arrived.</summary>
internal static class CodeStep
{
    private static readonly TimeSpan Life = TimeSpan.FromMinutes(15);

    public static Task<IResult> ShowAsync(SignedIn signedIn, OrganisationStore organisations, IDataProtectionProvider protection, CancellationToken cancellation) =>
        PageAsync(NewSecret(), signedIn, organisations, protection, null, cancellation);

    public static async Task<IResult> AddAsync(
        HttpContext context, SignedIn signedIn, SecondFactorStore factors, OrganisationStore organisations, IDataProtectionProvider protection, LatchkeyDb db,
        AuditLog audit, AccountChanges changes, CancellationToken cancellation)
    {
        if (Open(protection, signedIn, await context.FieldAsync("sealed")) is not { } secret)
        {
            // Its secret is not to be had any more: another one is shown, and why.
            return await PageAsync(NewSecret(), signedIn, organisations, protection, SecurityInfoTexts.CodeTooLate, cancellation);
        }

        if (factors.Matches(secret, await context.FieldAsync("code")) is not { } step)
        {
            return await PageAsync(secret, signedIn, organisations, protection, ShellTexts.WrongCode, cancellation);
        }

        await using var transaction = await db.Database.BeginTransactionAsync(cancellation);
        await db.LockPersonAsync(signedIn.User.Id, cancellation);
        if (await factors.IsFullAsync(signedIn.User.Id, cancellation))
        {
            return await PageAsync(secret, signedIn, organisations, protection, SecurityInfoTexts.TooManyCodes, cancellation);
        }

        var method = factors.AddCode(signedIn.User.Id, secret, step, ShellTexts.CodeDefaultName);
        audit.Add("method.added", signedIn.User.Id, method: MethodKind.Code, methodId: method.Id);
        await db.SaveChangesAsync(cancellation);
        await transaction.CommitAsync(cancellation);
        changes.Tell(signedIn.User.Id, AccountChange.Methods);
        return Results.Redirect($"/security-info/codes/{method.Id}/created");
    }

    private static string NewSecret() => Base32Encoding.ToString(KeyGeneration.GenerateRandomKey(20));

    private static async Task<IResult> PageAsync(
        string secret, SignedIn signedIn, OrganisationStore organisations, IDataProtectionProvider protection, string? problem, CancellationToken cancellation) =>
        new RazorComponentResult<AddCodePage>(new
        {
            Secret = secret,
            Sealed = Protector(protection, signedIn).Protect(secret, Life),
            Issuer = (await organisations.GetAsync(cancellation)).DisplayName,
            Account = signedIn.User.UserName!,
            Problem = problem,
        })
        { StatusCode = problem is null ? StatusCodes.Status200OK : StatusCodes.Status400BadRequest };

    private static string? Open(IDataProtectionProvider protection, SignedIn signedIn, string text)
    {
        try
        {
            return Protector(protection, signedIn).Unprotect(text);
        }
        catch (CryptographicException)
        {
            return null;
        }
    }

    private static ITimeLimitedDataProtector Protector(IDataProtectionProvider protection, SignedIn signedIn) =>
        protection.CreateProtector("Latchkey.NewCodeSecret.v1", signedIn.User.Id.ToString()).ToTimeLimitedDataProtector();
}
