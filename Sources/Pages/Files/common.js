// What the pages share: elements made of text, requests, streams, and the settings by which tokens are drawn.

/** An element. Children are elements or text; text never becomes markup. */
export function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") made.addEventListener(name, value);
    else if (value === true) made.setAttribute(name, "");
    else if (value !== false && value != null) made.setAttribute(name, String(value));
  }
  made.append(...children.filter((child) => child != null));
  return made;
}

export const byId = (id) => document.getElementById(id);

/** Says something to screen readers. */
export function announce(text) { byId("status").textContent = text; }

/** Shows what went wrong, or hides it. */
export function problem(text) {
  byId("problem").hidden = !text;
  byId("problem").textContent = text ?? "";
}

/** A number that no other request has, and that JSON keeps exactly. */
export function newSeed() {
  const [high, low] = crypto.getRandomValues(new Uint32Array(2));
  return (high & 0x1fffff) * 2 ** 32 + low;
}

/** A name for a judgment, by which sending it twice keeps it once. */
export const newKey = () => Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) =>
  byte.toString(16).padStart(2, "0")).join("");

// MARK: Requests

function askForKey() {
  const dialog = byId("key");
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => {
      sessionStorage.setItem("key", dialog.querySelector("input").value);
      resolve();
    }, { once: true });
    dialog.showModal();
  });
}

/** The answer to a request, with the key once it is known; what is no success is thrown with the server's words. */
async function ask(path, body, signal) {
  for (;;) {
    const headers = body === undefined ? {} : { "content-type": "application/json" };
    const key = sessionStorage.getItem("key");
    if (key) headers.authorization = `Bearer ${key}`;
    const response = await fetch(path, {
      method: body === undefined ? "GET" : "POST", headers, signal,
      body: body === undefined ? undefined : JSON.stringify(body),
    });
    if (response.ok) return response;
    if (response.status === 401) { await askForKey(); continue; }
    const answer = await response.json().catch(() => null);
    throw new Error(answer?.error?.message ?? `the server answered ${response.status}`);
  }
}

export async function request(path, body) { return (await ask(path, body)).json(); }

/** Calls `receive` with each value of a stream of events. */
export async function stream(path, body, receive, signal) {
  const response = await ask(path, { ...body, stream: true }, signal);
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  for (;;) {
    const { done, value } = await reader.read();
    if (done) throw new Error("the server broke off");
    const events = (rest + value).split("\n\n");
    rest = events.pop();
    for (const event of events) {
      if (event === "data: [DONE]") return;
      const json = JSON.parse(event.slice("data: ".length));
      if (json.error) throw new Error(json.error.message);
      receive(json);
    }
  }
}

// MARK: Settings

const fields = [
  ["temperature", "Temperature", 0, 2, 0.1, "1"], ["top_p", "Top p", 0, 1, 0.05, ""],
  ["top_k", "Top k", 0, 1000000, 1, ""], ["min_p", "Min p", 0, 1, 0.01, ""],
  ["max_tokens", "Most tokens", 1, 100000, 1, "200"], ["seed", "Seed", 0, Number.MAX_SAFE_INTEGER, 1, ""],
];

/** Puts fields for how tokens are drawn into an element, and gives what reads them. */
export function samplingFields(into, without = []) {
  const inputs = new Map();
  for (const [name, label, min, max, step, value] of fields) {
    if (without.includes(name)) continue;
    const input = element("input", { type: "number", name, min, max, step, value, placeholder: name === "seed" ? "new" : "off" });
    input.value = sessionStorage.getItem(name) ?? value;
    input.addEventListener("change", () => sessionStorage.setItem(name, input.value));
    inputs.set(name, input);
    into.append(element("label", {}, label, " ", input));
  }
  return () => {
    const sampling = {};
    for (const [name, input] of inputs) if (input.value !== "" && input.checkValidity()) sampling[name] = Number(input.value);
    return sampling;
  };
}

/** The names of the models that are served. */
export async function models() { return (await request("/v1/models")).data.map((model) => model.id); }

/** Opens the settings where there is room for them. */
export function openWideSettings() { if (matchMedia("(min-width: 60rem)").matches) byId("settings").open = true; }

for (const link of document.querySelectorAll("nav a")) {
  if (link.pathname === location.pathname) link.setAttribute("aria-current", "page");
}
