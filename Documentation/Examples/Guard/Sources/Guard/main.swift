import Alignment

// What the assistant can and cannot do, as data. A deployed assistant has this in a file:
// `CapabilityManifest(contentsOf: url)`.
let manifest = CapabilityManifest(
    assistant: "Wren",
    can: [.init(name: "draft", description: "write a draft")],
    cannot: [
        .init(
            name: "send", description: "send e-mails or messages",
            verbs: [["send", "sent"], ["forward", "forwarded"]],
            objects: ["email", "e-mail", "mail", "message", "letter"],
            instead: "I can't send e-mails, but here is a draft that you can send."),
        .init(
            name: "book", description: "book tables or tickets",
            verbs: [["book", "booked"], ["reserve", "reserved"]],
            objects: ["table", "ticket", "tickets", "room"],
            instead: "I can't book anything, but I can tell you what to ask for."),
    ])

/// What the user gets to read: the answer, or what the assistant can do where the answer claims what it can't.
func guarded(_ answer: String) -> String {
    guard let claim = manifest.impossibleClaim(in: answer) else { return answer }
    return manifest.action(named: claim.action)?.instead ?? "I can't do that."
}

for answer in [
    "I have sent the email to Anna.", "Sure! I've booked a table for two at eight.",
    "Here is a draft: Dear Anna, may I come at eight?", "I can't send e-mails.",
] {
    print(answer, "→", guarded(answer))
}

// The same manifest is a reward, for training an assistant that needs no guard.
let honesty = ProgrammaticReward.honestActions(manifest)
for answer in ["I have sent the email to Anna.", "I can't send e-mails, but here is a draft."] {
    print("reward of “\(answer)”:", honesty.value(.init(answer)) ?? .nan)
}
