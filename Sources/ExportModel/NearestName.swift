/// Finds what a misspelt name was meant to be.
public enum NearestName {
    /// `; did you mean `x`?` for the candidate nearest to `name`, or an empty text if none is near.
    public static func suggestion(for name: String, among candidates: [String]) -> String {
        guard let nearest = nearest(to: name, among: candidates) else { return "" }
        return "; did you mean `\(nearest)`?"
    }

    /// What follows "there is no …": `; did you mean `x`?`, or where no name is near, what there is.
    ///
    /// - Parameter known: each once; ten are enough to see the spelling of thousands.
    public static func remedy(for name: String, among known: [String]) -> String {
        let suggestion = suggestion(for: name, among: known)
        if !suggestion.isEmpty { return suggestion }
        let names = known.prefix(10).joined(separator: ", ") + (known.count > 10 ? ", …" : "")
        return known.isEmpty ? "; there are none" : "; there are \(names)"
    }

    /// The candidate with the fewest edits, at most a third of its length (but two edits for short
    /// names); the first of equals.
    public static func nearest(to name: String, among candidates: [String]) -> String? {
        guard name.utf8.count <= 100 else { return nil }
        var best: (name: String, distance: Int)?
        for candidate in candidates {
            let edits = distance(Array(name.lowercased().utf8), Array(candidate.lowercased().utf8))
            guard edits <= max(2, candidate.utf8.count / 3), edits < candidate.utf8.count else {
                continue
            }
            if edits < best?.distance ?? .max { best = (candidate, edits) }
        }
        return best?.name
    }

    /// Insertions, deletions, replacements and swaps of neighbours (optimal string alignment).
    static func distance(_ left: [UInt8], _ right: [UInt8]) -> Int {
        var beforePrevious: [Int] = []
        var previous = Array(0...right.count)
        for row in left.indices {
            var current = [row + 1]
            for column in right.indices {
                let replaced = previous[column] + (left[row] == right[column] ? 0 : 1)
                var edits = min(replaced, previous[column + 1] + 1, current[column] + 1)
                if row > 0, column > 0, left[row] == right[column - 1],
                    left[row - 1] == right[column]
                {
                    edits = min(edits, beforePrevious[column - 1] + 1)
                }
                current.append(edits)
            }
            (beforePrevious, previous) = (previous, current)
        }
        return previous[right.count]
    }
}
