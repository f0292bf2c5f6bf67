import Testing

@testable import PipelineFile

@Suite struct QuantityTests {
    @Test(
        arguments: [
            ("500ms", 500), ("30s", 30_000), ("30m", 1_800_000), ("2h", 7_200_000),
            ("1d", 86_400_000), ("0s", 0), ("30", nil), ("s", nil), ("", nil), ("-1s", nil),
            ("1.5h", nil), ("30 s", nil), ("30S", nil), ("1h30m", nil),
            ("9223372036854775807ms", 9_223_372_036_854_775_807), ("9223372036854775807s", nil),
        ] as [(String, Int64?)])
    func timeNeedsAUnit(text: String, milliseconds: Int64?) {
        #expect(Quantity.milliseconds(text) == milliseconds)
    }

    @Test(
        arguments: [
            ("256MiB", 268_435_456), ("1GiB", 1_073_741_824), ("512KiB", 524_288),
            ("10MB", 10_000_000), ("1KB", 1_000), ("2GB", 2_000_000_000), ("10B", 10), ("256", nil),
            ("256mib", nil), ("9223372036854775807KiB", nil),
        ] as [(String, Int64?)])
    func sizeNeedsAUnit(text: String, bytes: Int64?) {
        #expect(Quantity.byteCount(text) == bytes)
    }
}
