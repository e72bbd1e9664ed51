using System.CommandLine;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using Latchkey.RelyingParty.Attestation;
using Latchkey.RelyingParty.Recorded;

namespace Latchkey.Cli.Commands;

/// <summary><c>latchkey webauthn verify CASE.json</c>: judges recorded responses and explains them, one JSON line per case.</summary>
internal static class WebAuthnVerify
{
    private const int AllValid = 0;
    private const int SomeNotValid = 1;
    private const int WrongUse = 2;

    private static ReadOnlySpan<byte> ByteOrderMark => [0xEF, 0xBB, 0xBF];

    public static Command Create()
    {
        var file = new Argument<string>("CASE.json") { Description = "A file with one case or an array of cases, or - for standard input." };
        var strict = new Option<bool>("--strict") { Description = "Refuses CBOR that is not in canonical form, and a synced passkey whose counter falls to zero." };
        var command = new Command("verify", "Judges recorded registration and authentication responses; docs/webauthn-verify.md describes a case. Answers in JSON, whether --json stands there or not.")
        {
            file, strict, CommandOutput.Option(),
        };
        command.SetAction((parsed, cancellation) => RunAsync(parsed.GetRequiredValue(file), parsed.GetValue(strict), cancellation));
        return command;
    }

    private static async Task<int> RunAsync(string file, bool strict, CancellationToken cancellation)
    {
        byte[] input;
        try
        {
            input = file == "-" ? await ReadStandardInputAsync(cancellation) : await File.ReadAllBytesAsync(file, cancellation);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            return await WrongAsync($"{file} cannot be read: {e.Message}");
        }

        JsonDocument document;
        try
        {
            document = JsonDocument.Parse(input.AsSpan().StartsWith(ByteOrderMark) ? input.AsMemory(ByteOrderMark.Length) : input);
        }
        catch (JsonException e)
        {
            return await WrongAsync($"{file} is not JSON: {e.Message}");
        }

        using (document)
        {
            var root = document.RootElement;
            return root.ValueKind switch
            {
                JsonValueKind.Object => Judge([root], strict),
                JsonValueKind.Array => Judge(root.EnumerateArray(), strict),
                _ => await WrongAsync($"{file} holds neither a case nor an array of cases."),
            };
        }
    }

    private static int Judge(IEnumerable<JsonElement> cases, bool strict)
    {
        var ceremony = new RecordedCeremony(TimeProvider.System, strict);
        var exitCode = AllValid;
        using var output = new BufferedStream(Console.OpenStandardOutput(), 1 << 16);
        using var json = new Utf8JsonWriter(output);
        foreach (var element in cases)
        {
            var verdict = ceremony.Judge(element);
            if (verdict.Outcome is not RecordedOutcome.Valid)
            {
                exitCode = SomeNotValid;
            }

            Write(json, element, verdict);
            json.Flush();
            json.Reset();
            output.WriteByte((byte)'\n');
        }

        return exitCode;
    }

    private static void Write(Utf8JsonWriter json, JsonElement recorded, RecordedVerdict verdict)
    {
        json.WriteStartObject();
        if (IdOf(recorded) is { } id)
        {
            json.WritePropertyName("id");
            var raw = JsonMarshal.GetRawUtf8Value(id);
            if (Ascii.IsValid(raw))
            {
                json.WriteRawValue(raw, skipInputValidation: true); // it was valid where it came from
            }
            else
            {
                json.WriteStringValue(id.GetString()); // the same text, with escapes for what a terminal would obey
            }
        }

        json.WriteString("verdict", verdict.Outcome switch
        {
            RecordedOutcome.Valid => "valid",
            RecordedOutcome.Refused => "refused",
            _ => "malformed",
        });
        json.WriteString("error", verdict.Error);
        json.WriteString("detail", verdict.Detail);
        json.WriteStartArray("warnings");
        foreach (var warning in verdict.Warnings)
        {
            json.WriteStringValue(warning);
        }

        json.WriteEndArray();
        WriteNumber(json, "signCount", verdict.SignCount);
        WriteFlag(json, "userPresent", verdict.UserPresent);
        WriteFlag(json, "userVerified", verdict.UserVerified);
        WriteFlag(json, "backupEligible", verdict.BackupEligible);
        WriteFlag(json, "backupState", verdict.BackupState);
        json.WriteString("credentialId", verdict.CredentialId?.ToString());
        json.WriteString("aaguid", verdict.Aaguid?.ToString());
        WriteNumber(json, "algorithm", (long?)verdict.Algorithm);
        json.WriteString("attestationFormat", verdict.AttestationFormat);
        json.WriteString("attestationType", verdict.AttestationType switch
        {
            null => null,
            AttestationType.None => "none",
            AttestationType.Self => "self",
            AttestationType.Basic => "basic",
            AttestationType.AttCA => "attca",
            AttestationType.AnonCA => "anonca",
            _ => throw new InvalidOperationException("There is an attestation type without a name."),
        });
        json.WriteEndObject();
    }

    private static JsonElement? IdOf(JsonElement recorded)
    {
        try
        {
            // A text or a number, as it stands there: anything longer might not fit on one line.
            return recorded.ValueKind == JsonValueKind.Object && recorded.TryGetProperty("id", out var id)
                && id.ValueKind is not (JsonValueKind.Object or JsonValueKind.Array) ? id : null;
        }
        catch (InvalidOperationException)
        {
            return null; // some name in the case is half a surrogate pair, escaped: the verdict says so
        }
    }

    private static void WriteNumber(Utf8JsonWriter json, string name, long? value)
    {
        if (value is { } number)
        {
            json.WriteNumber(name, number);
        }
        else
        {
            json.WriteNull(name);
        }
    }

    private static void WriteFlag(Utf8JsonWriter json, string name, bool? value)
    {
        if (value is { } flag)
        {
            json.WriteBoolean(name, flag);
        }
        else
        {
            json.WriteNull(name);
        }
    }

    private static async Task<byte[]> ReadStandardInputAsync(CancellationToken cancellation)
    {
        using var memory = new MemoryStream();
        await using var input = Console.OpenStandardInput();
        await input.CopyToAsync(memory, cancellation);
        return memory.ToArray();
    }

    private static async Task<int> WrongAsync(string message)
    {
        await Console.Error.WriteLineAsync(message);
        return WrongUse;
    }
}
