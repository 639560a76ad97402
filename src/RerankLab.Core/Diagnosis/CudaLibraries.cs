using System.Runtime.InteropServices;
using RerankLab.Core.Scoring.Onnx;

namespace RerankLab.Core.Diagnosis;

/// <summary>Which of the libraries that ONNX Runtime's CUDA provider needs the system's loader finds.</summary>
public static class CudaLibraries
{
    /// <summary>Null on a system whose names we do not know.</summary>
    public static Finding? Check() => OperatingSystem.IsLinux()
        ? Judge(CudaRequirements.Libraries.Where(l => !IsFound(l)), IsFound("libcudnn.so.9"))
        : null;

    /// <param name="missing">Needed libraries that are not found.</param>
    /// <param name="hasCudnn">Whether cuDNN is found.</param>
    public static Finding Judge(IEnumerable<string> missing, bool hasCudnn)
    {
        const string check = "CUDA libraries";
        var names = missing.ToList();
        if (names.Count == 0)
            return Finding.Ok(check, $"all of CUDA {CudaRequirements.Toolkit}, " +
                (hasCudnn ? "and cuDNN 9" : "but not cuDNN 9, which some operators need"));
        return Finding.Warning(check, $"not found: {string.Join(", ", names)}",
            names is ["libcuda.so.1"] ? CudaRequirements.InstallDriver : CudaRequirements.InstallToolkit);
    }

    static bool IsFound(string library)
    {
        if (!NativeLibrary.TryLoad(library, out nint handle)) return false;
        NativeLibrary.Free(handle);
        return true;
    }
}
