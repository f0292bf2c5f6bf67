/// What an exit code says (sysexits.h, where it has one).
struct ExitMeaning {
    /// As in tables: two signals share an entry.
    let code: String
    let meaning: String

    static let all = [
        ExitMeaning(code: "0", meaning: "Every window is complete."),
        ExitMeaning(code: "1", meaning: "Some window is not complete."),
        ExitMeaning(code: "64", meaning: "The command line is wrong."),
        ExitMeaning(code: "69", meaning: "The only failures: providers that could not be reached."),
        ExitMeaning(code: "74", meaning: "Output could not be written."),
        ExitMeaning(code: "75", meaning: "Another run holds the ledger or the output."),
        ExitMeaning(code: "77", meaning: "The only failures: authentication."),
        ExitMeaning(code: "78", meaning: "The pipeline file is invalid."),
        ExitMeaning(code: "130, 143", meaning: "Interrupted by a signal; the next run resumes."),
    ]
}
