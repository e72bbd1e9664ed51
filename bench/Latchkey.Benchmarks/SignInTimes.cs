using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.RegularExpressions;
using Latchkey.Api.Administration;
using Latchkey.Protocol;

namespace Latchkey.Benchmarks;

/// <summary>
/// How long a running server takes to refuse a wrong password, for names there are and names there are not: who measures it must not learn
/// which are which. Each name comes from a loopback address of its own, because attempts are counted by address too; that works on Linux.
/// </summary>
internal static partial class SignInTimes
{
    // ten wrong passwords would lock a name, and a lock is answered sooner
    private const int Names = 40, Attempts = 8;

    /// <summary>Makes people, measures, removes them again and prints the medians.</summary>
    /// <param name="data">The server's data directory, for the door of its administration.</param>
    /// <param name="server">The server's address, http on localhost.</param>
    public static async Task PrintAsync(string data, Uri server)
    {
        using var socket = AdministrationClient.OverSocket(Path.Combine(data, AdministrationClient.SocketName));
        var administration = new AdministrationClient(socket);
        var run = ByteString.Random(4).ToHex();
        var people = Enumerable.Range(0, Names).Select(i => $"known-{run}-{i}").ToList();
        foreach (var name in people) await administration.AddPersonAsync(new(name, Password: ByteString.Random(16).ToBase64Url() + "Aa1!"), CancellationToken.None);
        try
        {
            var pairs = people.Select((name, i) => (
                Known: new Visitor(server, name, 2 * i),
                Unknown: new Visitor(server, name.Replace("known", "nobody", StringComparison.Ordinal), (2 * i) + 1))).ToList();
            foreach (var visitor in pairs.SelectMany(pair => new[] { pair.Known, pair.Unknown })) await visitor.BeginAsync();
            List<double> known = [], unknown = [];
            for (var attempt = 0; attempt < Attempts; attempt++)
            {
                foreach (var pair in pairs)
                {
                    // side by side, and each as often the first: whatever else the machine does meets both alike
                    var knownFirst = attempt % 2 == 0;
                    var first = await (knownFirst ? pair.Known : pair.Unknown).TryAsync();
                    var second = await (knownFirst ? pair.Unknown : pair.Known).TryAsync();

                    // the first two make the rows that count attempts, and meet code that has not run yet
                    if (attempt < 2) continue;
                    known.Add(knownFirst ? first : second);
                    unknown.Add(knownFirst ? second : first);
                }
            }

            foreach (var (one, other) in pairs)
            {
                one.Dispose();
                other.Dispose();
            }

            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"""
                | refused password step | requests | median |
                | --- | ---: | ---: |
                | a name somebody has | {known.Count} | {Median(known):0.0} ms |
                | a name nobody has | {unknown.Count} | {Median(unknown):0.0} ms |

                ratio of the medians {Median(known) / Median(unknown):0.000}, median of the ratios side by side {Median([.. known.Zip(unknown, (k, u) => k / u)]):0.000}
                """));
        }
        finally
        {
            foreach (var name in people) await administration.DeletePersonAsync(name, CancellationToken.None);
        }
    }

    private static double Median(List<double> values)
    {
        var sorted = values.Order().ToList();
        return (sorted[(sorted.Count - 1) / 2] + sorted[sorted.Count / 2]) / 2;
    }

    /// <summary>A browser at an address of its own, on the password page of one name.</summary>
    private sealed class Visitor(Uri server, string name, int number) : IDisposable
    {
        private readonly HttpClient _http = new(new SocketsHttpHandler
        {
            UseProxy = false,
            ConnectCallback = async (_, cancellation) =>
            {
                var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
                socket.Bind(new IPEndPoint(new IPAddress([127, 1, (byte)(number / 250), (byte)(1 + (number % 250))]), 0));
                await socket.ConnectAsync(IPAddress.Loopback, server.Port, cancellation);
                return new NetworkStream(socket, ownsSocket: true);
            },
        })
        { BaseAddress = server };

        private string _page = "";

        public async Task BeginAsync()
        {
            _page = await _http.GetStringAsync(new Uri("sign-in", UriKind.Relative));
            await PostAsync("sign-in", "name", name);
        }

        /// <summary>Sends one wrong password; milliseconds until the last byte of the answer.</summary>
        public async Task<double> TryAsync()
        {
            var started = Stopwatch.GetTimestamp();
            var status = await PostAsync("sign-in/password", "password", "not the password");
            var time = Stopwatch.GetElapsedTime(started).TotalMilliseconds;
            return status == HttpStatusCode.BadRequest ? time : throw new InvalidOperationException($"The server answered {(int)status}: not a refused password.");
        }

        public void Dispose() => _http.Dispose();

        private async Task<HttpStatusCode> PostAsync(string path, string field, string value)
        {
            var fields = HiddenFields().Matches(_page).ToDictionary(match => match.Groups["name"].Value, match => WebUtility.HtmlDecode(match.Groups["value"].Value), StringComparer.Ordinal);
            fields[field] = value;
            using var form = new FormUrlEncodedContent(fields);
            using var answer = await _http.PostAsync(new Uri(path, UriKind.Relative), form);
            _page = await answer.Content.ReadAsStringAsync();
            return answer.StatusCode;
        }
    }

    [GeneratedRegex("<input type=\"hidden\" name=\"(?<name>[^\"]*)\" value=\"(?<value>[^\"]*)\"", RegexOptions.None, 1000)]
    private static partial Regex HiddenFields();
}
