/// A request for records after a provider has read it.
struct RecordQuery: Sendable {
    /// What is asked for.
    enum Selection: Sendable {
        /// Epoch milliseconds; what of the bounds belongs to it, ``RecordQuery/bounds`` says.
        case window(from: Int64, to: Int64)
        case requestID(String)
    }

    /// Owner of the records.
    var account: String
    /// The credential as it came; only one that a login issued can die.
    var token: String?
    /// The window or the request id.
    var selection: Selection
    /// nil: how bounds are read is the simulator's option.
    var bounds: SimulatorOptions.WindowBounds?
    /// Whether the window is one of the records' ends.
    var selectsEnds = false
    /// From 1; anything below has no rows.
    var page: Int64 = 1
    /// Rows a page has at most.
    var size: Int64 = .max
    /// Where the page begins, unless its number says so.
    var start: Start = .number
    /// Records that a query lists at most, whatever there is.
    var limit = Int.max
    /// The order in which records are served.
    var isOldestFirst = false
    /// What was asked, for links in the answer.
    var request: WireRequest?
    /// Only cursors that were made with it are right.
    var tokenKey: UInt64 = 0

    /// Whether a link or a cursor asks for the page.
    var isContinued: Bool { page > 1 && request != nil }

    /// What leads to a page after one that was served, or to that one again.
    func token(page number: Int64, page served: RecordPage) -> String? {
        guard case .window(let from, let to) = selection else { return nil }
        var token = PageToken(
            page: number, size: size, window: from...max(from, to), offset: Int64(served.start),
            anchor: PageAnchor(time: 0, number: 0))
        if case .after(let anchor) = start { token.anchor = anchor }
        if number > page {
            token.offset += Int64(served.calls.count)
            if let last = served.calls.last {
                token.anchor = PageAnchor(time: last.time, number: last.number)
            }
        }
        return token.text(tokenKey)
    }

    /// Where a page begins.
    enum Start: Sendable {
        /// As many whole pages come before it as its number says.
        case number
        /// So many records come before it.
        case offset(Int64)
        /// After a record, be it there or not.
        case after(PageAnchor)
    }
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

/// The place of a record among others.
struct PageAnchor: Sendable {
    /// Epoch milliseconds
    var time: Int64
    /// Of the call.
    var number: Int
}

/// A page of records.
struct RecordPage: Sendable {
    /// In the order in which they are served.
    var calls: [Call]
    /// Records of all pages.
    var total: Int
    /// Records of all pages before this one.
    var start = 0
    /// Whether records follow.
    var isLast = true
}

/// A page as it is answered, after faults.
struct AnsweredPage: Sendable {
    /// What the answer says of the page after it.
    enum Next: Sendable {
        case none, following
        /// The page itself again.
        case same
    }

    /// The page as it is.
    var page: RecordPage
    /// Written records; not always those of the page.
    var rows: [[UInt8]]
    /// What the answer says of it; nil: nothing.
    var total: Int?
    var next: Next
}
