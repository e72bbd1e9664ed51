using System.Runtime.InteropServices;
using System.Text;

namespace Latchkey.Hybrid.Proximity;

/// <summary>Writes the arguments of a D-Bus message, in order. Types are D-Bus's one-letter codes.</summary>
internal readonly unsafe ref struct BusWriter(nint message)
{
    public BusWriter String(string value) => Text((byte)'s', value);

    public BusWriter Path(string value) => Text((byte)'o', value);

    public BusWriter Boolean(bool value)
    {
        var number = value ? 1 : 0;
        return Checked(SdBus.AppendBasic(message, (byte)'b', &number));
    }

    public BusWriter UInt16(ushort value) => Checked(SdBus.AppendBasic(message, (byte)'q', &value));

    public BusWriter Bytes(ReadOnlySpan<byte> value)
    {
        fixed (byte* bytes = value) return Checked(SdBus.AppendArray(message, (byte)'y', bytes, (nuint)value.Length));
    }

    /// <summary>An array; <paramref name="contents"/> is the type of its elements.</summary>
    public BusWriter StartArray(string contents) => Checked(SdBus.OpenContainer(message, (byte)'a', contents));

    public BusWriter StartEntry(string contents) => Checked(SdBus.OpenContainer(message, (byte)'e', contents));

    public BusWriter StartVariant(string contents) => Checked(SdBus.OpenContainer(message, (byte)'v', contents));

    public BusWriter End() => Checked(SdBus.CloseContainer(message));

    /// <summary>One property of an <c>a{sv}</c>.</summary>
    public BusWriter Property(string name, string value) => StartEntry("sv").String(name).StartVariant("s").String(value).End().End();

    /// <summary>One property of an <c>a{sv}</c>.</summary>
    public BusWriter Property(string name, bool value) => StartEntry("sv").String(name).StartVariant("b").Boolean(value).End().End();

    /// <summary>The property <c>ServiceData</c> of an <c>a{sv}</c>: one UUID and its bytes.</summary>
    public BusWriter ServiceData(string uuid, ReadOnlySpan<byte> data) => StartEntry("sv").String("ServiceData").ServiceDataValue(uuid, data).End();

    /// <summary>The value of <c>ServiceData</c> alone.</summary>
    public BusWriter ServiceDataValue(string uuid, ReadOnlySpan<byte> data) =>
        StartVariant("a{sv}").StartArray("{sv}").StartEntry("sv").String(uuid).StartVariant("ay").Bytes(data).End().End().End().End();

    private BusWriter Text(byte type, string value)
    {
        fixed (byte* bytes = Encoding.UTF8.GetBytes(value + '\0')) return Checked(SdBus.AppendBasic(message, type, bytes));
    }

    private BusWriter Checked(int result)
    {
        BusException.ThrowIfFailed(result);
        return this;
    }
}

/// <summary>Reads the arguments of a D-Bus message, in order.</summary>
internal readonly unsafe ref struct BusReader(nint message)
{
    /// <summary>The object the message is about.</summary>
    public string Path => TextAt(SdBus.GetPath(message));

    public string Interface => TextAt(SdBus.GetInterface(message));

    public string Member => TextAt(SdBus.GetMember(message));

    public string Sender => TextAt(SdBus.GetSender(message));

    /// <summary>A string or an object path.</summary>
    public string String()
    {
        byte* text;
        BusException.ThrowIfFailed(SdBus.ReadBasic(message, PeekedType() is (byte)'o' ? (byte)'o' : (byte)'s', &text));
        return TextAt(text);
    }

    public bool Boolean()
    {
        int value;
        BusException.ThrowIfFailed(SdBus.ReadBasic(message, (byte)'b', &value));
        return value != 0;
    }

    public byte[] Bytes()
    {
        void* values;
        nuint size;
        BusException.ThrowIfFailed(SdBus.ReadArray(message, (byte)'y', &values, &size));
        return new ReadOnlySpan<byte>(values, (int)size).ToArray();
    }

    /// <summary>Goes into an array of these elements.</summary>
    public void EnterArray(string contents) => BusException.ThrowIfFailed(SdBus.EnterContainer(message, (byte)'a', contents));

    /// <summary>Goes into the next entry of a dictionary; false when there is none left.</summary>
    public bool EnterEntry(string contents) => BusException.ThrowIfFailed(SdBus.EnterContainer(message, (byte)'e', contents)) > 0;

    /// <summary>Goes into a variant if it holds this type, else passes over it.</summary>
    public bool EnterVariant(string contents)
    {
        byte type;
        byte* held;
        BusException.ThrowIfFailed(SdBus.PeekType(message, &type, &held));
        if (type == (byte)'v' && TextAt(held) == contents)
        {
            BusException.ThrowIfFailed(SdBus.EnterContainer(message, (byte)'v', contents));
            return true;
        }

        Skip("v");
        return false;
    }

    public void Exit() => BusException.ThrowIfFailed(SdBus.ExitContainer(message));

    public void Skip(string types) => BusException.ThrowIfFailed(SdBus.Skip(message, types));

    private byte PeekedType()
    {
        byte type;
        byte* held;
        return SdBus.PeekType(message, &type, &held) > 0 ? type : (byte)0;
    }

    private static string TextAt(byte* text) => Marshal.PtrToStringUTF8((nint)text) ?? "";
}

/// <summary>A D-Bus call that failed.</summary>
/// <param name="name">D-Bus's name of the error, such as <c>org.freedesktop.DBus.Error.AccessDenied</c>.</param>
/// <param name="message">What whoever answered says about it.</param>
internal sealed class BusException(string name, string message) : Exception(message.Length > 0 ? message : name)
{
    /// <summary>The connection itself failed.</summary>
    public const string Disconnected = "org.freedesktop.DBus.Error.Disconnected";

    public string Name { get; } = name;

    /// <summary>Turns a negative errno into an exception.</summary>
    public static int ThrowIfFailed(int result) =>
        result >= 0 ? result : throw new BusException(Disconnected, Marshal.GetPInvokeErrorMessage(-result));
}
