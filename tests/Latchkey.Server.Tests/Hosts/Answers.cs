using System.Net.Http.Json;
using System.Text.Json;

namespace Latchkey.Server.Tests.Hosts;

internal static class Answers
{
    /// <summary>The problem code of a refusal the portal's script would read.</summary>
    public static async Task<string> CodeOfAsync(HttpResponseMessage response) =>
        (await response.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("code").GetString()!;
}
