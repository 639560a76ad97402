using Microsoft.Win32.SafeHandles;

namespace RerankLab.Core.Datasets;

/// <summary>An open file that texts are read from. It stays what it was when it is replaced meanwhile.</summary>
/// <param name="handle">The file; closed with this.</param>
/// <param name="shown">Its name in messages.</param>
sealed class TextFile(SafeFileHandle handle, string shown) : IDisposable
{
    /// <summary>Fills <paramref name="into"/>.</summary>
    /// <exception cref="UserError">The file became shorter, or cannot be read.</exception>
    public void Read(long offset, Span<byte> into)
    {
        try
        {
            while (!into.IsEmpty)
            {
                int read = RandomAccess.Read(handle, into, offset);
                if (read == 0)
                    throw new UserError($"{shown}: this file became shorter while rlab was using it",
                        "leave data files as they are while a command reads them, and run it again");
                into = into[read..];
                offset += read;
            }
        }
        catch (IOException e)
        {
            throw new UserError($"{shown}: reading a text failed: {e.Message}");
        }
    }

    public void Dispose() => handle.Dispose();
}
