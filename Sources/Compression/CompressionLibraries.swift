import CDeflate
import CZlib
import CZstd

/// The C libraries that this target calls.
public enum CompressionLibraries {
    /// Name and version; of zlib and zstd the ones that are loaded, of libdeflate the header's.
    public static var versions: [(name: String, version: String)] {
        [
            ("zlib", String(cString: zlibVersion())),
            ("zstd", String(cString: ZSTD_versionString())),
            ("libdeflate", LIBDEFLATE_VERSION_STRING),
        ]
    }
}
