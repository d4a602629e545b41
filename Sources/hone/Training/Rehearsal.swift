import Foundation
import LanguageModel

/// What a run will take, measured by its first two steps on a stage that is then thrown away.
struct Rehearsal {
    /// Seconds for each token that goes through the model.
    let secondsPerToken: Double
    /// The greatest amount of memory held, bytes.
    let peakMemory: Int

    /// Takes two steps; the first warms up, the second is timed.
    init(_ stage: inout some TrainingStage) throws {
        var (seconds, tokens) = (0.0, 0)
        for _ in 0..<min(2, stage.plan.steps - stage.stepsDone) {
            let begin = ContinuousClock.now
            tokens = try stage.step().tokens
            seconds = (ContinuousClock.now - begin).seconds
        }
        secondsPerToken = seconds / Double(max(1, tokens))
        peakMemory = ProcessMemory.peak
    }
}

/// The memory of this process.
enum ProcessMemory {
    /// The greatest amount it ever held, bytes.
    static var peak: Int {
        var usage = rusage()
        #if canImport(Darwin)
        getrusage(RUSAGE_SELF, &usage)
        return Int(usage.ru_maxrss)
        #else
        // What `getrusage` says includes the program that this process was before it became ours.
        if let status = try? String(contentsOfFile: "/proc/self/status", encoding: .utf8),
            let line = status.split(separator: "\n").first(where: { $0.hasPrefix("VmHWM:") }),
            let kilobytes = line.split(whereSeparator: \.isWhitespace).dropFirst().first.flatMap({ Int($0) })
        {
            return kilobytes * 1024
        }
        getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
        return Int(usage.ru_maxrss) * 1024
        #endif
    }
}

extension Duration {
    /// The duration in seconds.
    var seconds: Double {
        Double(components.seconds) + Double(components.attoseconds) * 1e-18
    }
}
