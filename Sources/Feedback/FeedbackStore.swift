#if Server
internal import Foundation
internal import GRDB
internal import JSON

/// Judgments in a file of SQLite.
///
/// A judgment is written through to the disk (`synchronous=FULL`, write-ahead log) before ``keep(_:)`` returns, so that
/// neither the end of the process nor of the machine loses it. One that was taken back stays in the file with the time
/// of that.
public final class FeedbackStore: FeedbackLog {
    private let file: String
    private let pool: DatabasePool

    /// Opens a file, and makes it where there is none.
    ///
    /// - Parameters:
    ///   - file: The path.
    ///   - mustExist: Whether a file that is not there is an error.
    /// - Throws: ``FeedbackError``.
    public init(_ file: String, mustExist: Bool = false) throws(FeedbackError) {
        self.file = file
        let exists = FileManager.default.fileExists(atPath: file)
        guard exists || !mustExist else { throw .missing(file: file) }
        let pool: DatabasePool
        do {
            var configuration = Configuration()
            configuration.busyMode = .timeout(10)
            configuration.foreignKeysEnabled = true
            if exists { try Self.check(file) }
            pool = try DatabasePool(path: file, configuration: configuration)
            // GRDB makes it NORMAL on its way to a write-ahead log, which may lose what was last written with the machine.
            try pool.writeWithoutTransaction { try $0.execute(sql: "PRAGMA synchronous = FULL") }
            let migrator = Self.migrator
            if try pool.read(migrator.hasBeenSuperseded) { throw FeedbackError.newer(file: file) }
            try migrator.migrate(pool)
        } catch {
            throw Self.error(error, file)
        }
        self.pool = pool
    }

    /// Refuses a database of something else before anything is written into it.
    private static func check(_ file: String) throws {
        let tables = try DatabaseQueue(path: file).read { database in
            try String.fetchAll(
                database,
                sql: "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")
        }
        guard tables.isEmpty || tables.contains("judgment") && tables.contains("grdb_migrations") else {
            throw FeedbackError.malformed(
                file: file, reason: "a database with the tables \(tables.sorted().joined(separator: ", "))")
        }
    }

    /// The versions of the schema. One that was published never changes; a new one is added below it.
    private static var migrator: DatabaseMigrator {
        var migrator = DatabaseMigrator()
        migrator.registerMigration("1: judgments of answers") { database in
            try database.execute(
                sql: """
                    CREATE TABLE judgment (
                        id INTEGER PRIMARY KEY AUTOINCREMENT,
                        key TEXT NOT NULL UNIQUE,    -- chosen by who sent it
                        time REAL NOT NULL,          -- seconds since 1970
                        rater TEXT NOT NULL,
                        prompt TEXT NOT NULL,        -- JSON: a list of messages
                        choice TEXT NOT NULL CHECK (
                            choice IN ('first', 'second', 'both_good', 'both_bad', 'good', 'bad')),
                        edit TEXT,                   -- the better answer as the rater would have it
                        note TEXT,
                        taken_back REAL              -- seconds since 1970
                    );
                    CREATE TABLE answer (
                        judgment INTEGER NOT NULL REFERENCES judgment (id) ON DELETE CASCADE,
                        place INTEGER NOT NULL,      -- 0 the first, 1 the second
                        text TEXT NOT NULL,
                        model TEXT NOT NULL,
                        sampling TEXT NOT NULL,      -- JSON: temperature and the like
                        seed INTEGER,
                        PRIMARY KEY (judgment, place)
                    ) WITHOUT ROWID;
                    """)
        }
        return migrator
    }

    /// Keeps a judgment; when this returns, it is on the disk.
    public func keep(_ judgment: Judgment) throws(FeedbackError) {
        try guarded {
            try pool.write { database in
                try database.execute(
                    sql: """
                        INSERT OR IGNORE INTO judgment (key, time, rater, prompt, choice, edit, note)
                        VALUES (?, ?, ?, ?, ?, ?, ?)
                        """,
                    arguments: [
                        WholeText(judgment.key), judgment.time, WholeText(judgment.rater),
                        JSONValue.array(judgment.prompt).text(.compact),
                        judgment.choice.rawValue, judgment.edit.map(WholeText.init),
                        judgment.note.map(WholeText.init),
                    ])
                guard database.changesCount == 1 else { return }
                let id = database.lastInsertedRowID
                for (place, answer) in judgment.answers.enumerated() {
                    try database.execute(
                        sql: "INSERT INTO answer VALUES (?, ?, ?, ?, ?, ?)",
                        arguments: [
                            id, place, WholeText(answer.text), WholeText(answer.model),
                            JSONValue.object(answer.sampling).text(.compact),
                            answer.seed,
                        ])
                }
            }
        }
    }

    /// Takes a judgment back, which the file remembers.
    public func takeBack(_ key: String, time: Double) throws(FeedbackError) -> Bool {
        try guarded {
            try pool.write { database in
                try database.execute(
                    sql: "UPDATE judgment SET taken_back = ? WHERE key = ? AND taken_back IS NULL",
                    arguments: [time, WholeText(key)])
                return database.changesCount == 1
            }
        }
    }

    /// The judgments that were not taken back, in the order in which they came.
    public func judgments() throws(FeedbackError) -> [Judgment] {
        try guarded {
            try pool.read { database in
                var answers: [Int64: [JudgedAnswer]] = [:]
                let rows = try Row.fetchCursor(database, sql: "SELECT * FROM answer ORDER BY judgment, place")
                while let row = try rows.next() {
                    answers[row["judgment"], default: []].append(
                        JudgedAnswer(
                            text: text(row, "text"), model: text(row, "model"),
                            sampling: try json(row, "sampling").object ?? [:], seed: row["seed"]))
                }
                return try Row.fetchAll(
                    database, sql: "SELECT * FROM judgment WHERE taken_back IS NULL ORDER BY id"
                ).map { row in
                    let choice: String = row["choice"]
                    guard let known = Judgment.Choice(rawValue: choice) else {
                        throw FeedbackError.malformed(file: file, reason: "choice: \(choice)")
                    }
                    return Judgment(
                        key: text(row, "key"), time: row["time"], rater: text(row, "rater"),
                        prompt: try json(row, "prompt").array ?? [], answers: answers[row["id"]] ?? [],
                        choice: known, edit: optionalText(row, "edit"), note: optionalText(row, "note"))
                }
            }
        }
    }

    /// Those of them that compare two answers.
    public func comparisons() throws(FeedbackError) -> Int {
        try guarded {
            try pool.read { database in
                try Int.fetchOne(
                    database,
                    sql:
                        "SELECT COUNT(*) FROM judgment WHERE taken_back IS NULL AND choice NOT IN ('good', 'bad')"
                )
                    ?? 0
            }
        }
    }

    /// What SQLite says of how the file is written.
    package func pragma(_ name: String) throws -> String {
        try pool.writeWithoutTransaction { try String.fetchOne($0, sql: "PRAGMA \(name)") ?? "" }
    }

    private func text(_ row: Row, _ column: String) -> String {
        let text: WholeText = row[column]
        return text.text
    }

    private func optionalText(_ row: Row, _ column: String) -> String? {
        let text: WholeText? = row[column]
        return text?.text
    }

    private func json(_ row: Row, _ column: String) throws -> JSONValue {
        let text: String = row[column]
        do { return try JSONValue(parsing: text) } catch {
            throw FeedbackError.malformed(file: file, reason: "\(column): \(error)")
        }
    }

    private func guarded<Result>(_ body: () throws -> Result) throws(FeedbackError) -> Result {
        do { return try body() } catch { throw Self.error(error, file) }
    }

    private static func error(_ error: any Error, _ file: String) -> FeedbackError {
        if let error = error as? FeedbackError { return error }
        guard let error = error as? DatabaseError else { return .failed(file: file, reason: "\(error)") }
        let reason = error.message ?? "\(error.resultCode)"
        return error.resultCode == .SQLITE_NOTADB || error.resultCode == .SQLITE_CORRUPT
            ? .malformed(file: file, reason: reason) : .failed(file: file, reason: reason)
    }
}

/// Text of which nothing is lost: SQLite's strings end at U+0000, so one with that character is kept as its bytes.
private struct WholeText: DatabaseValueConvertible {
    let text: String

    init(_ text: String) {
        self.text = text
    }

    var databaseValue: DatabaseValue {
        text.utf8.contains(0) ? Data(text.utf8).databaseValue : text.databaseValue
    }

    static func fromDatabaseValue(_ value: DatabaseValue) -> Self? {
        String.fromDatabaseValue(value).map(Self.init)
    }
}
#endif
