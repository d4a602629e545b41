import Foundation
import LanguageModel

/// A regular expression for the names of modules, as PEFT writes them into `adapter_config.json`.
///
/// Expressions are those of ICU, which reads what Python's `re` does but for a few rare forms.
struct ModulePattern {
    private let expression: NSRegularExpression
    private let text: String
    private let file: String
    private let key: String

    /// The key of a pattern table such as `alpha_pattern`: matched as `(.*\.)?(KEY)$` from the beginning of a name.
    init(ending text: String, in key: String, of file: String) throws(ModelDirectoryError) {
        try self.init(text, expression: #"(.*\.)?("# + text + ")$", in: key, of: file)
    }

    /// An expression that matches names from end to end, as `target_modules` has it.
    init(whole text: String, in key: String, of file: String) throws(ModelDirectoryError) {
        try self.init(text, expression: "(?:" + text + #")\z"#, in: key, of: file)
    }

    private init(
        _ text: String, expression: String, in key: String, of file: String
    ) throws(ModelDirectoryError) {
        (self.text, self.key, self.file) = (text, key, file)
        do {
            // Python spells the names of groups in its own way.
            self.expression = try NSRegularExpression(
                pattern: expression.replacing("(?P<", with: "(?<"))
        } catch {
            throw .malformed(file: file, key: key, found: text, expected: "a regular expression")
        }
    }

    /// Whether the name matches.
    ///
    /// - Throws: `ModelDirectoryError` where finding out takes more than about half a second, as with `(a+)+b`.
    func matches(_ name: String) throws(ModelDirectoryError) -> Bool {
        var isMatch = false
        var reports = 0
        let whole = NSRange(location: 0, length: name.utf16.count)
        expression.enumerateMatches(in: name, options: [.anchored, .reportProgress], range: whole) {
            match, _, stop in
            reports += 1
            isMatch = isMatch || match != nil
            if isMatch || reports > Self.mostReports { stop.pointee = true }
        }
        guard isMatch || reports <= Self.mostReports else {
            throw .malformed(
                file: file, key: key, found: text,
                expected: "a regular expression that is matched in short time")
        }
        return isMatch
    }

    /// The matcher reports each time that it has taken some ten thousand steps.
    private static let mostReports = 2_000
}
