using Latchkey.Look;
using Microsoft.AspNetCore.Components;
using Microsoft.JSInterop;

namespace Latchkey.AuthenticatorApp.Shell;

/// <summary>
/// What a form holds, read from the browser once, as it is sent. Following each key pressed lost one at times, when it was pressed while the page
/// was new; and a PIN should not travel letter by letter.
/// </summary>
internal static class FormFields
{
    /// <summary>The fields by their names. Passwords are emptied.</summary>
    public static async Task<IReadOnlyDictionary<string, string>> TakeAsync(this IJSRuntime script, ElementReference form)
    {
        await using var module = await script.InvokeAsync<IJSObjectReference>("import", EmbeddedFiles.AddressOf("assets/form.js"));
        return await module.InvokeAsync<Dictionary<string, string>>("take", form);
    }
}
