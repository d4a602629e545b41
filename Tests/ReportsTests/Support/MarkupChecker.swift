/// Checks that a page is well-formed: tags are balanced, attributes are quoted, names are plain, and no `<`, `>` or
/// stray `&` stands in text. Stricter than HTML, as what a program writes can be.
struct MarkupChecker {
    /// Elements of HTML that have no content and no closing tag.
    private static let void: Set = ["meta", "!DOCTYPE"]

    /// What is wrong with the page; empty where nothing is.
    private(set) var complaints: [String] = []
    /// How often each element occurs.
    private(set) var counts: [String: Int] = [:]
    /// The names of all attributes.
    private(set) var attributes: Set<String> = []
    private var open: [String] = []
    private let page: [Character]
    private var position = 0

    init(_ text: String) {
        page = Array(text)
        while position < page.count, complaints.count < 10 {
            switch page[position] {
            case "<": readTag()
            case ">": complain("a lone >")
            case "&": readEntity()
            default: break
            }
            position += 1
        }
        if !open.isEmpty { complain("never closed: \(open)") }
    }

    private mutating func complain(_ what: String) {
        let near = String(page[max(0, position - 40)..<min(page.count, position + 40)])
        complaints.append("\(what) near “\(near)”")
    }

    private mutating func readEntity() {
        let rest = String(page[position..<min(page.count, position + 6)])
        if !["&amp;", "&lt;", "&gt;", "&quot;", "&#39;"].contains(where: rest.hasPrefix) {
            complain("a lone &")
        }
    }

    private mutating func readName() -> String {
        let start = position
        while position < page.count,
            page[position].isLetter || page[position].isNumber || "-!".contains(page[position])
        {
            position += 1
        }
        return String(page[start..<position])
    }

    private mutating func readTag() {
        position += 1
        let isClosing = page[position] == "/"
        if isClosing { position += 1 }
        let name = readName()
        if name.isEmpty { complain("a tag without name") }
        if isClosing {
            if open.popLast() != name { complain("</\(name)> closes nothing") }
            if page[position] != ">" { complain("</\(name) without >") }
            return
        }
        counts[name, default: 0] += 1
        readAttributes(of: name)
        if name == "style" { skipStyle() }
    }

    private mutating func readAttributes(of name: String) {
        while position < page.count {
            switch page[position] {
            case " ": position += 1
            case "/":
                position += 1
                if page[position] != ">" { complain("/ without >") }
                return
            case ">":
                if !Self.void.contains(name) { open.append(name) }
                return
            default:
                let attribute = readName()
                if attribute.isEmpty { return complain("no attribute in <\(name)") }
                attributes.insert(attribute)
                if name == "!DOCTYPE" { continue }
                guard page[position] == "=", page[position + 1] == "\"" else {
                    return complain("no quoted value")
                }
                position += 2
                while position < page.count, page[position] != "\"" {
                    if "<>".contains(page[position]) { complain("\(page[position]) in an attribute") }
                    if page[position] == "&" { readEntity() }
                    position += 1
                }
                position += 1
            }
        }
    }

    private mutating func skipStyle() {
        position += 1
        while position < page.count, page[position] != "<" { position += 1 }
        position -= 1
    }
}
