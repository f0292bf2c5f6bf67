/// A value with the place it was written at, for findings that compare several values.
struct Located<Value> {
    var value: Value
    var location: SourceLocation
}
