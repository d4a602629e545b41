/// A text for the help of a command, whose paragraphs wrap at the width of the terminal.
///
/// The lines of a paragraph become one; empty lines and indented ones, such as examples, stay as they are.
func paragraphs(_ text: String) -> String {
    var lines: [String] = []
    var isParagraph = false
    for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
        let isPlain = !line.isEmpty && line.first != " "
        if isPlain, isParagraph {
            lines[lines.count - 1] += " " + line
        } else {
            lines.append(String(line))
        }
        isParagraph = isPlain
    }
    return lines.joined(separator: "\n")
}
