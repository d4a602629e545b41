/// Text with its character references (`&eacute;`, `&#233;`, `&#xe9;`) replaced by what they stand for.
///
/// The names of HTML 4 and the common ones of HTML 5 are known; unknown ones stay as they are. As the HTML
/// Standard (§13.2.5.72) has it, the Latin-1 names need no semicolon, and numbers from 128 to 159 are read as
/// Windows-1252.
func decodedReferences(
    _ bytes: UnsafeBufferPointer<UInt8>, _ range: Range<Int>, inAttribute: Bool = false
) -> String {
    var out: [UInt8] = []
    out.reserveCapacity(range.count)
    appendDecoded(bytes, range, inAttribute: inAttribute, to: &out)
    return String(decoding: out, as: UTF8.self)
}

/// Appends text with its character references replaced.
func appendDecoded(
    _ bytes: UnsafeBufferPointer<UInt8>, _ range: Range<Int>, inAttribute: Bool = false, to out: inout [UInt8]
) {
    var copied = range.lowerBound
    var index = range.lowerBound
    while index < range.upperBound {
        guard bytes[index] == UInt8(ascii: "&"),
            let (text, end) = characterReference(bytes, index..<range.upperBound, inAttribute: inAttribute)
        else {
            index += 1
            continue
        }
        out.append(contentsOf: UnsafeBufferPointer(rebasing: bytes[copied..<index]))
        out.append(contentsOf: String(text).utf8)
        index = end
        copied = end
    }
    out.append(contentsOf: UnsafeBufferPointer(rebasing: bytes[copied..<range.upperBound]))
}

private func characterReference(
    _ bytes: UnsafeBufferPointer<UInt8>, _ range: Range<Int>, inAttribute: Bool
) -> (Unicode.Scalar, end: Int)? {
    let start = range.lowerBound + 1
    guard start < range.upperBound else { return nil }
    if bytes[start] == UInt8(ascii: "#") { return numericReference(bytes, start + 1..<range.upperBound) }
    var end = start
    // The longest name known here has eight letters; a few more make sure that a longer one is not cut short.
    while end < range.upperBound, end - start < 16, isAlphanumeric(bytes[end]) { end += 1 }
    guard end > start else { return nil }
    let name = String(decoding: UnsafeBufferPointer(rebasing: bytes[start..<end]), as: UTF8.self)
    if end < range.upperBound, bytes[end] == UInt8(ascii: ";"), let scalar = HTMLNames.all[name] {
        return (scalar, end + 1)
    }
    if inAttribute, end < range.upperBound, bytes[end] == UInt8(ascii: "=") || end - start == 16 {
        return nil
    }
    // Without a semicolon, the longest of the old names that the letters begin with.
    for length in stride(from: min(6, name.utf8.count), through: 2, by: -1) {
        guard let scalar = HTMLNames.withoutSemicolon[String(name.prefix(length))] else { continue }
        return inAttribute && length < name.utf8.count ? nil : (scalar, start + length)
    }
    return nil
}

private func numericReference(_ bytes: UnsafeBufferPointer<UInt8>, _ range: Range<Int>) -> (
    Unicode.Scalar, end: Int
)? {
    var index = range.lowerBound
    guard index < range.upperBound else { return nil }
    let isHexadecimal = bytes[index] | 0x20 == UInt8(ascii: "x")
    if isHexadecimal { index += 1 }
    let first = index
    var value: UInt32 = 0
    while index < range.upperBound,
        let digit = Character(Unicode.Scalar(bytes[index])).hexDigitValue, isHexadecimal || digit < 10
    {
        value = min(value * (isHexadecimal ? 16 : 10) + UInt32(digit), 0x11_0000)
        index += 1
    }
    guard index > first else { return nil }
    if index < range.upperBound, bytes[index] == UInt8(ascii: ";") { index += 1 }
    if 0x80...0x9f ~= value { return (Windows1252.scalar(UInt8(value)), index) }
    return (value == 0 ? "\u{fffd}" : Unicode.Scalar(value) ?? "\u{fffd}", index)
}

@inline(__always)
private func isAlphanumeric(_ byte: UInt8) -> Bool {
    UInt8(ascii: "a")...UInt8(ascii: "z") ~= byte | 0x20 || UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte
}

/// The names of characters.
enum HTMLNames {
    /// Names that may stand without a semicolon.
    static let withoutSemicolon: [String: Unicode.Scalar] = {
        var names = table(latin1, from: 0xa0)
        for (name, scalar) in [("amp", "&"), ("lt", "<"), ("gt", ">"), ("quot", "\"")]
            as [(String, Unicode.Scalar)]
        {
            names[name] = scalar
            names[name.uppercased()] = scalar
        }
        names["COPY"] = "\u{a9}"
        names["REG"] = "\u{ae}"
        return names
    }()

    /// Every name.
    static let all: [String: Unicode.Scalar] = {
        var names = withoutSemicolon
        names.merge(table(greekCapitals, from: 0x391)) { $1 }
        names.merge(table(greekLetters, from: 0x3b1)) { $1 }
        let pairs = scattered.split(whereSeparator: \.isWhitespace)
        for index in stride(from: 0, to: pairs.count, by: 2) {
            names[String(pairs[index])] = UInt32(pairs[index + 1], radix: 16).flatMap(Unicode.Scalar.init)
        }
        return names
    }()

    private static func table(_ names: String, from first: UInt32) -> [String: Unicode.Scalar] {
        var table: [String: Unicode.Scalar] = [:]
        for (offset, name) in names.split(whereSeparator: \.isWhitespace).enumerated() where name != "-" {
            table[String(name)] = Unicode.Scalar(first + UInt32(offset))
        }
        return table
    }

    /// In the order of Latin-1, from U+00A0 on.
    private static let latin1 = """
        nbsp iexcl cent pound curren yen brvbar sect uml copy ordf laquo not shy reg macr
        deg plusmn sup2 sup3 acute micro para middot cedil sup1 ordm raquo frac14 frac12 frac34 iquest
        Agrave Aacute Acirc Atilde Auml Aring AElig Ccedil Egrave Eacute Ecirc Euml Igrave Iacute Icirc Iuml
        ETH Ntilde Ograve Oacute Ocirc Otilde Ouml times Oslash Ugrave Uacute Ucirc Uuml Yacute THORN szlig
        agrave aacute acirc atilde auml aring aelig ccedil egrave eacute ecirc euml igrave iacute icirc iuml
        eth ntilde ograve oacute ocirc otilde ouml divide oslash ugrave uacute ucirc uuml yacute thorn yuml
        """

    /// From U+0391 on.
    private static let greekCapitals = """
        Alpha Beta Gamma Delta Epsilon Zeta Eta Theta Iota Kappa Lambda Mu
        Nu Xi Omicron Pi Rho - Sigma Tau Upsilon Phi Chi Psi Omega
        """

    /// From U+03B1 on.
    private static let greekLetters = """
        alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu
        nu xi omicron pi rho sigmaf sigma tau upsilon phi chi psi omega
        """

    private static let scattered = """
        apos 27 Tab 9 NewLine A excl 21 num 23 dollar 24 percnt 25 lpar 28 rpar 29 ast 2a plus 2b comma 2c
        period 2e sol 2f colon 3a semi 3b equals 3d quest 3f commat 40 lsqb 5b lbrack 5b bsol 5c rsqb 5d
        rbrack 5d Hat 5e lowbar 5f grave 60 lcub 7b lbrace 7b verbar 7c vert 7c rcub 7d rbrace 7d
        NonBreakingSpace a0 half bd OElig 152 oelig 153 Scaron 160 scaron 161 Zcaron 17d zcaron 17e Yuml 178
        fnof 192 circ 2c6 tilde 2dc Ccaron 10c ccaron 10d Cacute 106 cacute 107 Rcaron 158 rcaron 159
        Ecaron 11a ecaron 11b Lstrok 141 lstrok 142 Aogon 104 aogon 105 Eogon 118 eogon 119 Nacute 143
        nacute 144 Sacute 15a sacute 15b Zacute 179 zacute 17a Zdot 17b zdot 17c Dstrok 110 dstrok 111
        Gbreve 11e gbreve 11f Idot 130 inodot 131 imath 131 Scedil 15e scedil 15f Odblac 150 odblac 151
        Udblac 170 udblac 171 Abreve 102 abreve 103 Uring 16e uring 16f Amacr 100 amacr 101 Omacr 14c
        omacr 14d Umacr 16a umacr 16b Ncaron 147 ncaron 148 Tcaron 164 tcaron 165 Dcaron 10e dcaron 10f
        thetasym 3d1 upsih 3d2 piv 3d6 epsi 3b5 ensp 2002 emsp 2003 thinsp 2009 hairsp 200a zwnj 200c
        zwj 200d lrm 200e rlm 200f hyphen 2010 dash 2010 ndash 2013 mdash 2014 horbar 2015 lsquo 2018
        rsquo 2019 sbquo 201a ldquo 201c rdquo 201d bdquo 201e dagger 2020 Dagger 2021 bull 2022 bullet 2022
        hellip 2026 mldr 2026 permil 2030 prime 2032 Prime 2033 lsaquo 2039 rsaquo 203a oline 203e
        frasl 2044 euro 20ac image 2111 weierp 2118 real 211c trade 2122 TRADE 2122 numero 2116 copysr 2117
        alefsym 2135 aleph 2135 hbar 210f ell 2113 larr 2190 uarr 2191 rarr 2192 darr 2193 harr 2194
        varr 2195 nwarr 2196 nearr 2197 searr 2198 swarr 2199 map 21a6 crarr 21b5 lArr 21d0 uArr 21d1
        rArr 21d2 dArr 21d3 hArr 21d4 iff 21d4 forall 2200 comp 2201 part 2202 exist 2203 empty 2205
        emptyset 2205 nabla 2207 isin 2208 in 2208 notin 2209 ni 220b prod 220f sum 2211 minus 2212 mp 2213
        lowast 2217 compfn 2218 radic 221a Sqrt 221a prop 221d infin 221e ang 2220 and 2227 wedge 2227
        or 2228 vee 2228 cap 2229 cup 222a int 222b there4 2234 therefore 2234 because 2235 sim 223c
        cong 2245 asymp 2248 approx 2248 ne 2260 equiv 2261 le 2264 leq 2264 ge 2265 geq 2265 ll 226a
        gg 226b sub 2282 sup 2283 nsub 2284 sube 2286 subseteq 2286 supe 2287 supseteq 2287 oplus 2295
        otimes 2297 perp 22a5 bot 22a5 top 22a4 vdash 22a2 models 22a7 sdot 22c5 lceil 2308 rceil 2309
        lfloor 230a rfloor 230b lang 27e8 langle 27e8 rang 27e9 rangle 27e9 loz 25ca squ 25a1 square 25a1
        blacksquare 25aa star 2606 starf 2605 bigstar 2605 phone 260e female 2640 male 2642 spades 2660
        clubs 2663 hearts 2665 diams 2666 sung 266a flat 266d natural 266e sharp 266f check 2713
        checkmark 2713 cross 2717 malt 2720 ZeroWidthSpace 200b NoBreak 2060 frac13 2153
        frac23 2154 frac15 2155 frac18 215b frac38 215c frac58 215d frac78 215e Vert 2016 Implies 21d2
        rightarrow 2192 leftarrow 2190 mapsto 21a6 ohm 3a9 angst c5 mho 2127
        """
}
