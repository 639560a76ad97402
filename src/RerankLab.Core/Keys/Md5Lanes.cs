using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using System.Security.Cryptography;
using RerankLab.Core.Datasets;

namespace RerankLab.Core.Keys;

/// <summary>
/// MD5 of many messages at once, sixteen side by side in the lanes of two vectors: many times as fast as one after the other, since
/// MD5's steps wait for each other (docs/adr/0011). RFC 1321; the platform's own MD5 where there is no AVX2.
/// </summary>
static class Md5Lanes
{
    const int Lanes = 16, BlockSize = 64;

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
        if (Avx2.IsSupported && BitConverter.IsLittleEndian && keys.Length >= WorthIt)
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

    /// <summary>A thread's own: made for each query, they would be most of what is allocated.</summary>
    [ThreadStatic]
    static Lane[]? _lanes;

    static Lane[] NewLanes()
    {
        var lanes = new Lane[Lanes];
        foreach (ref var lane in lanes.AsSpan()) lane.Blocks = new byte[1024];
        return lanes;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    static void HashSideBySide(ReadOnlySpan<byte> prefix, TextBlock texts, int first, Span<PairKey> keys)
    {
        var lanes = _lanes ??= NewLanes();
        Span<uint> a = stackalloc uint[Lanes], b = stackalloc uint[Lanes], c = stackalloc uint[Lanes], d = stackalloc uint[Lanes];
        Span<Numbers> words = stackalloc Numbers[16];
        int loaded = 0, running = 0, count = keys.Length;
        for (int l = 0; l < Lanes; l++) Refill(l, prefix, a, b, c, d);
        while (running > 0)
        {
            Gather(lanes, words);
            AddBlock(words, Sines, a, b, c, d);
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

    /// <summary>A number of each lane, in two vectors: the one goes on while the other waits for its step.</summary>
    readonly struct Numbers(Vector256<uint> low, Vector256<uint> high)
    {
        readonly Vector256<uint> _low = low, _high = high;

        public static Numbers Of(ReadOnlySpan<uint> lanes) => MemoryMarshal.Cast<uint, Numbers>(lanes)[0];

        public void CopyTo(Span<uint> lanes) => MemoryMarshal.Cast<uint, Numbers>(lanes)[0] = this;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Numbers operator +(Numbers a, Numbers b) => new(a._low + b._low, a._high + b._high);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Numbers operator +(Numbers a, uint b) => new(a._low + Vector256.Create(b), a._high + Vector256.Create(b));

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Numbers operator ^(Numbers a, Numbers b) => new(a._low ^ b._low, a._high ^ b._high);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Numbers operator |(Numbers a, Numbers b) => new(a._low | b._low, a._high | b._high);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Numbers operator ~(Numbers a) => new(~a._low, ~a._high);

        /// <summary>Bit by bit the one number where a third has a 1, else the other.</summary>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Numbers Select(Numbers bits, Numbers where1, Numbers where0) => new(
            Vector256.ConditionalSelect(bits._low, where1._low, where0._low),
            Vector256.ConditionalSelect(bits._high, where1._high, where0._high));

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Numbers RotateLeft(Numbers a, int bits) => new(RotateLeft(a._low, bits), RotateLeft(a._high, bits));

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        static Vector256<uint> RotateLeft(Vector256<uint> a, int bits) =>
            Vector256.ShiftLeft(a, bits) | Vector256.ShiftRightLogical(a, 32 - bits);
    }

    /// <summary>Word by word the lanes' next blocks.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    static void Gather(Lane[] lanes, Span<Numbers> words)
    {
        var halves = MemoryMarshal.Cast<Numbers, Vector256<uint>>(words);
        for (int half = 0; half < 2; half++)
            for (int word = 0; word < 16; word += 8)
                Turn(lanes.AsSpan(half * 8, 8), word * sizeof(uint), halves[(word * 2 + half)..]);

        // Eight words of eight lanes: a lane's in a row, then a word's in a column.
        static void Turn(ReadOnlySpan<Lane> lanes, int from, Span<Vector256<uint>> columns)
        {
            var (r0, r1, r2, r3) = (Row(lanes[0], from), Row(lanes[1], from), Row(lanes[2], from), Row(lanes[3], from));
            var (r4, r5, r6, r7) = (Row(lanes[4], from), Row(lanes[5], from), Row(lanes[6], from), Row(lanes[7], from));
            var (p0, p1, p2, p3) = (Low(r0, r1), High(r0, r1), Low(r2, r3), High(r2, r3));
            var (p4, p5, p6, p7) = (Low(r4, r5), High(r4, r5), Low(r6, r7), High(r6, r7));
            Put(LowPairs(p0, p2), LowPairs(p4, p6), columns);
            Put(HighPairs(p0, p2), HighPairs(p4, p6), columns[2..]);
            Put(LowPairs(p1, p3), LowPairs(p5, p7), columns[4..]);
            Put(HighPairs(p1, p3), HighPairs(p5, p7), columns[6..]);
        }

        static Vector256<uint> Row(in Lane lane, int from) => Vector256.Create<byte>(lane.Blocks.AsSpan(lane.Next + from)).AsUInt32();
        static Vector256<uint> Low(Vector256<uint> a, Vector256<uint> b) => Avx2.UnpackLow(a, b);
        static Vector256<uint> High(Vector256<uint> a, Vector256<uint> b) => Avx2.UnpackHigh(a, b);
        static Vector256<uint> LowPairs(Vector256<uint> a, Vector256<uint> b) => Avx2.UnpackLow(a.AsUInt64(), b.AsUInt64()).AsUInt32();
        static Vector256<uint> HighPairs(Vector256<uint> a, Vector256<uint> b) => Avx2.UnpackHigh(a.AsUInt64(), b.AsUInt64()).AsUInt32();

        static void Put(Vector256<uint> four, Vector256<uint> others, Span<Vector256<uint>> columns)
        {
            columns[0] = Avx2.Permute2x128(four, others, 0x20);
            columns[8] = Avx2.Permute2x128(four, others, 0x31);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    static void AddBlock(ReadOnlySpan<Numbers> words, ReadOnlySpan<uint> sines, Span<uint> a0, Span<uint> b0, Span<uint> c0, Span<uint> d0)
    {
        var (a, b, c, d) = (Numbers.Of(a0), Numbers.Of(b0), Numbers.Of(c0), Numbers.Of(d0));
        for (int i = 0; i < 16; i += 4)
        {
            a = Step(a, b, Numbers.Select(b, c, d), words[i], sines[i], 7);
            d = Step(d, a, Numbers.Select(a, b, c), words[i + 1], sines[i + 1], 12);
            c = Step(c, d, Numbers.Select(d, a, b), words[i + 2], sines[i + 2], 17);
            b = Step(b, c, Numbers.Select(c, d, a), words[i + 3], sines[i + 3], 22);
        }
        for (int i = 16; i < 32; i += 4)
        {
            a = Step(a, b, Numbers.Select(d, b, c), words[(5 * i + 1) & 15], sines[i], 5);
            d = Step(d, a, Numbers.Select(c, a, b), words[(5 * i + 6) & 15], sines[i + 1], 9);
            c = Step(c, d, Numbers.Select(b, d, a), words[(5 * i + 11) & 15], sines[i + 2], 14);
            b = Step(b, c, Numbers.Select(a, c, d), words[(5 * i + 16) & 15], sines[i + 3], 20);
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
        (a + Numbers.Of(a0)).CopyTo(a0);
        (b + Numbers.Of(b0)).CopyTo(b0);
        (c + Numbers.Of(c0)).CopyTo(c0);
        (d + Numbers.Of(d0)).CopyTo(d0);
    }

    /// <summary>What does not wait for the step before is added first.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static Numbers Step(Numbers state, Numbers next, Numbers mixed, Numbers word, uint sine, int rotation) =>
        next + Numbers.RotateLeft(state + word + sine + mixed, rotation);

    static PairKey Key(uint a, uint b, uint c, uint d) => PairKey.From(MemoryMarshal.AsBytes<uint>([a, b, c, d]));
}
