// The model's doubt: each token of an answer with its probability, and on hover or focus what else could have come.
import { byId, element } from "./common.js";

/** Texts of tokens, of which one may hold only a part of a character: that comes with the token that ends it. */
export function texts(tokens) {
  const decoder = new TextDecoder();
  return tokens.map((token) => decoder.decode(new Uint8Array(token.bytes ?? []), { stream: true }));
}

const percent = (logprob) => {
  const share = Math.exp(logprob) * 100;
  return share >= 99.95 ? "100 %" : share >= 0.1 ? `${share.toFixed(1)} %` : "< 0.1 %";
};

const bucket = (logprob) => Math.min(4, Math.floor(-logprob / 0.7));

/** A token in words, spaces and line ends made visible. */
const visible = (text) => text.replaceAll("\n", "⏎").replaceAll(" ", "␣") || "∅";

/** An answer token by token. */
export function doubted(tokens) {
  const shown = texts(tokens);
  const made = element("div", { class: "tokens", role: "group", "aria-label": "Tokens; arrow keys go from one to the next" });
  tokens.forEach((token, index) => {
    made.append(element("span", {
      class: `token doubt-${bucket(token.logprob)}`, tabindex: index === 0 ? 0 : -1, "data-index": index,
    }, shown[index]));
  });
  const show = (event) => {
    const index = event.target.dataset?.index;
    if (index !== undefined) showTip(event.target, tokens[index]);
  };
  made.addEventListener("pointerover", show);
  made.addEventListener("focusin", show);
  made.addEventListener("pointerleave", hideTip);
  made.addEventListener("focusout", hideTip);
  made.addEventListener("keydown", (event) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    const to = step && made.children[Number(event.target.dataset.index) + step];
    if (event.key === "Escape") hideTip();
    if (!to) return;
    event.preventDefault();
    event.target.tabIndex = -1;
    to.tabIndex = 0;
    to.focus();
  });
  return made;
}

function showTip(over, token) {
  const tip = byId("doubt");
  const row = (entry, isTaken) => element("tr", isTaken ? { class: "taken" } : {},
    element("td", {}, element("code", {}, visible(entry.token))), element("td", {}, percent(entry.logprob)));
  const others = token.top_logprobs.filter((other) => other.token !== token.token);
  tip.replaceChildren(element("table", {}, element("caption", {}, "Could have come here"),
    element("tbody", {}, row(token, true), ...others.map((other) => row(other, false)))));
  tip.hidden = false;
  over.setAttribute("aria-describedby", "doubt");
  const place = over.getBoundingClientRect();
  const size = tip.getBoundingClientRect();
  const below = place.bottom + 6 + size.height < innerHeight;
  tip.style.left = `${Math.max(6, Math.min(place.left, innerWidth - size.width - 6))}px`;
  tip.style.top = `${below ? place.bottom + 6 : Math.max(6, place.top - size.height - 6)}px`;
}

export function hideTip() { byId("doubt").hidden = true; }
addEventListener("scroll", hideTip, { capture: true, passive: true });
