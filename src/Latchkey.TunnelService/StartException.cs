using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;

namespace Latchkey.TunnelService;

/// <summary>A program can't start; the message says in one line what is in the way, and what to do.</summary>
/// <param name="message">The line.</param>
/// <param name="cause">What was noticed.</param>
public sealed class StartException(string message, Exception? cause = null) : Exception(message, cause)
{
    // Values of errno, which on Unix an IOException carries.
    private const int NoSpace = 28, ReadOnly = 30, QuotaExceeded = 122;

    /// <summary>The line for whatever a start failed with.</summary>
    /// <param name="problem">The exception.</param>
    /// <param name="port">The port it wanted.</param>
    public static string LineFor(Exception problem, int port) => OneLine(problem switch
    {
        StartException => problem.Message,
        _ when InChain<AddressInUseException>(problem) || Socket(problem) is SocketError.AddressAlreadyInUse =>
            $"Port {port} is used by another program on this machine: end that one, or choose another port with --port.",
        _ when Socket(problem) is SocketError.AccessDenied =>
            $"This account may not listen on port {port}: choose one above 1023 with --port, and have a proxy or the system pass {port} on to it.",
        _ when Socket(problem) is SocketError.AddressNotAvailable => "This machine has no such address to listen on: check --bind.",
        IOException { HResult: NoSpace or QuotaExceeded } => $"The disk is full: make room, and start again. ({problem.Message})",
        IOException { HResult: ReadOnly } => $"The disk can't be written to: mount it for writing, or choose another directory. ({problem.Message})",
        UnauthorizedAccessException => $"This account lacks the right: {problem.Message} Give it the right, or choose another place.",
        IOException => problem.Message,
        _ => $"It could not start: {problem.GetType().Name}: {problem.Message}",
    });

    /// <summary>Without line breaks.</summary>
    public static string OneLine(string text) => string.Join(' ', text.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries));

    private static bool InChain<T>(Exception? problem) => problem is T || (problem is not null && InChain<T>(problem.InnerException));

    private static SocketError? Socket(Exception? problem) => problem switch
    {
        null => null,
        SocketException socket => socket.SocketErrorCode,
        _ => Socket(problem.InnerException),
    };
}
