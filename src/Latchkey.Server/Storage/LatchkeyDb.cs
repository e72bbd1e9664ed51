using Microsoft.AspNetCore.Identity;
using Microsoft.AspNetCore.Identity.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage.ValueConversion;

namespace Latchkey.Server.Storage;

/// <summary>Everything the server keeps. Nothing in the model is particular to one database.</summary>
public sealed class LatchkeyDb(DbContextOptions<LatchkeyDb> options) : IdentityDbContext<User, IdentityRole<Guid>, Guid>(options)
{
    public DbSet<Organisation> Organisations => Set<Organisation>();

    public DbSet<Group> Groups => Set<Group>();

    public DbSet<GroupMember> GroupMembers => Set<GroupMember>();

    public DbSet<CodeMethod> CodeMethods => Set<CodeMethod>();

    public DbSet<Passkey> Passkeys => Set<Passkey>();

    public DbSet<AuthenticatorMethod> Authenticators => Set<AuthenticatorMethod>();

    public DbSet<Approval> Approvals => Set<Approval>();

    public DbSet<ApprovalGuard> ApprovalGuards => Set<ApprovalGuard>();

    public DbSet<TemporaryAccessPass> TemporaryAccessPasses => Set<TemporaryAccessPass>();

    public DbSet<Session> Sessions => Set<Session>();

    public DbSet<AttemptCounter> AttemptCounters => Set<AttemptCounter>();

    public DbSet<AuditEntry> AuditEntries => Set<AuditEntry>();

    public DbSet<UsedCeremony> UsedCeremonies => Set<UsedCeremony>();

    public DbSet<Handoff> Handoffs => Set<Handoff>();

    public DbSet<StoredPolicy> Policies => Set<StoredPolicy>();

    public DbSet<AttestationAuthority> AttestationAuthorities => Set<AttestationAuthority>();

    public DbSet<AttestationCertificate> AttestationCertificates => Set<AttestationCertificate>();

    private readonly List<(Guid Transaction, Action Act)> _onceCommitted = [];

    /// <summary>Has something done as soon as others see what was just written: with the commit of the transaction at hand, at once without one, and not at all if it is undone.</summary>
    public void OnceCommitted(Action act)
    {
        if (Database.CurrentTransaction is { } transaction) _onceCommitted.Add((transaction.TransactionId, act));
        else act();
    }

    /// <summary>
    /// Takes a person's row for the transaction at hand: whoever counts what a person has, to add to it, counts after this, and nobody else adds
    /// meanwhile. An update takes the row's lock in every database, also where a transaction by itself lets others write beside it.
    /// </summary>
    /// <returns>False when there is no such person, perhaps any more.</returns>
    public async Task<bool> LockPersonAsync(Guid userId, CancellationToken cancellation) => Database.CurrentTransaction is null
        ? throw new InvalidOperationException("Without a transaction there is nothing the row could be kept for.")
        : await Users.Where(user => user.Id == userId)
            .ExecuteUpdateAsync(set => set.SetProperty(user => user.AccessFailedCount, user => user.AccessFailedCount), cancellation) == 1;

    /// <summary>The group a name belongs to. One that bears exactly this name comes before one that is found by the same form (<see cref="NameRenewal"/>).</summary>
    public Task<Group?> FindGroupAsync(string name, CancellationToken cancellation)
    {
        var (exact, form) = (name.Trim(), NameForm.Of(name));
        return Groups.Where(group => group.NormalizedName == form || group.Name == exact).OrderBy(group => group.Name == exact ? 0 : 1).FirstOrDefaultAsync(cancellation);
    }

    internal void Committed(Guid transaction)
    {
        var due = _onceCommitted.Where(left => left.Transaction == transaction).Select(left => left.Act).ToList();
        _onceCommitted.Clear();
        due.ForEach(act => act());
    }

    protected override Version SchemaVersion => IdentitySchemaVersions.Version2;

    protected override void ConfigureConventions(ModelConfigurationBuilder configurationBuilder) =>
        // SQLite cannot order a DateTimeOffset; a number orders everywhere.
        configurationBuilder.Properties<DateTimeOffset>().HaveConversion<MillisecondsConverter>();

    protected override void OnModelCreating(ModelBuilder builder)
    {
        base.OnModelCreating(builder);

        builder.Entity<User>(user =>
        {
            user.Property(u => u.UserHandle).HasMaxLength(64);
            user.HasIndex(u => u.UserHandle).IsUnique();
            user.Property(u => u.DisplayName).HasMaxLength(256);
            user.Ignore(u => u.IsDisabled); // kept as LockoutEnd
        });
        builder.Entity<Organisation>().Property(o => o.Id).ValueGeneratedNever();
        builder.Entity<Group>(group =>
        {
            group.Property(g => g.Name).HasMaxLength(256);
            group.Property(g => g.NormalizedName).HasMaxLength(256);
            group.HasIndex(g => g.NormalizedName).IsUnique();
        });
        builder.Entity<GroupMember>(member =>
        {
            member.HasKey(m => new { m.GroupId, m.UserId });
            member.HasOne<Group>().WithMany().HasForeignKey(m => m.GroupId);
            member.HasOne<User>().WithMany().HasForeignKey(m => m.UserId);
        });
        builder.Entity<CodeMethod>(code =>
        {
            code.HasOne<User>().WithMany().HasForeignKey(c => c.UserId);
            code.Property(c => c.DisplayName).HasMaxLength(64);
        });
        builder.Entity<Passkey>(passkey =>
        {
            passkey.HasOne<User>().WithMany().HasForeignKey(p => p.UserId);
            passkey.Property(p => p.SignCount).IsConcurrencyToken(); // judged before it is written: of two answers that were held against one count, one counts
            passkey.Property(p => p.CredentialId).HasMaxLength(1023);
            passkey.HasIndex(p => p.CredentialId).IsUnique();
            passkey.Property(p => p.Transports).HasMaxLength(128);
            passkey.Property(p => p.AttestationFormat).HasMaxLength(32);
            passkey.Property(p => p.AuthenticatorAttachment).HasMaxLength(16);
            passkey.Property(p => p.DisplayName).HasMaxLength(Passkey.MaxDisplayName);
            passkey.HasOne(p => p.AttestationCertificate).WithMany().HasForeignKey(p => p.AttestationCertificateId).OnDelete(DeleteBehavior.SetNull);
            passkey.Navigation(p => p.AttestationCertificate).AutoInclude(); // revoked or not belongs to every judgement of it
        });
        builder.Entity<AuthenticatorMethod>(authenticator =>
        {
            authenticator.HasOne<User>().WithMany().HasForeignKey(a => a.UserId);
            authenticator.Property(a => a.PublicKey).HasMaxLength(128);
            authenticator.HasIndex(a => a.PublicKey).IsUnique();
            authenticator.Property(a => a.DisplayName).HasMaxLength(AuthenticatorMethod.MaxDisplayName);
        });
        builder.Entity<Approval>(approval =>
        {
            approval.HasOne<User>().WithMany().HasForeignKey(a => a.UserId).OnDelete(DeleteBehavior.Cascade);
            approval.Property(a => a.Browser).HasMaxLength(32);
            approval.Property(a => a.App).HasMaxLength(200);
            approval.Property(a => a.Address).HasMaxLength(64);
            approval.Property(a => a.Slot).HasMaxLength(64);
            approval.HasIndex(a => a.Slot).IsUnique();
            approval.HasIndex(a => a.CreatedAt);
        });
        builder.Entity<ApprovalGuard>(guard =>
        {
            guard.HasKey(g => new { g.UserId, g.Use });
            guard.HasOne<User>().WithMany().HasForeignKey(g => g.UserId);
            guard.Property(g => g.DeniedAddress).HasMaxLength(64);
        });
        builder.Entity<TemporaryAccessPass>(pass =>
        {
            pass.HasOne<User>().WithMany().HasForeignKey(p => p.UserId);
            pass.HasIndex(p => p.UserId).IsUnique();
        });
        builder.Entity<Session>(session =>
        {
            session.HasOne<User>().WithMany().HasForeignKey(s => s.UserId);
            session.Property(s => s.ClientId).HasMaxLength(100);
            session.Property(s => s.Amr).HasMaxLength(64);
            session.Property(s => s.Device).HasMaxLength(Session.MaxDevice);
            session.Property(s => s.Address).HasMaxLength(64);
        });
        builder.Entity<AttemptCounter>(counter =>
        {
            counter.HasKey(c => c.Key);
            counter.Property(c => c.Key).HasMaxLength(80);
        });
        builder.Entity<AuditEntry>(entry =>
        {
            entry.HasIndex(e => new { e.UserId, e.Id });
            entry.HasIndex(e => e.At);
        });
        builder.Entity<UsedCeremony>(used =>
        {
            used.HasKey(u => u.CeremonyId);
            used.Property(u => u.CeremonyId).HasMaxLength(16);
            used.Property(u => u.ResponseHash).HasMaxLength(32);
            used.HasIndex(u => u.At);
        });
        builder.Entity<Handoff>(handoff =>
        {
            handoff.HasKey(h => h.Code);
            handoff.Property(h => h.Code).HasMaxLength(16);
        });
        builder.Entity<AttestationAuthority>();
        builder.Entity<AttestationCertificate>(certificate =>
        {
            certificate.HasOne<AttestationAuthority>().WithMany().HasForeignKey(c => c.AuthorityId);
            certificate.HasOne<User>().WithMany().HasForeignKey(c => c.UserId);
            certificate.Property(c => c.Serial).HasMaxLength(20);
            certificate.HasIndex(c => c.Serial).IsUnique();
            certificate.Property(c => c.KeyHash).HasMaxLength(32);
            certificate.HasIndex(c => new { c.UserId, c.KeyHash });
            certificate.Property(c => c.Thumbprint).HasMaxLength(32);
            certificate.HasIndex(c => c.Thumbprint).IsUnique();
        });
        builder.Entity<StoredPolicy>(policy =>
        {
            policy.Property(p => p.Id).ValueGeneratedNever();
            policy.Property(p => p.Version).IsConcurrencyToken();
        });
    }

    private sealed class MillisecondsConverter() : ValueConverter<DateTimeOffset, long>(
        time => time.ToUnixTimeMilliseconds(),
        milliseconds => DateTimeOffset.FromUnixTimeMilliseconds(milliseconds));
}
