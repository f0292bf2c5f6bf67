import ExportModel
import ObjectStorage
import Testing

@Suite struct ObjectStorageErrorTests {
    @Test func everyCodeNamesTheStore() {
        for code in ObjectStorageError.Code.allCases {
            #expect(code.rawValue.hasPrefix("store_"), "\(code)")
        }
    }

    @Test func aStopIsNoFailureOfStorage() {
        #expect(ObjectStorageError(.stopped, "").kind == .interrupted)
        #expect(ObjectStorageError(.failing, "").kind == .storage)
    }
}
