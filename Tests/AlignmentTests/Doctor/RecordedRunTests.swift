import Alignment
import Foundation
import LanguageModel
import Testing

/// The doctor, fed what real runs reported. `Fixtures/Doctor/record_runs.py` made them.
@Suite struct RecordedRunTests {
    static let healthy = RecordedRun.all(in: "healthy.json")
    static let sick = RecordedRun.all(in: "sick.json")

    @Test(arguments: healthy) func aHealthyRunRaisesNoAlarm(run: RecordedRun) {
        let alarms = run.findings.filter { $0.severity != .expected }
        #expect(alarms.isEmpty, "\(run.command): \(alarms)")
    }

    @Test(arguments: sick) func aSickRunIsFoundToBe(run: RecordedRun) throws {
        let kind = try #require(DoctorFinding.Kind(rawValue: run.name))
        let finding = try #require(run.findings.first { $0.kind == kind }, "\(run.command): \(run.findings)")
        #expect(finding.severity != .expected)
    }

    @Test func everyFindingWasRecorded() {
        let expected = Set(Self.healthy.flatMap(\.findings).map(\.kind))
        let sick = Set(Self.sick.compactMap { DoctorFinding.Kind(rawValue: $0.name) })
        // Of the token that fills up batches no step reports anything.
        #expect(expected.union(sick).union([.paddingEndsText]) == Set(DoctorFinding.Kind.allCases))
        #expect(Self.healthy.count >= 20)
    }

    @Test(arguments: [("no_reward_spread", "empty_mask"), ("empty_mask", "no_reward_spread")])
    func equalRewardsAndEmptyMasksAreToldApart(sick: String, other: String) throws {
        let run = try #require(Self.sick.first { $0.name == sick })
        #expect(!run.findings.contains { $0.kind.rawValue == other })
    }

    /// The rate of a run falls to nothing while small batches make its loss jump.
    @Test func aFallingRateIsNotBlamedForNoise() {
        let falling = Self.healthy.filter { run in
            let rates = run.reports.map(\.learningRate)
            return rates.last ?? 1 < 0.2 * (rates.max() ?? 0)
        }
        #expect(falling.count >= 10)
        for run in falling { #expect(!run.findings.contains { $0.kind == .lossSpikes }, "\(run.name)") }
    }
}

/// What the steps of a run reported.
struct RecordedRun: Sendable, CustomTestStringConvertible {
    let name: String
    let command: String
    let reports: [StepReport]

    var testDescription: String { name }

    /// All that the doctor says of it.
    var findings: [DoctorFinding] {
        var doctor = Doctor()
        return reports.flatMap { doctor.examine($0) }
    }

    /// The runs of a fixture, by name.
    static func all(in file: String) -> [RecordedRun] {
        let fixture = URL(filePath: #filePath).deletingLastPathComponent()
            .appending(path: "../Fixtures/Doctor/\(file)")
        guard let data = try? Data(contentsOf: fixture),
            let entries = try? JSONDecoder().decode([String: Entry].self, from: data)
        else { return [] }
        return entries.map { RecordedRun(name: $0.key, command: $0.value.command, reports: $0.value.reports) }
            .sorted { $0.name < $1.name }
    }

    /// A run in the fixture: the values of each figure, step by step.
    private struct Entry: Decodable {
        let command: String
        let figures: [String: [Value?]]

        enum Value: Decodable {
            case number(Float)
            case reason(String)

            init(from decoder: any Decoder) throws {
                let value = try decoder.singleValueContainer()
                if let number = try? value.decode(Float.self) {
                    self = .number(number)
                } else {
                    self = .reason(try value.decode(String.self))
                }
            }

            var number: Float? { if case .number(let number) = self { number } else { nil } }
            var reason: String? { if case .reason(let reason) = self { reason } else { nil } }
        }

        var reports: [StepReport] {
            (figures["step"] ?? []).indices.map { index in
                let values = figures.compactMapValues { $0[index] }
                let metrics = values.compactMapValues(\.number)
                return StepReport(
                    step: Int(metrics["step"] ?? 0), loss: metrics["loss"] ?? .nan,
                    learningRate: metrics["learning_rate"] ?? 0, gradientNorm: metrics["grad_norm"] ?? .nan,
                    tokens: 1, refusal: values["skipped"]?.reason.map(Self.refusal),
                    metrics: metrics.filter {
                        !["step", "loss", "learning_rate", "grad_norm"].contains($0.key)
                    })
            }
        }

        /// The reason that `metrics.jsonl` gives in words.
        private static func refusal(_ words: String) -> StepReport.Refusal {
            [.lossNotFinite, .gradientNotFinite, .nothingToLearn].first { $0.description == words }
                ?? .gradientOutlier(timesMedian: 0)
        }
    }
}
