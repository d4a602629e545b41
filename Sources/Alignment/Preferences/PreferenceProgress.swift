import Foundation
import LanguageModel
import NeuralCore

/// What a checkpoint of BCO keeps beside model and optimizer, as `progress.json`.
struct PreferenceProgress: Codable {
    /// The mean of the rewards seen so far.
    var meanReward: Double
    /// How many they are.
    var rewardsSeen: Double

    static var trainingFile: String { "training.safetensors" }
    static var referenceFile: String { "reference.safetensors" }
    private static var file: String { "progress.json" }

    init(meanReward: Double, rewardsSeen: Double) {
        self.meanReward = meanReward
        self.rewardsSeen = rewardsSeen
    }

    init(from folder: URL) throws(CheckpointError) {
        let url = folder.appending(component: Self.file)
        let path = url.path(percentEncoded: false)
        guard let data = FileManager.default.contents(atPath: path) else {
            throw .file(.missing(file: path))
        }
        guard let progress = try? JSONDecoder().decode(Self.self, from: data),
            (0...0x1p53).contains(progress.rewardsSeen)
        else {
            throw .malformed(
                file: path, key: nil, found: "\(data.count) bytes", expected: "meanReward and rewardsSeen")
        }
        self = progress
    }

    func write(to folder: URL) throws(FileError) {
        let url = folder.appending(component: Self.file)
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        guard let data = try? encoder.encode(self) else {
            throw .unwritable(file: url.path(percentEncoded: false), reason: "the mean reward is not finite")
        }
        try writeAtomically(data, to: url)
    }
}
