import CSimdjson

/// The C++ library that this target calls.
public enum DecodingLibraries {
    /// Name and version, by the header it was compiled with: the library itself does not say.
    public static var versions: [(name: String, version: String)] {
        [("simdjson", String(cString: cdrx_simdjson_version()))]
    }
}
