/// A piece of a template's source.
struct JinjaToken: Equatable {
    enum Kind: Equatable {
        /// Text that is printed as it stands.
        case data(String)
        /// `{{`, `}}`, `{%`, `%}`.
        case variableBegin, variableEnd, blockBegin, blockEnd
        /// A name or keyword.
        case name(String)
        case string(String)
        case integer(Int)
        case number(Double)
        /// `+`, `==`, `(`, ….
        case symbol(String)
        case end
    }

    var kind: Kind
    /// The line on which it starts, from one.
    var line: Int

    /// How messages name it.
    var description: String {
        switch kind {
        case .data: "text"
        case .variableBegin: "'{{'"
        case .variableEnd: "'}}'"
        case .blockBegin: "'{%'"
        case .blockEnd: "'%}'"
        case .name(let name): "'\(name)'"
        case .string(let text): "the string '\(text)'"
        case .integer(let value): "\(value)"
        case .number(let value): "\(value)"
        case .symbol(let symbol): "'\(symbol)'"
        case .end: "the end of the template"
        }
    }
}
