/// The templates that need no model directory.
extension ChatTemplate {
    /// Each of these templates by its name: `chatml`, `llama3`, `mistral`, `qwen`, `zephyr`.
    public static let builtIn: [String: ChatTemplate] = [
        "chatml": chatML, "llama3": llama3, "mistral": mistral, "qwen": qwen, "zephyr": zephyr,
    ]

    /// `<|im_start|>user … <|im_end|>`: what Hone writes into the models it makes.
    ///
    /// Tools are offered in the system turn, called in `<tool_call>` and answered in `<tool_response>`, as
    /// Qwen's models and Hermes do it. Nothing is said that the conversation does not say.
    public static let chatML = parsed(
        chatMLSource, tokens: ["eos_token": "<|im_end|>"], specialTokens: ["<|im_start|>", "<|im_end|>"])

    /// Qwen 2.5's: ChatML that introduces itself where a conversation has no system turn.
    public static let qwen = parsed(
        "{%- set instructions = 'You are Qwen, created by Alibaba Cloud. You are a helpful assistant.' %}\n"
            + chatMLSource,
        tokens: ["eos_token": "<|im_end|>", "pad_token": "<|endoftext|>"],
        specialTokens: ["<|im_start|>", "<|im_end|>"])

    /// Llama 3's: `<|start_header_id|>user<|end_header_id|> … <|eot_id|>`. Refuses tools.
    public static let llama3 = parsed(
        llama3Source, tokens: ["bos_token": "<|begin_of_text|>", "eos_token": "<|eot_id|>"],
        specialTokens: ["<|start_header_id|>", "<|end_header_id|>"])

    /// Mistral Instruct v0.3's: `[INST] … [/INST] …</s>`. Refuses tools.
    ///
    /// A system turn goes before the first question. (Mistral's own template moves it to the last, which
    /// changes how a conversation's start is written whenever it grows.)
    public static let mistral = parsed(
        mistralSource, tokens: ["bos_token": "<s>", "eos_token": "</s>"],
        specialTokens: ["[INST]", "[/INST]"])

    /// Zephyr's: `<|user|> … </s>`. Refuses tools.
    public static let zephyr = parsed(
        zephyrSource, tokens: ["bos_token": "<s>", "eos_token": "</s>"])

    private static func parsed(
        _ source: String, tokens: [String: String], specialTokens: [String] = []
    ) -> ChatTemplate {
        do {
            return try ChatTemplate(source, tokens: tokens, specialTokens: specialTokens)
        } catch {
            fatalError("a built-in chat template does not parse: \(error)")
        }
    }

    private static let chatMLSource = #"""
        {%- set turns = messages %}
        {%- if messages and messages[0].role == 'system' %}
            {%- set instructions = messages[0].content %}
            {%- set turns = messages[1:] %}
        {%- endif %}
        {%- if tools %}
            {{- '<|im_start|>system\n' }}
            {%- if instructions is defined %}
                {{- instructions + '\n\n' }}
            {%- endif %}
            {{- '# Tools\n\nYou may call one or more functions to assist with the user query.\n\n' }}
            {{- 'You are provided with function signatures within <tools></tools> XML tags:\n<tools>' }}
            {%- for tool in tools %}
                {{- '\n' }}{{ tool | tojson }}
            {%- endfor %}
            {{- '\n</tools>\n\nFor each function call, return a json object with function name and arguments ' }}
            {{- 'within <tool_call></tool_call> XML tags:\n<tool_call>\n' }}
            {{- '{"name": <function-name>, "arguments": <args-json-object>}\n</tool_call><|im_end|>\n' }}
        {%- elif instructions is defined %}
            {{- '<|im_start|>system\n' + instructions + '<|im_end|>\n' }}
        {%- endif %}
        {%- for message in turns %}
            {%- if message.role == 'tool' %}
                {%- if loop.first or loop.previtem.role != 'tool' %}
                    {{- '<|im_start|>user' }}
                {%- endif %}
                {{- '\n<tool_response>\n' + message.content + '\n</tool_response>' }}
                {%- if loop.last or loop.nextitem.role != 'tool' %}
                    {{- '<|im_end|>\n' }}
                {%- endif %}
            {%- elif message.tool_calls %}
                {{- '<|im_start|>assistant' }}
                {%- if message.content %}
                    {{- '\n' + message.content }}
                {%- endif %}
                {%- for call in message.tool_calls %}
                    {{- '\n<tool_call>\n{"name": "' + call.function.name + '", "arguments": ' }}
                    {{- call.function.arguments | tojson }}{{ '}\n</tool_call>' }}
                {%- endfor %}
                {{- '<|im_end|>\n' }}
            {%- else %}
                {{- '<|im_start|>' + message.role + '\n' + message.content + '<|im_end|>\n' }}
            {%- endif %}
        {%- endfor %}
        {%- if add_generation_prompt %}
            {{- '<|im_start|>assistant\n' }}
        {%- endif %}
        """#

    private static let refusesTools = #"""
        {%- for message in messages if message.role == 'tool' or message.tool_calls %}
            {{- raise_exception('this template has no place for tools') }}
        {%- endfor %}
        {%- if tools %}
            {{- raise_exception('this template has no place for tools') }}
        {%- endif %}

        """#

    private static let llama3Source =
        refusesTools + #"""
            {{- bos_token }}
            {%- for message in messages %}
                {{- '<|start_header_id|>' + message.role + '<|end_header_id|>\n\n' }}
                {{- message.content | trim + '<|eot_id|>' }}
            {%- endfor %}
            {%- if add_generation_prompt %}
                {{- '<|start_header_id|>assistant<|end_header_id|>\n\n' }}
            {%- endif %}
            """#

    private static let mistralSource =
        refusesTools + #"""
            {%- set turns = messages %}
            {%- set instructions = '' %}
            {%- if messages and messages[0].role == 'system' %}
                {%- set instructions = messages[0].content + '\n\n' %}
                {%- set turns = messages[1:] %}
            {%- endif %}
            {{- bos_token }}
            {%- for message in turns %}
                {%- if message.role != ('user' if loop.index0 is even else 'assistant') %}
                    {{- raise_exception('user and assistant must take turns') }}
                {%- elif message.role == 'user' %}
                    {{- '[INST] ' + (instructions if loop.first else '') + message.content + '[/INST]' }}
                {%- else %}
                    {{- ' ' + message.content + eos_token }}
                {%- endif %}
            {%- endfor %}
            """#

    private static let zephyrSource =
        refusesTools + #"""
            {%- for message in messages %}
                {{- '<|' + message.role + '|>\n' + message.content + eos_token + '\n' }}
            {%- endfor %}
            {%- if add_generation_prompt %}
                {{- '<|assistant|>\n' }}
            {%- endif %}
            """#
}
