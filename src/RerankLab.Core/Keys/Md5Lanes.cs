using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Security.Cryptography;
using RerankLab.Core.Datasets;

namespace RerankLab.Core.Keys;

/// <summary>
/// MD5 of many messages at once, eight side by side in the lanes of a vector: several times as fast as one after the other, since
/// MD5's steps wait for each other (docs/adr/0011). RFC 1321; the platform's own MD5 where there are no such vectors.
/// </summary>
static class Md5Lanes
{
    const int Lanes = 8, BlockSize = 64;

    /// <summary>Fewer messages are hashed one by one.</summary>
    const int WorthIt = 4;

    /// <summary>floor(2^32 * |sin(i + 1)|).</summary>
    static readonly uint[] Sines = [.. Enumerable.Range(0, 64).Select(i => (uint)(4294967296.0 * Math.Abs(Math.Sin(i + 1))))];

    /// <summary>The keys of messages that are a prefix and a text each.</summary>
    /// <param name="prefix">What each begins with.</param>
    /// <param name="texts">How each goes on.</param>
    /// <param name="first">The first of the texts to hash.</param>
    /// <param name="keys">Receives as many keys as it has room for.</param>
    public static void Hash(ReadOnlySpan<byte> prefix, TextBlock texts, int first, Span<PairKey> keys)
    {
        if (Vector256.IsHardwareAccelerated && BitConverter.IsLittleEndian && keys.Length >= WorthIt)
            HashSideBySide(prefix, texts, first, keys);
        else HashOneByOne(prefix, texts, first, keys);
    }

    internal static void HashOneByOne(ReadOnlySpan<byte> prefix, TextBlock texts, int first, Span<PairKey> keys)
    {
        var message = new byte[prefix.Length + 1024];
        Span<byte> hash = stackalloc byte[PairKey.Size];
        for (int i = 0; i < keys.Length; i++)
        {
            var text = texts[first + i];
            if (message.Length < prefix.Length + text.Length) message = new byte[prefix.Length + text.Length * 2];
            prefix.CopyTo(message);
            text.CopyTo(message.AsSpan(prefix.Length));
            MD5.HashData(message.AsSpan(0, prefix.Length + text.Length), hash);
            keys[i] = PairKey.From(hash);
        }
    }

    /// <summary>A message in its lane, padded to whole blocks.</summary>
    struct Lane
    {
        public byte[] Blocks;
        public int Next, End, Number;

        public void Load(ReadOnlySpan<byte> prefix, ReadOnlySpan<byte> text, int number)
        {
            int length = prefix.Length + text.Length;
            (Next, End, Number) = (0, (length + 8) / BlockSize * BlockSize + BlockSize, number);
            if (Blocks.Length < End) Blocks = new byte[End * 2];
            prefix.CopyTo(Blocks);
            text.CopyTo(Blocks.AsSpan(prefix.Length));
            Blocks.AsSpan(length, End - length).Clear();
            Blocks[length] = 0x80;
            BinaryPrimitives.WriteInt64LittleEndian(Blocks.AsSpan(End - 8), (long)length * 8);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    static void HashSideBySide(ReadOnlySpan<byte> prefix, TextBlock texts, int first, Span<PairKey> keys)
    {
        var lanes = new Lane[Lanes];
        Span<uint> a = stackalloc uint[Lanes], b = stackalloc uint[Lanes], c = stackalloc uint[Lanes], d = stackalloc uint[Lanes];
        Span<Vector256<uint>> words = stackalloc Vector256<uint>[16];
        int loaded = 0, running = 0, count = keys.Length;
        for (int l = 0; l < Lanes; l++)
        {
            lanes[l].Blocks = new byte[1024];
            Refill(l, prefix, a, b, c, d);
        }
        while (running > 0)
        {
            Gather(lanes, words);
            AddBlock(words, a, b, c, d);
            for (int l = 0; l < Lanes; l++)
            {
                ref var lane = ref lanes[l];
                // A lane without a message goes over its last block again, for nothing.
                if (lane.Number < 0) continue;
                lane.Next += BlockSize;
                if (lane.Next < lane.End) continue;
                keys[lane.Number] = Key(a[l], b[l], c[l], d[l]);
                running--;
                Refill(l, prefix, a, b, c, d);
            }
        }

        void Refill(int l, ReadOnlySpan<byte> prefix, Span<uint> a, Span<uint> b, Span<uint> c, Span<uint> d)
        {
            if (loaded == count)
            {
                (lanes[l].Number, lanes[l].Next) = (-1, 0);
                return;
            }
            lanes[l].Load(prefix, texts[first + loaded], loaded);
            (a[l], b[l], c[l], d[l]) = (0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476);
            loaded++;
            running++;
        }
    }

    /// <summary>Word by word the lanes' next blocks.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    static void Gather(Lane[] lanes, Span<Vector256<uint>> words)
    {
        ref byte l0 = ref At(lanes[0]), l1 = ref At(lanes[1]), l2 = ref At(lanes[2]), l3 = ref At(lanes[3]);
        ref byte l4 = ref At(lanes[4]), l5 = ref At(lanes[5]), l6 = ref At(lanes[6]), l7 = ref At(lanes[7]);
        for (int w = 0; w < 16; w++)
            words[w] = Vector256.Create(Word(ref l0, w), Word(ref l1, w), Word(ref l2, w), Word(ref l3, w),
                Word(ref l4, w), Word(ref l5, w), Word(ref l6, w), Word(ref l7, w));

        static ref byte At(in Lane lane) => ref lane.Blocks.AsSpan(lane.Next, BlockSize)[0];
        static uint Word(ref byte block, int word) => Unsafe.ReadUnaligned<uint>(ref Unsafe.Add(ref block, word * sizeof(uint)));
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    static void AddBlock(ReadOnlySpan<Vector256<uint>> words, Span<uint> a0, Span<uint> b0, Span<uint> c0, Span<uint> d0)
    {
        var (a, b, c, d) = (Vector256.Create<uint>(a0), Vector256.Create<uint>(b0), Vector256.Create<uint>(c0), Vector256.Create<uint>(d0));
        var (wasA, wasB, wasC, wasD) = (a, b, c, d);
        ReadOnlySpan<uint> sines = Sines;
        for (int i = 0; i < 16; i += 4)
        {
            a = Step(a, b, ((c ^ d) & b) ^ d, words[i], sines[i], 7);
            d = Step(d, a, ((b ^ c) & a) ^ c, words[i + 1], sines[i + 1], 12);
            c = Step(c, d, ((a ^ b) & d) ^ b, words[i + 2], sines[i + 2], 17);
            b = Step(b, c, ((d ^ a) & c) ^ a, words[i + 3], sines[i + 3], 22);
        }
        for (int i = 16; i < 32; i += 4)
        {
            a = Step(a, b, ((b ^ c) & d) ^ c, words[(5 * i + 1) & 15], sines[i], 5);
            d = Step(d, a, ((a ^ b) & c) ^ b, words[(5 * i + 6) & 15], sines[i + 1], 9);
            c = Step(c, d, ((d ^ a) & b) ^ a, words[(5 * i + 11) & 15], sines[i + 2], 14);
            b = Step(b, c, ((c ^ d) & a) ^ d, words[(5 * i + 16) & 15], sines[i + 3], 20);
        }
        for (int i = 32; i < 48; i += 4)
        {
            a = Step(a, b, b ^ c ^ d, words[(3 * i + 5) & 15], sines[i], 4);
            d = Step(d, a, a ^ b ^ c, words[(3 * i + 8) & 15], sines[i + 1], 11);
            c = Step(c, d, d ^ a ^ b, words[(3 * i + 11) & 15], sines[i + 2], 16);
            b = Step(b, c, c ^ d ^ a, words[(3 * i + 14) & 15], sines[i + 3], 23);
        }
        for (int i = 48; i < 64; i += 4)
        {
            a = Step(a, b, c ^ (b | ~d), words[(7 * i) & 15], sines[i], 6);
            d = Step(d, a, b ^ (a | ~c), words[(7 * i + 7) & 15], sines[i + 1], 10);
            c = Step(c, d, a ^ (d | ~b), words[(7 * i + 14) & 15], sines[i + 2], 15);
            b = Step(b, c, d ^ (c | ~a), words[(7 * i + 21) & 15], sines[i + 3], 21);
        }
        (a + wasA).CopyTo(a0);
        (b + wasB).CopyTo(b0);
        (c + wasC).CopyTo(c0);
        (d + wasD).CopyTo(d0);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static Vector256<uint> Step(Vector256<uint> state, Vector256<uint> next, Vector256<uint> mixed, Vector256<uint> word,
        uint sine, int rotation)
    {
        var sum = state + mixed + word + Vector256.Create(sine);
        return next + (Vector256.ShiftLeft(sum, rotation) | Vector256.ShiftRightLogical(sum, 32 - rotation));
    }

    static PairKey Key(uint a, uint b, uint c, uint d) => PairKey.From(MemoryMarshal.AsBytes<uint>([a, b, c, d]));
}
