using System.Runtime.InteropServices;

namespace Latchkey.Hybrid.Proximity;

/// <summary>
/// libsystemd's D-Bus client, as much as we need of it. Functions return a negative errno on failure. A bus and its messages belong to one
/// thread: <see cref="SystemBus"/>.
/// <see href="https://www.freedesktop.org/software/systemd/man/latest/sd-bus.html"/>
/// </summary>
internal static unsafe partial class SdBus
{
    private const string Library = "libsystemd.so.0";

    [LibraryImport(Library, EntryPoint = "sd_bus_open_system")]
    public static partial int OpenSystem(out nint bus);

    [LibraryImport(Library, EntryPoint = "sd_bus_new")]
    public static partial int New(out nint bus);

    [LibraryImport(Library, EntryPoint = "sd_bus_set_address", StringMarshalling = StringMarshalling.Utf8)]
    public static partial int SetAddress(nint bus, string address);

    [LibraryImport(Library, EntryPoint = "sd_bus_set_bus_client")]
    public static partial int SetBusClient(nint bus, int yes);

    [LibraryImport(Library, EntryPoint = "sd_bus_start")]
    public static partial int Start(nint bus);

    [LibraryImport(Library, EntryPoint = "sd_bus_flush_close_unref")]
    public static partial nint FlushCloseUnref(nint bus);

    [LibraryImport(Library, EntryPoint = "sd_bus_process")]
    public static partial int Process(nint bus, nint noMessage);

    [LibraryImport(Library, EntryPoint = "sd_bus_get_fd")]
    public static partial int GetFd(nint bus);

    [LibraryImport(Library, EntryPoint = "sd_bus_get_events")]
    public static partial int GetEvents(nint bus);

    [LibraryImport(Library, EntryPoint = "sd_bus_get_timeout")]
    public static partial int GetTimeout(nint bus, out ulong monotonicMicroseconds);

    [LibraryImport(Library, EntryPoint = "sd_bus_request_name", StringMarshalling = StringMarshalling.Utf8)]
    public static partial int RequestName(nint bus, string name, ulong flags);

    [LibraryImport(Library, EntryPoint = "sd_bus_add_object", StringMarshalling = StringMarshalling.Utf8)]
    public static partial int AddObject(nint bus, out nint slot, string path, delegate* unmanaged<nint, nint, nint, int> callback, nint userdata);

    [LibraryImport(Library, EntryPoint = "sd_bus_add_match_async", StringMarshalling = StringMarshalling.Utf8)]
    public static partial int AddMatchAsync(nint bus, out nint slot, string match, delegate* unmanaged<nint, nint, nint, int> callback, nint installed, nint userdata);

    [LibraryImport(Library, EntryPoint = "sd_bus_call_async")]
    public static partial int CallAsync(nint bus, out nint slot, nint message, delegate* unmanaged<nint, nint, nint, int> callback, nint userdata, ulong microseconds);

    [LibraryImport(Library, EntryPoint = "sd_bus_send")]
    public static partial int Send(nint bus, nint message, nint noCookie);

    [LibraryImport(Library, EntryPoint = "sd_bus_slot_unref")]
    public static partial nint SlotUnref(nint slot);

    [LibraryImport(Library, EntryPoint = "sd_bus_message_new_method_call", StringMarshalling = StringMarshalling.Utf8)]
    public static partial int NewMethodCall(nint bus, out nint message, string destination, string path, string @interface, string member);

    [LibraryImport(Library, EntryPoint = "sd_bus_message_new_method_return")]
    public static partial int NewMethodReturn(nint call, out nint message);

    [LibraryImport(Library, EntryPoint = "sd_bus_message_new_signal", StringMarshalling = StringMarshalling.Utf8)]
    public static partial int NewSignal(nint bus, out nint message, string path, string @interface, string member);

    [LibraryImport(Library, EntryPoint = "sd_bus_reply_method_errorf", StringMarshalling = StringMarshalling.Utf8)]
    public static partial int ReplyMethodError(nint call, string name, string text);

    [LibraryImport(Library, EntryPoint = "sd_bus_message_unref")]
    public static partial nint MessageUnref(nint message);

    [LibraryImport(Library, EntryPoint = "sd_bus_message_is_method_error")]
    public static partial int IsMethodError(nint message, nint anyName);

    [LibraryImport(Library, EntryPoint = "sd_bus_message_get_error")]
    public static partial SdBusError* GetError(nint message);

    [LibraryImport(Library, EntryPoint = "sd_bus_message_get_interface")]
    public static partial byte* GetInterface(nint message);

    [LibraryImport(Library, EntryPoint = "sd_bus_message_get_member")]
    public static partial byte* GetMember(nint message);

    [LibraryImport(Library, EntryPoint = "sd_bus_message_get_path")]
    public static partial byte* GetPath(nint message);

    [LibraryImport(Library, EntryPoint = "sd_bus_message_get_sender")]
    public static partial byte* GetSender(nint message);

    [LibraryImport(Library, EntryPoint = "sd_bus_message_append_basic")]
    public static partial int AppendBasic(nint message, byte type, void* value);

    [LibraryImport(Library, EntryPoint = "sd_bus_message_append_array")]
    public static partial int AppendArray(nint message, byte type, void* values, nuint size);

    [LibraryImport(Library, EntryPoint = "sd_bus_message_open_container", StringMarshalling = StringMarshalling.Utf8)]
    public static partial int OpenContainer(nint message, byte type, string contents);

    [LibraryImport(Library, EntryPoint = "sd_bus_message_close_container")]
    public static partial int CloseContainer(nint message);

    [LibraryImport(Library, EntryPoint = "sd_bus_message_peek_type")]
    public static partial int PeekType(nint message, byte* type, byte** contents);

    [LibraryImport(Library, EntryPoint = "sd_bus_message_enter_container", StringMarshalling = StringMarshalling.Utf8)]
    public static partial int EnterContainer(nint message, byte type, string contents);

    [LibraryImport(Library, EntryPoint = "sd_bus_message_exit_container")]
    public static partial int ExitContainer(nint message);

    [LibraryImport(Library, EntryPoint = "sd_bus_message_read_basic")]
    public static partial int ReadBasic(nint message, byte type, void* value);

    [LibraryImport(Library, EntryPoint = "sd_bus_message_read_array")]
    public static partial int ReadArray(nint message, byte type, void** values, nuint* size);

    [LibraryImport(Library, EntryPoint = "sd_bus_message_skip", StringMarshalling = StringMarshalling.Utf8)]
    public static partial int Skip(nint message, string? types);

    [LibraryImport("libc", EntryPoint = "eventfd", SetLastError = true)]
    public static partial int EventFd(uint initial, int flags);

    [LibraryImport("libc", EntryPoint = "poll", SetLastError = true)]
    public static partial int Poll(PollFd* fds, nuint count, int milliseconds);

    [LibraryImport("libc", EntryPoint = "read", SetLastError = true)]
    public static partial nint Read(int fd, void* buffer, nuint count);

    [LibraryImport("libc", EntryPoint = "write", SetLastError = true)]
    public static partial nint Write(int fd, void* buffer, nuint count);

    [LibraryImport("libc", EntryPoint = "close", SetLastError = true)]
    public static partial int Close(int fd);
}

/// <summary>sd_bus_error.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct SdBusError
{
    public byte* Name;
    public byte* Message;
    private readonly int _needFree;
}

/// <summary>struct pollfd.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct PollFd
{
    public const short In = 1;

    public int Fd;
    public short Events;
    public short Answer;
}
