public import LanguageModel
import NeuralCore

extension TokenBatch {
    /// Texts side by side, each a root of its own, predicting what is trained.
    ///
    /// - Parameter texts: Tokens with what is trained of them; the first token of a text is never predicted.
    public init(supervising texts: [SupervisedTokens]) {
        var targets: [TokenTarget] = []
        var sequenceOfTarget: [Int32] = []
        var begin = 0
        for (index, text) in texts.enumerated() {
            for place in text.ids.indices.dropFirst() where text.isTrained[place] {
                targets.append(TokenTarget(row: Int32(begin + place - 1), token: text.ids[place]))
                sequenceOfTarget.append(Int32(index))
            }
            begin += text.count
        }
        self.init(
            tokens: texts.flatMap(\.ids), forest: Forest(sequenceLengths: texts.map(\.count)),
            targets: targets,
            sequenceOfTarget: sequenceOfTarget, sequences: texts.count)
    }
}
