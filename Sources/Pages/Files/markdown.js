// A small part of Markdown, as elements. What a model writes is put into text nodes alone, so that no markup, link or
// picture of its making can come to life.
import { element } from "./common.js";

/** The elements of a text: headings, lists, quotations, code, paragraphs. */
export function rendered(text) {
  const lines = text.replaceAll("\r\n", "\n").split("\n");
  const blocks = document.createDocumentFragment();
  let at = 0;
  const take = (matches) => {
    const taken = [];
    while (at < lines.length && matches(lines[at])) taken.push(lines[at++]);
    return taken;
  };
  while (at < lines.length) {
    const line = lines[at];
    const fence = /^\s{0,3}(`{3,}|~{3,})\s*([^`]*)$/.exec(line);
    if (fence) {
      at += 1;
      const code = take((next) => !next.trim().startsWith(fence[1]));
      at += 1;
      blocks.append(codeBlock(code.join("\n"), fence[2].trim()));
    } else if (/^#{1,6}\s/.test(line)) {
      const level = /^#+/.exec(line)[0].length;
      // The page has headings of its own above these.
      blocks.append(element(`h${Math.min(6, level + 2)}`, {}, inline(line.slice(level).trim())));
      at += 1;
    } else if (/^\s{0,3}([-*_])(\s*\1){2,}\s*$/.test(line)) {
      blocks.append(element("hr"));
      at += 1;
    } else if (isItem(line)) {
      const numbered = /^\s*\d/.test(line);
      const items = take((next) => isItem(next) && /^\s*\d/.test(next) === numbered || /^\s{2,}\S/.test(next));
      blocks.append(list(items, numbered));
    } else if (/^\s{0,3}>/.test(line)) {
      const quoted = take((next) => /^\s{0,3}>/.test(next)).map((next) => next.replace(/^\s{0,3}>\s?/, ""));
      blocks.append(element("blockquote", {}, inline(quoted.join("\n"))));
    } else if (line.trim() === "") {
      at += 1;
    } else {
      at += 1;
      const further = take((next) => next.trim() !== "" && !isItem(next) && !/^(#{1,6}\s|\s{0,3}(`{3}|~{3}|>))/.test(next));
      blocks.append(element("p", {}, inline([line, ...further].join("\n"))));
    }
  }
  return blocks;
}

const isItem = (line) => /^\s*([-*+]|\d{1,9}[.)])\s+\S/.test(line);

function list(lines, numbered) {
  const made = element(numbered ? "ol" : "ul");
  if (numbered) made.start = parseInt(lines[0], 10);
  for (const line of lines) {
    if (isItem(line)) made.append(element("li", {}, inline(line.replace(/^\s*([-*+]|\d+[.)])\s+/, ""))));
    else made.lastChild?.append("\n", inline(line.trim()));
  }
  return made;
}

function codeBlock(code, language) {
  const copy = element("button", { type: "button", class: "quiet", click: () => navigator.clipboard?.writeText(code) }, "Copy");
  return element("figure", {},
    element("figcaption", {}, language || "code", copy),
    element("pre", { tabindex: 0 }, element("code", {}, code)));
}

/** Code, bold and italic in a line; what is neither stays as it was written. */
function inline(text) {
  const parts = document.createDocumentFragment();
  const pattern = /(`+)([^`]+?)\1|\*\*([^\s*](?:[^*]*[^\s*])?)\*\*|\*([^\s*](?:[^*]*[^\s*])?)\*/g;
  let end = 0;
  for (const match of text.matchAll(pattern)) {
    parts.append(text.slice(end, match.index));
    if (match[2] !== undefined) parts.append(element("code", {}, match[2]));
    else if (match[3] !== undefined) parts.append(element("strong", {}, match[3]));
    else parts.append(element("em", {}, match[4]));
    end = match.index + match[0].length;
  }
  parts.append(text.slice(end));
  return parts;
}
