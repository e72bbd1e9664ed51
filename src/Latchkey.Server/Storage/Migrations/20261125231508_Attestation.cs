using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Latchkey.Server.Storage.Migrations
{
    /// <inheritdoc />
    public partial class Attestation : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.CreateTable(
                name: "AttestationAuthorities",
                columns: table => new
                {
                    Id = table.Column<Guid>(type: "TEXT", nullable: false),
                    Certificate = table.Column<byte[]>(type: "BLOB", nullable: false),
                    SealedKey = table.Column<byte[]>(type: "BLOB", nullable: false),
                    CreatedAt = table.Column<long>(type: "INTEGER", nullable: false),
                    RetiredAt = table.Column<long>(type: "INTEGER", nullable: true),
                    RevokedAt = table.Column<long>(type: "INTEGER", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_AttestationAuthorities", x => x.Id);
                });

            migrationBuilder.CreateTable(
                name: "AttestationCertificates",
                columns: table => new
                {
                    Id = table.Column<Guid>(type: "TEXT", nullable: false),
                    AuthorityId = table.Column<Guid>(type: "TEXT", nullable: false),
                    UserId = table.Column<Guid>(type: "TEXT", nullable: false),
                    Aaguid = table.Column<Guid>(type: "TEXT", nullable: false),
                    Serial = table.Column<byte[]>(type: "BLOB", maxLength: 20, nullable: false),
                    KeyHash = table.Column<byte[]>(type: "BLOB", maxLength: 32, nullable: false),
                    Thumbprint = table.Column<byte[]>(type: "BLOB", maxLength: 32, nullable: false),
                    Certificate = table.Column<byte[]>(type: "BLOB", nullable: false),
                    IssuedAt = table.Column<long>(type: "INTEGER", nullable: false),
                    ExpiresAt = table.Column<long>(type: "INTEGER", nullable: false),
                    RevokedAt = table.Column<long>(type: "INTEGER", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_AttestationCertificates", x => x.Id);
                    table.ForeignKey(
                        name: "FK_AttestationCertificates_AspNetUsers_UserId",
                        column: x => x.UserId,
                        principalTable: "AspNetUsers",
                        principalColumn: "Id",
                        onDelete: ReferentialAction.Cascade);
                    table.ForeignKey(
                        name: "FK_AttestationCertificates_AttestationAuthorities_AuthorityId",
                        column: x => x.AuthorityId,
                        principalTable: "AttestationAuthorities",
                        principalColumn: "Id",
                        onDelete: ReferentialAction.Cascade);
                });

            // As one column with its reference: adding the foreign key by itself would have SQLite rebuild the table outside any transaction.
            migrationBuilder.Sql(
                """ALTER TABLE "Passkeys" ADD COLUMN "AttestationCertificateId" TEXT NULL CONSTRAINT "FK_Passkeys_AttestationCertificates_AttestationCertificateId" REFERENCES "AttestationCertificates" ("Id") ON DELETE SET NULL;""");

            migrationBuilder.CreateIndex(
                name: "IX_Passkeys_AttestationCertificateId",
                table: "Passkeys",
                column: "AttestationCertificateId");

            migrationBuilder.CreateIndex(
                name: "IX_AttestationCertificates_AuthorityId",
                table: "AttestationCertificates",
                column: "AuthorityId");

            migrationBuilder.CreateIndex(
                name: "IX_AttestationCertificates_Serial",
                table: "AttestationCertificates",
                column: "Serial",
                unique: true);

            migrationBuilder.CreateIndex(
                name: "IX_AttestationCertificates_Thumbprint",
                table: "AttestationCertificates",
                column: "Thumbprint",
                unique: true);

            migrationBuilder.CreateIndex(
                name: "IX_AttestationCertificates_UserId_KeyHash",
                table: "AttestationCertificates",
                columns: new[] { "UserId", "KeyHash" });
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropForeignKey(
                name: "FK_Passkeys_AttestationCertificates_AttestationCertificateId",
                table: "Passkeys");

            migrationBuilder.DropTable(
                name: "AttestationCertificates");

            migrationBuilder.DropTable(
                name: "AttestationAuthorities");

            migrationBuilder.DropIndex(
                name: "IX_Passkeys_AttestationCertificateId",
                table: "Passkeys");

            migrationBuilder.DropColumn(
                name: "AttestationCertificateId",
                table: "Passkeys");
        }
    }
}
