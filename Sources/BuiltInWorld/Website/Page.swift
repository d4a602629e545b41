/// A page of a website, before it becomes HTML.
struct Page: Sendable {
    /// Which of the town's sites it is on: also its folder.
    enum Site: String, Sendable, CaseIterable {
        case townHall = "town-hall"
        case gazette
        case shops
        case kitchen
        case forum

        var title: String {
            switch self {
            case .townHall: "Town Hall"
            case .gazette: "Gazette"
            case .shops: "Shops and Trades"
            case .kitchen: "Kitchen Notes"
            case .forum: "Forum"
            }
        }
    }

    let site: Site
    let title: String
    var blocks: [Block]

    /// How much a reader gets to read, in characters.
    var characters: Int { title.utf8.count + blocks.reduce(0) { $0 + $1.characters } }
}

/// A piece of a page.
enum Block: Sendable {
    case heading(String)
    case paragraph(String)
    case bullets([String])
    case steps([String])
    case table(header: [String], rows: [[String]])
    case quote(String)
    case code(String)
    case post(Post)

    var characters: Int {
        switch self {
        case .heading(let text), .paragraph(let text), .quote(let text), .code(let text): text.utf8.count
        case .bullets(let items), .steps(let items): items.reduce(0) { $0 + $1.utf8.count }
        case .table(let header, let rows): (header + rows.joined()).reduce(0) { $0 + $1.utf8.count }
        case .post(let post): post.text.reduce(post.quoted?.utf8.count ?? 0) { $0 + $1.utf8.count }
        }
    }
}

/// A contribution to a forum thread.
struct Post: Sendable {
    let author: String
    let date: String
    var quoted: String?
    let text: [String]
    let signature: String?
}
