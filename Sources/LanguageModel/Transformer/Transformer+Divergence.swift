public import NeuralCore

extension Transformer {
    /// The weighted divergence of a batch's predictions from a teacher's, nats, which flows to this model alone.
    ///
    ///     L = Σ wᵢ D(p(· | rowᵢ), q(· | rowᵢ))
    ///
    /// - Parameters:
    ///   - teacher: A frozen model of the same vocabulary that reads the batch too.
    ///   - batch: The tokens, and the places to compare at: one over the number of targets as their weight makes the loss a
    ///     mean.
    ///   - beta: Interpolates between KL(q ‖ p) at 0 and KL(p ‖ q) at 1.
    ///   - temperature: Divides the logits of both.
    /// - Precondition: Both models have as many tokens; see ``TransformerConfiguration/check(teacher:name:)``.
    /// - SeeAlso: ``/NeuralCore/languageHeadDivergence(_:weight:from:targets:beta:options:)``, the formula and its source.
    public func divergence(
        from teacher: Transformer, on batch: TokenBatch, beta: Float, temperature: Float = 1
    ) -> LanguageHeadDivergence {
        // The teacher's activations are gone before the student's are made.
        let taught = TeacherHead(
            teacher(batch.tokens, over: batch.forest), weight: teacher.head,
            options: teacher.headOptions(temperature: temperature))
        return languageHeadDivergence(
            self(batch.tokens, over: batch.forest), weight: head, from: taught, targets: batch.targets,
            beta: beta, options: headOptions(temperature: temperature))
    }
}

extension TransformerConfiguration {
    /// Refuses a teacher whose distributions are over another number of tokens.
    ///
    /// - Parameters:
    ///   - teacher: The configuration of the teacher.
    ///   - name: The name of the teacher in messages, such as its folder.
    public func check(teacher: TransformerConfiguration, name: String) throws(MisfitError) {
        guard teacher.vocabularySize == vocabularySize else {
            throw .distributions(
                teacher: teacher.vocabularySize, student: vocabularySize, name: name)
        }
    }
}
