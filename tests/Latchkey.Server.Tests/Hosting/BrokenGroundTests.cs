using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Latchkey.Server.Hosting;
using Latchkey.Server.Tests.Hosts;
using Microsoft.Data.Sqlite;

namespace Latchkey.Server.Tests.Hosting;

/// <summary>What keeps a server from starting is said in one line, with what to do; and none is healthy that could sign nobody in.</summary>
public sealed class BrokenGroundTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("latchkey-broken").FullName;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private string Data => Path.Combine(_directory, "data");

    public void Dispose()
    {
        SqliteConnection.ClearAllPools();
        Directory.Delete(_directory, recursive: true);
    }

    [Theory]
    [InlineData("token-signing.key", 0)]
    [InlineData("token-signing.key", 100)]
    [InlineData("token-encryption.key", 0)]
    [InlineData("token-encryption.key", 31)]
    [InlineData("ceremony-seal.key", 0)]
    [InlineData("ceremony-seal.key", 33)]
    public async Task A_key_that_is_empty_or_short_is_named(string key, int length)
    {
        await CopyOfAFirstStartAsync();
        var file = Path.Combine(Data, "keys", key);
        await File.WriteAllBytesAsync(file, new byte[length], Token);

        await RefusedAsync([], file, "backup");
        Assert.Equal(length, new FileInfo(file).Length);
    }

    [Theory]
    [InlineData("")]
    [InlineData("<key")]
    public async Task A_damaged_key_of_forms_is_noticed_before_anybody_meets_it(string content)
    {
        await CopyOfAFirstStartAsync();
        foreach (var file in Directory.GetFiles(Path.Combine(Data, "keys", "data-protection"))) await File.WriteAllTextAsync(file, content, Token);

        await RefusedAsync([], "data-protection", "backup");
    }

    [Fact]
    public async Task A_file_that_is_no_database_is_left_as_it_is()
    {
        await CopyOfAFirstStartAsync();
        var file = Path.Combine(Data, "latchkey.db");
        await File.WriteAllTextAsync(file, string.Concat(Enumerable.Repeat("This is a letter. ", 1000)), Token);

        await RefusedAsync([], file, "damaged", "backup");
        Assert.StartsWith("This is a letter.", await File.ReadAllTextAsync(file, Token), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_damaged_database_is_noticed_at_the_start()
    {
        await CopyOfAFirstStartAsync();
        var file = Path.Combine(Data, "latchkey.db");
        await using (var stream = new FileStream(file, FileMode.Open))
        {
            stream.Position = 8 * 4096;
            stream.Write(RandomNumberGenerator.GetBytes(20 * 4096));
        }

        await RefusedAsync([], file, "damaged", "backup");
    }

    [Fact]
    public async Task Another_programs_database_is_left_as_it_is()
    {
        Directory.CreateDirectory(Data);
        var file = Path.Combine(Data, "latchkey.db");
        await ExecuteAsync(file, "CREATE TABLE letters (id INTEGER PRIMARY KEY, text TEXT)");
        var before = await File.ReadAllBytesAsync(file, Token);

        await RefusedAsync([], file, "another program");
        Assert.Equal(before, await File.ReadAllBytesAsync(file, Token));
    }

    [Fact]
    public async Task A_newer_versions_database_is_left_as_it_is()
    {
        await CopyOfAFirstStartAsync();
        var file = Path.Combine(Data, "latchkey.db");
        await ExecuteAsync(file, "INSERT INTO __EFMigrationsHistory VALUES ('29991231000000_Later', '99.0.0')");

        await RefusedAsync([], file, "newer version", "29991231000000_Later");
    }

    [Fact]
    public async Task A_start_that_was_killed_while_it_changed_the_database_holds_up_no_other()
    {
        await CopyOfAFirstStartAsync();
        var file = Path.Combine(Data, "latchkey.db");
        await ExecuteAsync(file, "CREATE TABLE IF NOT EXISTS __EFMigrationsLock (Id INTEGER NOT NULL CONSTRAINT PK___EFMigrationsLock PRIMARY KEY, Timestamp TEXT NOT NULL)");
        await ExecuteAsync(file, "INSERT INTO __EFMigrationsLock VALUES (1, '2026-01-01 00:00:00+00:00')");

        var server = await RunningServer.StartAsync(Data).WaitAsync(Token);
        await server.StopAsync();
    }

    [Fact]
    public async Task A_file_where_the_directory_should_be_is_named()
    {
        await File.WriteAllTextAsync(Data, "", Token);

        await RefusedAsync([], Data, "is a file");
    }

    [Theory]
    [InlineData("no such file")]
    [InlineData("")]
    [InlineData("This is a letter.")]
    public async Task A_file_of_places_that_cannot_be_read_is_named(string content)
    {
        var file = Path.Combine(_directory, "places.mmdb");
        if (content != "no such file") await File.WriteAllTextAsync(file, content, Token);

        await RefusedAsync(["--places", file], file, "--places");
    }

    [Fact]
    public async Task A_port_that_is_taken_is_named_with_a_way_out()
    {
        using var taken = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        taken.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        taken.Listen();
        var port = ((IPEndPoint)taken.LocalEndPoint!).Port.ToString(CultureInfo.InvariantCulture);

        await RefusedAsync(["--port", port], $"Port {port} is used", "--port");
    }

    [Fact]
    public async Task A_second_server_on_a_directory_says_that_there_is_one()
    {
        Directory.CreateDirectory(Data);
        await using var held = new FileStream(Path.Combine(Data, "server.lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);

        await RefusedAsync([], "Another Latchkey server is already running");
    }

    [Fact]
    public async Task A_certificate_that_cannot_be_used_is_named_with_the_reason()
    {
        var now = TimeProvider.System.GetUtcNow();
        var (good, goodKey) = Certificate("login.example.org", now.AddDays(-1), now.AddDays(1));
        var (expired, expiredKey) = Certificate("login.example.org", now.AddDays(-9), now.AddDays(-1));
        var (early, earlyKey) = Certificate("login.example.org", now.AddDays(1), now.AddDays(9));
        var (foreign, foreignKey) = Certificate("other.example.org", now.AddDays(-1), now.AddDays(1));
        var empty = Path.Combine(_directory, "empty.pem");
        await File.WriteAllTextAsync(empty, "", Token);

        await RefusedAsync(With(good, foreignKey), goodKey[..0] + foreignKey, "own key");
        await RefusedAsync(With(expired, expiredKey), expired, "expired");
        await RefusedAsync(With(early, earlyKey), early, "not valid before");
        await RefusedAsync(With(foreign, foreignKey), foreign, "login.example.org", "--url");
        await RefusedAsync(With(empty, goodKey), empty, "BEGIN CERTIFICATE");
        await RefusedAsync(With(good, empty), empty, "own key");
        await RefusedAsync(With(good, Path.Combine(_directory, "no-such.pem")), "no-such.pem");
        await RefusedAsync(With(Path.Combine(_directory, "no-such.pem"), goodKey), "no-such.pem");
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(goodKey, File.GetUnixFileMode(goodKey) | UnixFileMode.OtherRead);
            await RefusedAsync(With(good, goodKey), goodKey, "every account");
        }

        static string[] With(string certificate, string key) => ["--url", "https://login.example.org", "--certificate", certificate, "--key", key];
    }

    [Fact]
    public async Task What_other_accounts_could_read_is_mended_with_a_word()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has other rights.");
        await CopyOfAFirstStartAsync();
        string[] open = [Data, Path.Combine(Data, "latchkey.db"), Path.Combine(Data, "keys"), Path.Combine(Data, "keys", "token-signing.key"), .. Directory.GetFiles(Path.Combine(Data, "keys", "data-protection"))];
        Change(open, UnixFileMode.GroupRead | UnixFileMode.OtherRead);

        Assert.Superset(open.ToHashSet(), PrivateFiles.Mend(Data).ToHashSet());
        Assert.All(open, path => Assert.Equal((UnixFileMode)0, Mode(path) & (UnixFileMode.GroupRead | UnixFileMode.OtherRead)));
        Assert.Empty(PrivateFiles.Mend(Data));
    }

    /// <summary>The whole program, its log and all: nothing but the line, and no trace of its innards.</summary>
    [Fact]
    public async Task The_program_says_the_line_and_nothing_else()
    {
        await CopyOfAFirstStartAsync();
        PrivateFiles.Write(Path.Combine(Data, "latchkey.db"), "no database, and long enough not to be taken for one that is new"u8);
        var (code, said) = await RunAsync("--data", Data, "--port", "0");
        Assert.Equal(1, code);
        Assert.Single(said.Split('\n', StringSplitOptions.RemoveEmptyEntries));

        using var taken = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        taken.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        taken.Listen();
        var (busy, words) = await RunAsync("--data", Path.Combine(_directory, "other"), "--port", $"{((IPEndPoint)taken.LocalEndPoint!).Port}");
        Assert.Equal(1, busy);
        Assert.Single(words.Split('\n', StringSplitOptions.RemoveEmptyEntries));
    }

    [Fact]
    public async Task On_a_full_disk_it_does_not_start_and_a_running_one_is_not_healthy()
    {
        using var disk = Tmpfs.TryMount(_directory, kilobytes: 4096);
        Assert.SkipWhen(disk is null, "Only root can make a small disk.");
        await CopyOfAFirstStartAsync(disk);

        var server = await RunningServer.StartAsync(disk.Path, served: options => options);
        using (var http = server.NewClient())
        {
            Assert.Equal("healthy", await http.GetStringAsync("/health", Token));
            disk.Fill();
            server.Time.Advance(Health.Life);
            Assert.Equal(HttpStatusCode.ServiceUnavailable, (await http.GetAsync("/health", Token)).StatusCode);
            Assert.Contains(server.Logs.Lines, line => line.Contains("The database can't be used", StringComparison.Ordinal));
            disk.Empty();
            server.Time.Advance(Health.Life);
            Assert.Equal("healthy", await http.GetStringAsync("/health", Token));
        }

        await server.StopAsync();
        disk.Fill();
        Directory.Delete(Path.Combine(disk.Path, "keys"), recursive: true);
        disk.Fill();
        await RefusedAsync(["--data", disk.Path], "disk is full");
    }

    [Fact]
    public async Task On_a_disk_that_cannot_be_written_to_it_does_not_start()
    {
        using var disk = Tmpfs.TryMount(_directory, kilobytes: 4096);
        Assert.SkipWhen(disk is null, "Only root can make a small disk.");
        await CopyOfAFirstStartAsync(disk);
        Assert.True(disk.TryProtect());

        await RefusedAsync(["--data", disk.Path], "can't be written to");
    }

    [Fact]
    public async Task A_server_whose_database_is_gone_or_damaged_is_not_healthy()
    {
        await using var server = await RunningServer.StartAsync();
        using var http = server.NewClient();
        Assert.Equal("healthy", await http.GetStringAsync("/health", Token));
        await ExecuteAsync(server.Options.DatabaseFile, "ALTER TABLE Organisations RENAME TO Elsewhere");
        Assert.Equal("healthy", await http.GetStringAsync("/health", Token)); // asked again and again, it does not write each time

        server.Time.Advance(Health.Life);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await http.GetAsync("/health", Token)).StatusCode);
        File.Delete(server.Options.DatabaseFile);
        server.Time.Advance(Health.Life);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await http.GetAsync("/health", Token)).StatusCode);
    }

    private async Task CopyOfAFirstStartAsync() => Directory.Move(await RunningServer.NewDirectoryAsync(), Data);

    private async Task CopyOfAFirstStartAsync(Tmpfs disk)
    {
        await CopyOfAFirstStartAsync();
        foreach (var file in Directory.GetFiles(Data, "*", SearchOption.AllDirectories))
        {
            var copy = Path.Combine(disk.Path, Path.GetRelativePath(Data, file));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.Copy(file, copy);
        }
    }

    private async Task RefusedAsync(string[] options, params string[] words)
    {
        await using var said = new StringWriter(CultureInfo.InvariantCulture);
        string[] all = options is ["--data", ..] ? options : ["--data", Data, .. options];
        var code = await ServerProgram.MainAsync(all.Contains("--port") ? all : [.. all, "--port", "0"], said).WaitAsync(TimeSpan.FromMinutes(2), TimeProvider.System, Token); // one that starts goes on

        var line = Assert.Single(said.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries), line => !line.Contains("was open to other accounts", StringComparison.Ordinal));
        Assert.All(words, word => Assert.Contains(word, line, StringComparison.Ordinal));
        Assert.Equal(1, code);
    }

    private static async Task<(int Code, string Said)> RunAsync(params string[] options)
    {
        using var program = Process.Start(new ProcessStartInfo("dotnet", [typeof(ServerProgram).Assembly.Location, .. options])
        {
            UseShellExecute = false,
            RedirectStandardError = true,
            RedirectStandardOutput = true,
        })!;
        var (output, error) = (program.StandardOutput.ReadToEndAsync(Token), program.StandardError.ReadToEndAsync(Token));
        await program.WaitForExitAsync(Token);
        return (program.ExitCode, await output + await error);
    }

    private static async Task ExecuteAsync(string file, string sql)
    {
        await using var connection = new SqliteConnection($"Data Source={file};Pooling=False");
        await connection.OpenAsync(Token);
        await using var command = connection.CreateCommand();
        command.CommandText = sql;
        await command.ExecuteNonQueryAsync(Token);
    }

    private (string Certificate, string Key) Certificate(string name, DateTimeOffset from, DateTimeOffset until)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=" + name, key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName(name);
        request.CertificateExtensions.Add(names.Build());
        using var certificate = request.CreateSelfSigned(from, until);
        var files = (Path.Combine(_directory, Guid.NewGuid() + ".pem"), Path.Combine(_directory, Guid.NewGuid() + ".key"));
        File.WriteAllText(files.Item1, certificate.ExportCertificatePem());
        File.WriteAllText(files.Item2, key.ExportPkcs8PrivateKeyPem());
        Change([files.Item2], 0);
        return files;
    }

    private static UnixFileMode Mode(string path) => OperatingSystem.IsWindows() ? 0 : File.GetUnixFileMode(path);

    private static void Change(string[] paths, UnixFileMode others)
    {
        if (OperatingSystem.IsWindows()) return;
        foreach (var path in paths)
        {
            File.SetUnixFileMode(path, (Mode(path) & (UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute)) | others);
        }
    }
}
