import Foundation
import TestSupport
import Testing

/// The scripts that complete words in a shell.
@Suite struct CompletionTests {
    private func bash(_ script: String, in folder: URL) throws -> String {
        let process = Process()
        let output = Pipe()
        process.executableURL = URL(filePath: "/bin/bash")
        process.arguments = ["-c", script]
        process.currentDirectoryURL = folder
        process.standardOutput = output
        try process.run()
        let said = try output.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        #expect(process.terminationStatus == 0)
        return String(decoding: said, as: UTF8.self)
    }

    /// What is offered after a line.
    private func offers(_ line: String, in folder: URL) throws -> [String] {
        let script = """
            source ./hone.bash
            COMP_LINE='\(line)'; COMP_POINT=${#COMP_LINE}; read -ra COMP_WORDS <<< "$COMP_LINE"
            [[ $COMP_LINE == *' ' ]] && COMP_WORDS+=('')
            COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
            _hone hone "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD - 1]}"
            printf '%s\\n' "${COMPREPLY[@]}"
            """
        return try bash(script, in: folder).split(separator: "\n").map(String.init).sorted()
    }

    @Test func bashOffersCommandsOptionsChoicesFilesAndFolders() throws {
        try withTemporaryFolder { folder in
            let script = try HoneProcess.run("--generate-completion-script", "bash", in: folder)
            #expect(script.code == 0)
            try Data(script.output.utf8).write(to: folder.appending(component: "hone.bash"))
            _ = try bash("bash -n hone.bash", in: folder)
            for name in ["records.jsonl", "model.gguf", "town.yaml"] {
                try Data().write(to: folder.appending(component: name))
            }
            try FileManager.default.createDirectory(
                at: folder.appending(component: "base"), withIntermediateDirectories: false)
            #expect(try offers("hone s", in: folder) == ["score", "serve", "sft"])
            #expect(try offers("hone sft --sch", in: folder) == ["--schedule"])
            #expect(try offers("hone sft --conf", in: folder) == ["--config"])
            #expect(
                try offers("hone sft --schedule ", in: folder) == ["constant", "cosine", "linear", "wsd"])
            #expect(try offers("hone grpo --loss d", in: folder) == ["dapo", "dr_grpo"])
            #expect(try offers("hone sft --output ", in: folder) == ["base"])
            #expect(try offers("hone dpo --tensorboard ", in: folder) == ["base"])
            #expect(
                try offers("hone chat --tool-format ", in: folder) == [
                    "hermes", "llama3", "mistral", "mistral-arguments",
                ])
            #expect(try offers("hone chat --tool-folder ", in: folder) == ["base"])
            #expect(try offers("hone chat --tools r", in: folder) == ["records.jsonl"])
            #expect(try offers("hone compare ", in: folder) == ["base"])
            #expect(try offers("hone sft --model ", in: folder) == ["base", "model.gguf"])
            #expect(try offers("hone sft --data r", in: folder) == ["records.jsonl"])
            #expect(try offers("hone run ", in: folder) == ["base", "town.yaml"])
            #expect(try offers("hone tokenizer t", in: folder) == ["train"])
        }
    }

    @Test(arguments: [("zsh", "#compdef hone"), ("fish", "complete -c 'hone'")])
    func otherShellsHaveAScript(shell: String, beginning: String) throws {
        try withTemporaryFolder { folder in
            let script = try HoneProcess.run("--generate-completion-script", shell, in: folder)
            #expect(script.code == 0)
            #expect(script.output.contains(beginning))
            for word in ["sft", "tokenizer", "schedule", "cosine", "config"] {
                #expect(script.output.contains(word))
            }
        }
    }

    /// An option whose value is a path says of which kind, so that shells can complete it.
    @Test func everyPathIsCompleted() throws {
        try withTemporaryFolder { folder in
            let help = try HoneProcess.run("--experimental-dump-help", in: folder).output
            let root = try #require(try JSONSerialization.jsonObject(with: Data(help.utf8)) as? [String: Any])
            var count = 0
            func visit(_ command: [String: Any]) {
                for subcommand in command["subcommands"] as? [[String: Any]] ?? [] { visit(subcommand) }
                for argument in command["arguments"] as? [[String: Any]] ?? []
                where ["dir", "file", "path"].contains(argument["valueName"] as? String) {
                    count += 1
                    let kind = argument["completionKind"] as? [String: Any] ?? [:]
                    #expect(
                        kind["file"] != nil || kind["directory"] != nil,
                        "\(command["commandName"] ?? ""): \(argument["preferredName"] ?? argument)")
                }
            }
            visit(root["command"] as? [String: Any] ?? [:])
            #expect(count > 60)
        }
    }
}
