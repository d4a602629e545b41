import Conversations

/// Guessing the language of a text from its script and its commonest words.
///
/// This is approximate: good for a paragraph in one of the languages below, poor for a few words. Scripts
/// that one language uses decide at once; within the Latin, Cyrillic, Arabic and Devanagari scripts the
/// language whose small words and letters occur most often wins.
public enum Language {
    /// The ISO 639-1 code of a text's language, nil if it has no letters.
    public static func guess(_ text: String) -> String? {
        var letters: [Script: Int] = [:]
        var codePoints: [Unicode.Scalar: Int] = [:]
        for scalar in text.lowercased().unicodeScalars where scalar.properties.isAlphabetic {
            letters[Script(scalar), default: 0] += 1
            codePoints[scalar, default: 0] += 1
        }
        // Chinese characters stand in Japanese text too; its own letters tell.
        if let kana = letters[.japanese], kana * 10 > letters[.chinese, default: 0] {
            letters[.japanese, default: 0] += letters.removeValue(forKey: .chinese) ?? 0
        }
        guard let script = letters.max(by: { ($0.value, $1.key.rawValue) < ($1.value, $0.key.rawValue) })?.key
        else {
            return nil
        }
        let candidates = profiles.filter { $0.script == script }
        guard candidates.count > 1 else { return candidates.first?.code ?? script.rawValue }
        let words = Dictionary(
            grouping: InstructionText(text.lowercased()).wordsWithMarks, by: { $0 }
        ).mapValues(\.count)
        func score(_ profile: Profile) -> Int {
            profile.words.reduce(0) { $0 + 3 * (words[$1] ?? 0) }
                + profile.letters.unicodeScalars.reduce(0) { $0 + (codePoints[$1] ?? 0) }
        }
        let best = candidates.map { ($0, score($0)) }.max { ($0.1, $1.0.code) < ($1.1, $0.0.code) }
        return best.flatMap { $0.1 > 0 ? $0.0.code : candidates.first?.code }
    }

    /// Scripts by their first language's code where they have only one.
    private enum Script: String {
        case latin, cyrillic, arabic, devanagari, chinese = "zh-cn", japanese = "ja"
        case korean = "ko", greek = "el", hebrew = "he", bengali = "bn", gurmukhi = "pa", gujarati = "gu",
            tamil = "ta"
        case telugu = "te", kannada = "kn", malayalam = "ml", thai = "th", other

        init(_ scalar: Unicode.Scalar) {
            switch scalar.value {
            case 0x41...0x24F, 0x1E00...0x1EFF: self = .latin
            case 0x370...0x3FF: self = .greek
            case 0x400...0x52F: self = .cyrillic
            case 0x590...0x5FF: self = .hebrew
            case 0x600...0x6FF, 0x750...0x77F, 0xFB50...0xFDFF: self = .arabic
            case 0x900...0x97F: self = .devanagari
            case 0x980...0x9FF: self = .bengali
            case 0xA00...0xA7F: self = .gurmukhi
            case 0xA80...0xAFF: self = .gujarati
            case 0xB80...0xBFF: self = .tamil
            case 0xC00...0xC7F: self = .telugu
            case 0xC80...0xCFF: self = .kannada
            case 0xD00...0xD7F: self = .malayalam
            case 0xE00...0xE7F: self = .thai
            case 0x3040...0x30FF: self = .japanese
            case 0x4E00...0x9FFF, 0x3400...0x4DBF: self = .chinese
            case 0xAC00...0xD7AF, 0x1100...0x11FF: self = .korean
            default: self = .other
            }
        }
    }

    /// Small words and letters of a language; the first of a script is taken where nothing tells.
    private struct Profile {
        var code: String
        var script: Script
        var words: Set<String>
        var letters: String

        init(_ code: String, _ script: Script, _ words: String, letters: String = "") {
            self.code = code
            self.script = script
            self.words = Set(words.split(separator: " ").map(String.init))
            self.letters = letters
        }
    }

    private static let profiles = [
        Profile(
            "en", .latin,
            "the and of to in is that it was for with as on be at by this have from or not are but what all were we you your "
                + "can there an which their i my me he she they do if will so no more about how when who our has its would"
        ),
        Profile(
            "de", .latin,
            "der die und in den von zu das mit sich des auf für ist im dem nicht ein eine als auch es an werden aus er hat "
                + "dass sie nach wird bei einer um am sind noch wie einem über so zum haben nur oder aber vor zur ich wir",
            letters: "ßäöü"),
        Profile(
            "fr", .latin,
            "de la le et les des en un du une que est pour qui dans a par plus pas au sur ne se ce il sont avec ou son "
                + "cette aux être ont ces mais comme nous vous je leur été elle sa", letters: "éèêàçùœ"),
        Profile(
            "es", .latin,
            "de la que el en y a los se del las un por con no una su para es al lo como más o pero sus le ha me si sin "
                + "sobre este ya entre cuando todo esta ser son dos también fue había era muy",
            letters: "ñ¿áíóú"),
        Profile(
            "pt", .latin,
            "de a o que e do da em um para é com não uma os no se na por mais as dos como mas foi ao ele das tem à seu sua "
                + "ou ser quando muito há nos já está eu também só pelo pela até isso ela", letters: "ãõçâ"),
        Profile(
            "it", .latin,
            "di e il la che è in un a per non una sono con i del da si come le dei nel alla più anche della o se gli ma "
                + "questo al ha lo delle degli mi ci suo sua essere tra molto", letters: "àèìòù"),
        Profile(
            "nl", .latin,
            "de het een en van in is dat op te zijn met voor niet aan er om ook als dan maar bij of uit nog naar heeft hij "
                + "ze wij je ik deze dit worden wordt door over kan"),
        Profile(
            "sv", .latin,
            "och att det i en som är av för på den med till inte har de ett om var jag så men från vi kan man när han hon "
                + "också eller sig", letters: "åäö"),
        Profile(
            "da", .latin,
            "og i at det er en til af for på med den som ikke de har et der var jeg fra men om vi kan man han hun også "
                + "eller sig blev", letters: "æøå"),
        Profile(
            "no", .latin,
            "og i det er en til av for på med som at ikke den har de et var jeg fra men om vi kan han hun også eller seg "
                + "ble etter bare", letters: "æøå"),
        Profile(
            "fi", .latin,
            "ja on ei että se hän oli olla mutta kun niin myös joka ovat tai kuin jos minä sinä tämä ne sen voi mitä hyvin "
                + "vain ole nyt sitä siitä", letters: "äö"),
        Profile(
            "pl", .latin,
            "i w na z się nie do to że jest o jak a za po co ale od przez dla są czy tak już tylko może ich być przy był "
                + "jego które", letters: "ąćęłńóśźż"),
        Profile(
            "cs", .latin, "a v se na je že to z s do o i ve pro za jsou jako ale by od po který není si tak",
            letters: "ěščřžýůď"),
        Profile(
            "ro", .latin, "și de în la a o cu nu este pe un din că mai care pentru sunt fi se ce sau dar",
            letters: "ăâîșț"),
        Profile(
            "hu", .latin, "a az és hogy nem is egy ez van de meg már csak mint ha el vagy ki volt lesz",
            letters: "őűáéö"),
        Profile(
            "tr", .latin,
            "ve bir bu için da de ile çok olarak daha olan en ne gibi var ama kadar ben o sonra",
            letters: "ğışçö"),
        Profile(
            "vi", .latin,
            "và là của có không một được cho các người trong với này những đã tôi khi để bạn nhiều",
            letters: "ơưđạảấầẩậắằặẹẻếềểệỉịọỏốồổộớờởợụủứừửựỳ"),
        Profile(
            "sw", .latin,
            "na ya wa kwa ni katika la za kuwa hii kama cha yake hiyo pia si au ili lakini sana watu huo wake moja mimi "
                + "wewe yeye sisi hivyo zaidi bila kila ambayo vya"),
        Profile(
            "id", .latin,
            "yang dan di dengan untuk dari ini itu tidak pada adalah dalam akan saya ke atau juga bisa kami"),
        Profile("tl", .latin, "ang ng sa na mga at ay hindi ako ito para kung may siya niya po mo ko"),
        Profile(
            "ru", .cyrillic,
            "и в не на я что он с как это по но из у за от о к же вы так бы для мы был она его её все",
            letters: "ыэё"),
        Profile(
            "bg", .cyrillic, "и на да се в за не от е с че по като са до при който този ще има или как си",
            letters: "ъщ"),
        Profile(
            "uk", .cyrillic, "і в не на що з як до це та у за від по він вона для є але або", letters: "іїєґ"),
        Profile("mk", .cyrillic, "и на во да се од за со не ќе што е тоа како по ги", letters: "ќѓѕј"),
        Profile(
            "ar", .arabic, "في من على أن إلى عن هذا التي الذي هو ما لا كان مع هذه كل بعد أو لم",
            letters: "ةىأإ"),
        Profile(
            "fa", .arabic, "و در به از که این را با است برای آن یک تا بر می شود خود ها", letters: "پچژگیک"),
        Profile(
            "ur", .arabic, "کے کی میں ہے اور سے کا کو ہیں نے پر یہ ایک کہ کر تھا بھی اس", letters: "ٹڈڑںےہھ"),
        Profile("hi", .devanagari, "के है में की और से का को हैं पर यह कि एक ने भी हो था इस नहीं कर लिए साथ या"),
        Profile("mr", .devanagari, "आणि आहे या हे ते मध्ये एक आहेत च्या ची साठी केला पण मी तर नाही होते हा असे त्या आपण", letters: "ळ"),
        Profile("ne", .devanagari, "र को छ मा छन् यो हो पनि एक का लागि गर्न भएको ले तर गरेको हुन्छ थियो म मेरो तपाईं भने"),
    ]
}

extension InstructionText {
    /// Runs of letters with the marks that belong to them.
    fileprivate var wordsWithMarks: [String] {
        scalars.split {
            !$0.properties.isAlphabetic && $0.properties.canonicalCombiningClass == .notReordered
                && !$0.isMark
        }
        .map { String($0) }
    }
}

extension Unicode.Scalar {
    /// True if it belongs to the letter before it, as vowel signs do.
    var isMark: Bool {
        switch properties.generalCategory {
        case .nonspacingMark, .spacingMark, .enclosingMark: true
        default: false
        }
    }
}
