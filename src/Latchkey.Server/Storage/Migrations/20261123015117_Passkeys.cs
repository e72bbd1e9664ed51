using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Latchkey.Server.Storage.Migrations
{
    /// <inheritdoc />
    public partial class Passkeys : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.RenameColumn(
                name: "IsAttested",
                table: "Passkeys",
                newName: "AttestationType");

            migrationBuilder.AddColumn<int>(
                name: "Algorithm",
                table: "Passkeys",
                type: "INTEGER",
                nullable: false,
                defaultValue: 0);

            migrationBuilder.AddColumn<bool>(
                name: "AttestationTrusted",
                table: "Passkeys",
                type: "INTEGER",
                nullable: false,
                defaultValue: false);

            migrationBuilder.AddColumn<string>(
                name: "AuthenticatorAttachment",
                table: "Passkeys",
                type: "TEXT",
                maxLength: 16,
                nullable: true);

            migrationBuilder.AddColumn<bool>(
                name: "Discoverable",
                table: "Passkeys",
                type: "INTEGER",
                nullable: true);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropColumn(
                name: "Algorithm",
                table: "Passkeys");

            migrationBuilder.DropColumn(
                name: "AttestationTrusted",
                table: "Passkeys");

            migrationBuilder.DropColumn(
                name: "AuthenticatorAttachment",
                table: "Passkeys");

            migrationBuilder.DropColumn(
                name: "Discoverable",
                table: "Passkeys");

            migrationBuilder.RenameColumn(
                name: "AttestationType",
                table: "Passkeys",
                newName: "IsAttested");
        }
    }
}
