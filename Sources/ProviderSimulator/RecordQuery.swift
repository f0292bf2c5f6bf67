/// A request for records after a provider has read it.
struct RecordQuery: Sendable {
    /// What is asked for.
    enum Selection: Sendable {
        /// Epoch milliseconds; how bounds are read is the simulator's option.
        case window(from: Int64, to: Int64)
        case requestID(String)
    }

    /// Owner of the records.
    var account: String
    /// The credential as it came; only one that a login issued can die.
    var token: String?
    /// The window or the request id.
    var selection: Selection
    /// From 1; anything below has no rows.
    var page: Int64 = 1
    /// Rows a page has at most.
    var size: Int64 = .max
    /// nil: all records.
    var filter: CallFilter?

    /// A number for faults: the same for the same request, whenever it comes.
    func identity(endpointSeed: UInt64) -> UInt64 {
        let owner = SeededDraw.number(of: account)
        switch selection {
        case .window(let from, let to):
            return SeededDraw.seed(
                endpointSeed, owner, UInt64(bitPattern: from), UInt64(bitPattern: to),
                UInt64(bitPattern: page), UInt64(bitPattern: size))
        case .requestID(let id):
            return SeededDraw.seed(endpointSeed, owner, SeededDraw.number(of: id))
        }
    }
}

/// Commo's filters of a page.
struct CallFilter: Sendable, Hashable {
    /// Which records the account's earlier reads leave.
    enum ReadState: Int64, Sendable {
        /// Those not read yet; the answer marks them as read.
        case unread = 1
        case read = 2
        case all = 3
    }

    /// `syncflag`
    var readState: ReadState
    /// 1 incoming, 2 outgoing, 3 all
    var direction: Int64
    /// 1…6; 0 all
    var callMethod: Int64
    /// Empty: all
    var extensions: [String]
    /// nil: all
    var destination: String?
    /// nil: all
    var userID: String?
    /// nil: all
    var memberID: String?

    /// Whether every record passes.
    var isOpen: Bool {
        readState == .all && direction == 3 && callMethod == 0 && extensions.isEmpty
            && destination == nil && userID == nil && memberID == nil
    }
}

/// A page of records, newest first.
struct RecordPage: Sendable {
    /// Newest first; of a request id in the order of the document.
    var calls: [Call]
    /// Records of all pages.
    var total: Int
}
