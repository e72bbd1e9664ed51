using OtpNet;

namespace Latchkey.Scenarios;

/// <summary>One of the demo organisation's people, with the credentials demo.txt gives.</summary>
internal sealed class DemoPerson(string name, IReadOnlyDictionary<string, string> secrets)
{
    private long _lastStep;

    public string Name => name;

    public string? Password => secrets.GetValueOrDefault("password");

    public string? TemporaryAccessPass => secrets.GetValueOrDefault("temporary-access-pass");

    public static IReadOnlyDictionary<string, DemoPerson> Read(string file) => File.ReadLines(file)
        .Where(line => line.Length > 0 && line[0] != '#')
        .Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        .GroupBy(columns => columns[0], StringComparer.Ordinal)
        .ToDictionary(person => person.Key, person => new DemoPerson(person.Key, person.ToDictionary(columns => columns[1], columns => columns[2], StringComparer.Ordinal)), StringComparer.Ordinal);

    /// <summary>
    /// A code the server has not seen yet: each works once, and one step before and after now is accepted, so three are at hand at any time.
    /// Waits for the clock only when all three are used.
    /// </summary>
    /// <param name="ahead">How far the server's clock is ahead of ours.</param>
    public async Task<string> NextCodeAsync(TimeSpan ahead = default)
    {
        var totp = new Totp(Base32Encoding.ToBytes(secrets["totp-secret"]));
        while (true)
        {
            var now = TimeProvider.System.GetUtcNow() + ahead;
            var current = now.ToUnixTimeSeconds() / 30;
            _lastStep = Math.Max(_lastStep + 1, current - 1);
            // the oldest code may be too old when it arrives, unless most of its step is left
            if (_lastStep == current - 1 && now.ToUnixTimeSeconds() % 30 > 10) _lastStep++;
            if (_lastStep <= current + 1) return totp.ComputeTotp(DateTimeOffset.FromUnixTimeSeconds(_lastStep * 30).UtcDateTime);
            _lastStep--;
            await Task.Delay(TimeSpan.FromSeconds(30 - (now.ToUnixTimeSeconds() % 30)), TimeProvider.System, TestContext.Current.CancellationToken);
        }
    }
}
