/// How the telephone numbers of one country are written.
public struct NumberingPlan: Hashable, Sendable {
    /// ISO 3166-1, two letters.
    public let region: String
    /// Digits of the country code.
    let code: [UInt8]
    /// Whether the rules here are all that a number dialed within the country needs.
    let isDialedSimply: Bool
    /// Digits before a national number, as it is dialed within the country; empty if there are none.
    private let trunk: [UInt8]
    /// Digits before another country's code; nil where they depend on the carrier.
    let internationalPrefix: [UInt8]?
    private let keepsLeadingZero: Bool
    /// A bit for each length, in digits, that numbers of lines and mobiles have.
    private let lengths: UInt32

    /// By region.
    static let plans = Dictionary(
        uniqueKeysWithValues: table.split(whereSeparator: { $0 == ";" || $0.isNewline })
            .compactMap { NumberingPlan($0) }.map { ($0.region, $0) })

    /// By country code; where countries share one, they share its rules.
    private static let plansByCode = Dictionary(
        plans.values.map { ($0.code, $0) }, uniquingKeysWith: { left, _ in left })

    /// Whether digits are a country code and a whole national number.
    static func isInternational(_ digits: ArraySlice<UInt8>) -> Bool {
        // No code is the beginning of another.
        for count in 1...3 {
            guard let plan = plansByCode[Array(digits.prefix(count))] else { continue }
            return digits.count <= 15 && plan.isNational(digits.dropFirst(count))
        }
        return false
    }

    /// Where the national number begins in digits as they were dialed or sent; nil unless they can
    /// be read in one way only.
    func national(in digits: ArraySlice<UInt8>) -> Int? {
        var starts: Set<Int> = []
        for prefix in [[], trunk, code] where digits.starts(with: prefix) {
            let rest = digits.dropFirst(prefix.count)
            if isNational(rest) { starts.insert(rest.startIndex) }
        }
        guard starts.count == 1, let start = starts.first else { return nil }
        // Where lengths vary, a code and a number of a length that is rare may look so, too.
        let isDoubtful = start == digits.startIndex && digits.starts(with: code)
        return isDoubtful && lengths.nonzeroBitCount > 1 ? nil : start
    }

    /// Whether digits are a whole national number, without a trunk prefix.
    private func isNational(_ digits: ArraySlice<UInt8>) -> Bool {
        guard digits.count < 32, lengths >> UInt32(digits.count) & 1 == 1 else { return false }
        if digits.first == UInt8(ascii: "0") { return keepsLeadingZero }
        return trunk != [UInt8(ascii: "1")] || digits.first != UInt8(ascii: "1")
    }

    /// `IN 91 0 00 10`: region, country code, trunk prefix, international prefix, lengths.
    ///
    /// `-` is nothing. In place of a trunk prefix `*` says that numbers may begin with a zero of their
    /// own, and `!` that what is dialed within the country takes more rules than these.
    private init?(_ row: Substring) {
        let parts = row.split(separator: " ")
        guard parts.count == 5 else { return nil }
        region = String(parts[0])
        code = Array(parts[1].utf8)
        isDialedSimply = !parts[2].hasPrefix("!")
        keepsLeadingZero = parts[2].hasSuffix("*")
        trunk = parts[2].first?.isNumber == true ? Array(parts[2].utf8) : []
        internationalPrefix = parts[3] == "-" ? nil : Array(parts[3].utf8)
        lengths = parts[4].split(separator: ",").reduce(0) { bits, range in
            let ends = range.split(separator: "-").compactMap { UInt32($0) }
            guard let first = ends.first, let last = ends.last else { return bits }
            return (first...last).reduce(bits) { $0 | 1 << $1 }
        }
    }

    /// Facts of libphonenumber 9.0.43: lengths of fixed and mobile numbers.
    static let table = """
        AC 247 - 00 5; AD 376 - 00 6,9; AE 971 0 00 8-9; AF 93 0 00 9; AL 355 0 00 8-9;
        AM 374 0 00 8; AO 244 - 00 9; AR 54 ! 00 10-11; AT 43 0 00 4-13; AU 61 0 - 6,9;
        AW 297 - 00 7; AZ 994 0 00 9; BA 387 0 00 8-9; BD 880 0 00 6-10; BE 32 0 00 8-9;
        BF 226 - 00 8; BG 359 0 00 6-9; BH 973 - 00 8; BI 257 - 00 8; BJ 229 * 00 10;
        BN 673 - 00 7; BO 591 ! - 8; BR 55 ! - 10-11; BT 975 - 00 7-8; BW 267 - 00 7-8;
        BY 375 ! 810 9; BZ 501 - 00 7; CA 1 1 011 10; CD 243 0 00 7-10; CF 236 - 00 8;
        CG 242 * 00 9; CH 41 0 00 9; CI 225 * 00 10; CK 682 - 00 5; CL 56 - - 9;
        CM 237 - 00 9; CN 86 0 00 7-11; CO 57 ! - 8,10; CU 53 0 119 6-8,10;
        CV 238 - - 7; CW 599 - 00 7-8; CY 357 - 00 8; CZ 420 - 00 9; DE 49 0 00 5-15;
        DJ 253 - 00 8; DK 45 - 00 8; DZ 213 0 00 8-9; EC 593 0 00 8-9; EE 372 - 00 7-8;
        EG 20 0 00 8-10; ER 291 0 00 7; ES 34 - 00 9; ET 251 0 00 9; FI 358 0 00 5-10;
        FJ 679 - - 7; FK 500 - 00 5; FM 691 - 00 7; FR 33 0 00 9;
        GA 241 !* 00 7-8; GB 44 0 00 9-10; GE 995 0 00 9; GF 594 0 00 9; GH 233 0 00 9;
        GI 350 - 00 8; GL 299 - 00 6; GM 220 - 00 7,9; GN 224 - 00 8-9; GP 590 0 00 9;
        GQ 240 - 00 9; GR 30 - 00 10; GT 502 - 00 8; GW 245 - 00 9; GY 592 - 001 7;
        HK 852 - - 8; HN 504 - 00 8; HR 385 0 00 8-9; HT 509 - 00 8; HU 36 06 00 8-9;
        ID 62 0 - 7-12; IE 353 0 00 7-10; IL 972 ! - 8-9,11-12; IN 91 0 00 10;
        IO 246 - 00 7; IQ 964 0 00 8-10; IR 98 0 00 6-7,10; IS 354 - 00 7,9;
        IT 39 * 00 6-12; JO 962 0 00 8-9; JP 81 ! 010 9-10; KE 254 0 000 7-9; KG 996 0 00 9;
        KH 855 0 - 8-9; KI 686 0 00 5,8; KM 269 - 00 7; KP 850 ! 00 8,10;
        KR 82 ! - 5-6,8-10; KW 965 - 00 8; KZ 7 8 810 10; LA 856 0 00 8-10; LB 961 0 00 7-8;
        LK 94 0 00 9; LR 231 0 00 7-9; LS 266 - 00 8; LT 370 ! 00 8;
        LV 371 - 00 8; LY 218 0 00 9; MA 212 0 00 9; MC 377 0 00 8-9;
        MD 373 0 00 8; ME 382 0 00 8; MG 261 ! 00 9; MH 692 1 011 7; MK 389 0 00 8;
        ML 223 - 00 8; MM 95 0 00 6-10; MN 976 0 001 8-10; MO 853 - 00 8; MQ 596 0 00 9;
        MR 222 - 00 8; MT 356 - 00 8; MU 230 - - 7-8; MV 960 - - 7; MW 265 0 00 7,9;
        MX 52 - - 10; MY 60 0 00 8-10; MZ 258 - 00 8-9; NA 264 0 00 8-9; NC 687 - 00 6;
        NE 227 - 00 8; NF 672 ! 00 6; NG 234 0 009 10; NI 505 - 00 8; NL 31 0 00 9,11;
        NO 47 - 00 8; NP 977 0 00 8,10; NR 674 - 00 7; NU 683 - 00 4,7; NZ 64 0 - 8-10;
        OM 968 - 00 8; PA 507 - 00 7-8; PE 51 0 00 8-9; PF 689 - 00 8; PG 675 - 00 7-8;
        PH 63 0 00 6,8-10; PK 92 0 00 9-10; PL 48 - 00 7,9; PM 508 0 00 6,9;
        PS 970 0 00 8-9; PT 351 - 00 9; PW 680 - - 7; PY 595 0 00 7-9; QA 974 - 00 8;
        RE 262 0 00 9; RO 40 0 00 6,9; RS 381 0 00 7-12; RU 7 8 810 10; RW 250 0 00 8-9;
        SA 966 0 00 9; SB 677 - - 5,7; SC 248 - - 7; SD 249 0 00 9; SE 46 0 00 7-9;
        SG 65 - - 8; SH 290 - 00 4-5; SI 386 0 00 8; SK 421 0 00 6-7,9; SL 232 0 00 8;
        SN 221 - 00 9; SO 252 0 00 6-9; SR 597 - 00 6-7; SS 211 0 00 9;
        ST 239 - 00 7; SV 503 - 00 8; SY 963 0 00 8-9; SZ 268 - 00 8; TD 235 - 00 8;
        TG 228 - 00 8; TH 66 0 - 8-9; TJ 992 - 810 9; TK 690 - 00 4-7; TL 670 - 00 7-8;
        TM 993 8 810 8; TN 216 - 00 8; TO 676 - 00 5,7; TR 90 0 00 10; TV 688 - 00 5-7;
        TW 886 0 - 8-9; TZ 255 0 - 9; UA 380 0 00 9; UG 256 0 - 9; US 1 1 011 10;
        UY 598 ! - 8; UZ 998 - 00 9; VE 58 0 00 10; VN 84 0 00 9-10; VU 678 - 00 5,7;
        WF 681 - 00 6; WS 685 - - 5-7,10; XK 383 0 00 8-12; YE 967 0 00 7-9; ZA 27 0 00 5-9;
        ZM 260 0 00 9; ZW 263 0 00 9;
        """
}
