#!/usr/bin/env python3
"""Has the reference implementation of IFEval's checks judge answers, and writes its verdicts to ifeval.json.

    python3 -m venv env && env/bin/pip install if-verifiable==0.1.2 langdetect==1.0.9 && env/bin/python ifeval.py

Sentences are cut by Punkt without its trained list of abbreviations, which needs a download; the answers below have no
abbreviations, so that it makes no difference.
"""
import json
from pathlib import Path

import langdetect
import nltk
from if_verifiable.ifeval import instructions_registry, instructions_util
from nltk.tokenize.punkt import PunktSentenceTokenizer

langdetect.DetectorFactory.seed = 0
instructions_util._get_sentence_tokenizer = lambda: PunktSentenceTokenizer()
word_tokenize = nltk.word_tokenize
nltk.word_tokenize = lambda text: word_tokenize(text, preserve_line=True)

ANSWERS = [
    "Yes.",
    "",
    "  \n ",
    "My answer is maybe.",
    "I think: My answer is no. That is all.",
    "my answer is yes.",
    '"The cat sat on the mat. It was a fine day, and nobody minded."',
    '"Half a quotation',
    '"',
    "The quick brown fox jumps over the lazy dog. It jumps again! Does it jump a third time? Of course it does.",
    "* one\n* two\n* three",
    "- one\n- two\n\n  - nested\n*not a bullet*\n** neither **",
    "Points:\n*\nlost line\n* kept",
    "1. first\n2. second\n* third\n\n\n- fourth",
    "Some *highlighted* and **bold** words, *two words*, ** ** and * *, *broken\nline*.",
    "***",
    "First paragraph.\n\n***\n\nSecond paragraph.\n\n***\n\nThird paragraph.",
    "First.\n***\n\n***\nThird.",
    "***\nOnly one\n***",
    "One answer here.\n******\nAnother answer there.",
    "Same\n******\nSame",
    "A\n******\nB\n******\nC",
    "******\nA\n******\nB\n******",
    "Section 1\nIntroduction to it.\nSection 2\nThe middle part.\nSection 3\nThe end.",
    "SECTION 1 all\nSECTION two\nSECTION3 here",
    "PARAGRAPH 1\nWords.\n\nPARAGRAPH 2\nMore words.",
    "<<poem of joy>>\nRoses are red.",
    "<< >>\n<<<>>> text",
    "a << b >> c",
    '{"a": [1, 2, {"b": null}], "c": "d"}',
    "```json\n{\"a\": 1}\n```",
    "```\n[1, 2, 3]\n```",
    "Here is JSON: {\"a\": 1}",
    "42",
    "Dear [name], please come to [address] on [date].\n[unclosed\n]",
    "Dear friend, come soon.\n\nP.S. Bring cake.",
    "Come soon.\n\nP.P.S I forgot. p. s. tiny",
    "All done.\nP. P. S more\nps none",
    "ALL OF THIS IS WRITTEN IN CAPITAL LETTERS BECAUSE THE PERSON ASKED FOR IT AND WE LIKE TO HELP.",
    "all of this is written in small letters because the person asked for it and we like to help them.",
    "The NASA and the ESA sent a probe to MARS. I DON'T know WHY-NOT, said A man.",
    "Paragraph one starts here.\n\n\"Weekend plans are made.\n\nThird one ends it.",
    "alpha beta\n\n'weekend, yes\n\n\n\ngamma",
    "Write me a poem about the sea.\n\nThe sea is wide and blue.",
    "write me a POEM about the sea. And here it is: waves.",
    "Thank you for reading. Is there anything else I can help with?",
    'Thank you. "Is there anything else I can help with?"',
    "Thank you. Is there anything else I can help with? No.",
    "Ein Hund läuft durch den Wald, und die Katze schläft auf dem Sofa, weil es regnet und kalt ist.",
    "Le chien court dans la forêt et le chat dort sur le canapé, parce qu'il pleut et qu'il fait froid dehors.",
    "El perro corre por el bosque y el gato duerme en el sofá porque llueve mucho y hace frío en la calle.",
    "O cachorro corre pela floresta e o gato dorme no sofá porque está chovendo muito e faz frio lá fora.",
    "Il cane corre nella foresta e il gatto dorme sul divano perché piove e fuori fa molto freddo oggi.",
    "Koira juoksee metsässä ja kissa nukkuu sohvalla, koska ulkona sataa ja on hyvin kylmä ilma tänään.",
    "Con chó chạy trong rừng và con mèo ngủ trên ghế vì trời đang mưa và bên ngoài rất lạnh.",
    "Mbwa anakimbia msituni na paka analala kwenye kiti kwa sababu mvua inanyesha na nje kuna baridi sana.",
    "Собака бежит по лесу, а кошка спит на диване, потому что идёт дождь и на улице очень холодно.",
    "Кучето тича в гората, а котката спи на дивана, защото вали дъжд и навън е много студено.",
    "कुत्ता जंगल में दौड़ रहा है और बिल्ली सोफे पर सो रही है क्योंकि बारिश हो रही है और बाहर बहुत ठंड है।",
    "कुत्रा जंगलात धावत आहे आणि मांजर सोफ्यावर झोपली आहे कारण पाऊस पडत आहे आणि बाहेर खूप थंडी आहे.",
    "कुकुर जङ्गलमा दौडिरहेको छ र बिरालो सोफामा सुतिरहेको छ किनभने पानी परिरहेको छ र बाहिर धेरै जाडो छ।",
    "কুকুরটি বনে দৌড়াচ্ছে এবং বিড়ালটি সোফায় ঘুমাচ্ছে কারণ বৃষ্টি হচ্ছে এবং বাইরে খুব ঠান্ডা।",
    "ਕੁੱਤਾ ਜੰਗਲ ਵਿੱਚ ਦੌੜ ਰਿਹਾ ਹੈ ਅਤੇ ਬਿੱਲੀ ਸੋਫੇ ਤੇ ਸੌਂ ਰਹੀ ਹੈ ਕਿਉਂਕਿ ਮੀਂਹ ਪੈ ਰਿਹਾ ਹੈ।",
    "કૂતરો જંગલમાં દોડી રહ્યો છે અને બિલાડી સોફા પર સૂઈ રહી છે કારણ કે વરસાદ પડી રહ્યો છે.",
    "நாய் காட்டில் ஓடுகிறது, பூனை சோபாவில் தூங்குகிறது, ஏனென்றால் மழை பெய்கிறது.",
    "కుక్క అడవిలో పరుగెత్తుతోంది మరియు పిల్లి సోఫాపై నిద్రపోతోంది ఎందుకంటే వర్షం పడుతోంది.",
    "ನಾಯಿ ಕಾಡಿನಲ್ಲಿ ಓಡುತ್ತಿದೆ ಮತ್ತು ಬೆಕ್ಕು ಸೋಫಾದ ಮೇಲೆ ಮಲಗಿದೆ ಏಕೆಂದರೆ ಮಳೆ ಬರುತ್ತಿದೆ.",
    "สุนัขวิ่งอยู่ในป่าและแมวนอนอยู่บนโซฟาเพราะฝนตกและข้างนอกหนาวมาก",
    "개가 숲에서 달리고 고양이는 비가 오고 밖이 매우 춥기 때문에 소파에서 자고 있습니다.",
    "الكلب يجري في الغابة والقطة تنام على الأريكة لأن المطر ينزل والجو بارد جدا في الخارج.",
    "سگ در جنگل می‌دود و گربه روی مبل خوابیده است، زیرا باران می‌بارد و بیرون بسیار سرد است.",
    "کتا جنگل میں دوڑ رہا ہے اور بلی صوفے پر سو رہی ہے کیونکہ بارش ہو رہی ہے اور باہر بہت ٹھنڈ ہے۔",
    "Sure! Here is the answer:\n* the first point\n* the second point\nI hope that helps, dear reader.",
    "**Title**\n\nA text with the word engineering, Engineering and ENGINEERING in it. Engineers too.",
]

AT_LEAST, LESS = "at least", "less than"
INSTRUCTIONS = [
    ("keywords:existence", {"keywords": ["cat", "mat"]}),
    ("keywords:existence", {"keywords": ["HERE"]}),
    ("keywords:forbidden_words", {"forbidden_words": ["the", "cat"]}),
    ("keywords:forbidden_words", {"forbidden_words": ["engineer", "is"]}),
    ("keywords:frequency", {"keyword": "engineering", "frequency": 3, "relation": AT_LEAST}),
    ("keywords:frequency", {"keyword": " one ", "frequency": 1, "relation": AT_LEAST}),
    ("keywords:frequency", {"keyword": "it", "frequency": 3, "relation": LESS}),
    ("keywords:letter_frequency", {"letter": "e", "let_frequency": 5, "let_relation": AT_LEAST}),
    ("keywords:letter_frequency", {"letter": "T", "let_frequency": 4, "let_relation": LESS}),
    *[("language:response_language", {"language": code}) for code in
      ["en", "de", "fr", "es", "pt", "it", "fi", "vi", "sw", "ru", "bg", "hi", "mr", "ne", "bn", "pa", "gu", "ta", "te", "kn", "th", "ko", "ar", "fa", "ur"]],
    ("length_constraints:number_sentences", {"num_sentences": 3, "relation": AT_LEAST}),
    ("length_constraints:number_sentences", {"num_sentences": 2, "relation": LESS}),
    ("length_constraints:number_words", {"num_words": 10, "relation": AT_LEAST}),
    ("length_constraints:number_words", {"num_words": 18, "relation": LESS}),
    ("length_constraints:number_paragraphs", {"num_paragraphs": 3}),
    ("length_constraints:number_paragraphs", {"num_paragraphs": 1}),
    ("length_constraints:nth_paragraph_first_word", {"num_paragraphs": 3, "nth_paragraph": 2, "first_word": "weekend"}),
    ("length_constraints:nth_paragraph_first_word", {"num_paragraphs": 2, "nth_paragraph": 1, "first_word": "write"}),
    ("detectable_content:number_placeholders", {"num_placeholders": 3}),
    ("detectable_content:postscript", {"postscript_marker": "P.S."}),
    ("detectable_content:postscript", {"postscript_marker": "P.P.S"}),
    ("detectable_format:number_bullet_lists", {"num_bullets": 3}),
    ("detectable_format:number_bullet_lists", {"num_bullets": 2}),
    ("detectable_format:constrained_response", {}),
    ("detectable_format:number_highlighted_sections", {"num_highlights": 1}),
    ("detectable_format:number_highlighted_sections", {"num_highlights": 3}),
    ("detectable_format:multiple_sections", {"section_spliter": "Section", "num_sections": 3}),
    ("detectable_format:multiple_sections", {"section_spliter": "SECTION", "num_sections": 2}),
    ("detectable_format:multiple_sections", {"section_spliter": "PARAGRAPH", "num_sections": 2}),
    ("detectable_format:json_format", {}),
    ("detectable_format:title", {}),
    ("combination:two_responses", {}),
    ("combination:repeat_prompt", {"prompt_to_repeat": "Write me a poem about the sea."}),
    ("startend:end_checker", {"end_phrase": "Is there anything else I can help with?"}),
    ("startend:quotation", {}),
    ("change_case:english_capital", {}),
    ("change_case:english_lowercase", {}),
    ("change_case:capital_word_frequency", {"capital_frequency": 4, "capital_relation": AT_LEAST}),
    ("change_case:capital_word_frequency", {"capital_frequency": 2, "capital_relation": LESS}),
    ("punctuation:no_comma", {}),
]


def check(name, parameters, answer):
    instruction = instructions_registry.INSTRUCTION_DICT[name](name)
    instruction.build_description(**parameters)
    return bool(answer.strip() and instruction.check_following(answer))


def loosely(name, parameters, answer):
    lines = answer.split("\n")
    cuts = [answer, "\n".join(lines[1:]).strip(), "\n".join(lines[:-1]).strip(), "\n".join(lines[1:-1]).strip()]
    return any(check(name, parameters, text) for cut in cuts for text in (cut, cut.replace("*", "")))


def main():
    rows = []
    for name, parameters in INSTRUCTIONS:
        strict = "".join("1" if check(name, parameters, answer) else "0" for answer in ANSWERS)
        loose = "".join("1" if loosely(name, parameters, answer) else "0" for answer in ANSWERS)
        rows.append({"id": name, "kwargs": parameters, "strict": strict, "loose": loose})
    text = json.dumps({"answers": ANSWERS, "instructions": rows}, ensure_ascii=True, indent=1)
    Path(__file__).with_suffix(".json").write_text(text + "\n")
    print(len(ANSWERS), "answers,", len(rows), "instructions")


main()
